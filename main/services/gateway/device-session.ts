import { fromUtf8, utf8 } from '../../../contract/channel/bytes.ts';
import { MAX_MESSAGE } from '../../../contract/channel/reassembly.ts';
import type { SecureChannel } from '../../../contract/channel/secure-channel.ts';
import { HostError } from '../../../contract/errors.ts';
import { MAX_MESSAGE_BYTES, type GoodbyeReason, type HostMessage } from '../../../contract/wire.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Backlog } from '../../kernel/state-feed.ts';
import type { DeviceDoor } from './ports.ts';

export interface DeviceSessionDeps {
  /** A channel whose device is proven, known and admitted. Its handlers are taken over. */
  channel: SecureChannel;
  caller: Caller;
  door: DeviceDoor;
  /** What waits in the socket below the channel; without it every message is handed over at once. */
  backlog?: Backlog;
  /** The device said that it has stored the keys that a `rotate` message brought. */
  rotated?(): void;
  /** Called once when the channel has ended, whoever ended it. */
  gone(): void;
}

export interface DeviceSession {
  /** Anything that is not an answer: `rotate`. Says nothing once the channel has ended. */
  say(message: Extract<HostMessage, { type: 'rotate' }>): void;
  /** Tells the device why, then ends the channel. Harmless when repeated. */
  hangUp(reason: GoodbyeReason): void;
}

/**
 * Serves one session of a device: `welcome` is the first message, then calls, the state stream and byte streams as on
 * every carrier. A message that is not of the contract ends the channel (`handler`). Call it in the tick in which the
 * device was looked up, so that no revocation can fall in between.
 */
export function serveDeviceSession(deps: DeviceSessionDeps): DeviceSession {
  const { channel, caller, door, backlog, rotated, gone } = deps;
  let over = false;

  const send = (message: HostMessage) => {
    if (over) return;
    try {
      channel.send(fitting(message));
    } catch {
      // The channel ends itself when its pipe fails under it, and says so to `onClose`.
      channel.close();
    }
  };

  // Before the connection is made: nothing may come in front of the welcome.
  send(door.welcome(caller));
  const connection = door.connect(caller, send, backlog);
  channel.onClose(() => {
    over = true;
    connection.close();
    gone();
  });
  channel.onMessage((bytes) => {
    if (bytes.length > MAX_MESSAGE_BYTES) throw new RangeError('the message is too long');
    const message: unknown = JSON.parse(fromUtf8(bytes));
    if (isRotated(message)) rotated?.();
    else connection.receive(message);
  });

  return {
    say: send,
    hangUp(reason) {
      send({ type: 'goodbye', reason });
      channel.close();
    },
  };
}

/** An answer that no channel can carry is told as such; the session and what else goes on in it live on. */
function fitting(message: HostMessage): Uint8Array {
  const bytes = utf8(JSON.stringify(message));
  if (bytes.length <= MAX_MESSAGE || message.type !== 'reply') return bytes;
  const error = new HostError('too_large', 'the answer is too long for one message; ask for less').toWire();
  const short: HostMessage = { ...message, reply: { ok: false, error } };
  return utf8(JSON.stringify(short));
}

function isRotated(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'rotated';
}
