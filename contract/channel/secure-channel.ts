import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { readUint32, utf8 } from './bytes.ts';
import { ChannelError } from './channel-error.ts';
import { decodeFrame, encodeFrame, fragment, FRAME_SIZES, MAX_STREAMS, type Frame } from './frame-codec.ts';
import { CLOSE_NORMAL, CLOSE_REFUSED, type FramePipe } from './frame-pipe.ts';
import type { HandshakeResult } from './noise.ts';
import { createReassembly, MAX_MESSAGE } from './reassembly.ts';
import { createRekeyingCipher } from './rekeying-cipher.ts';

/**
 * How a channel ended.
 * - `local`      we closed it
 * - `peer`       the peer said so in an authentic frame: nothing it sent is missing
 * - `lost`       the pipe ended without that: the peer's last messages may be missing
 * - `violation`  a frame was forged, replayed, out of order or malformed, or a key is used up; see `error`
 * - `handler`    our own message handler threw; see `error`
 */
export interface ChannelEnd {
  readonly reason: 'local' | 'peer' | 'lost' | 'violation' | 'handler';
  readonly error?: unknown;
}

/** Two-way, ordered, authentic, confidential messages of up to 8 MiB. */
export interface SecureChannel {
  /** Unique to this session and equal on both sides; 32 bytes. */
  readonly handshakeHash: Uint8Array;
  /** Throws ChannelError `closed` after the end, `misuse` above MAX_MESSAGE or for a stream that is not 0 to 3. */
  send(message: Uint8Array, stream?: number): void;
  /** Sets the one handler. Messages that came before it was set are kept (8 MiB) and delivered at once. */
  onMessage(handler: (message: Uint8Array, stream: number) => void): void;
  /** Sets the one handler; called once, at once if the channel has already ended. */
  onClose(handler: (end: ChannelEnd) => void): void;
  /** Tells the peer that nothing is missing, ends the pipe and wipes the keys. Harmless when repeated. */
  close(): void;
}

interface ChannelParts extends Omit<HandshakeResult, 'remoteStatic'> {
  readonly pipe: FramePipe;
  /** Frames that arrived before the handshake was finished. */
  readonly early: readonly Uint8Array[];
}

/** Takes over the pipe's handlers in the same tick. Part of the handshake; not for use from outside. */
export function createSecureChannel({
  pipe,
  send,
  receive,
  handshakeHash,
  early,
}: ChannelParts): SecureChannel {
  const outgoing = createRekeyingCipher(send);
  const incoming = createRekeyingCipher(receive);
  const reassembly = createReassembly();
  const mailbox = createMailbox();
  let ended: ChannelEnd | undefined;
  let tell: ((end: ChannelEnd) => void) | undefined;

  const end = (how: ChannelEnd, code?: number): void => {
    if (ended !== undefined) return;
    ended = how;
    outgoing.destroy();
    incoming.destroy();
    reassembly.clear();
    if (code !== undefined) pipe.close(code);
    tell?.(how);
  };
  const guarded = (reason: 'violation' | 'handler', run: () => void): void => {
    try {
      run();
    } catch (error) {
      end({ reason, error }, CLOSE_REFUSED);
    }
  };
  const transmit = (frame: Frame): void => {
    pipe.send(outgoing.seal(encodeFrame(frame)));
  };
  const open = (wire: Uint8Array): Frame => {
    if (!FRAME_SIZES.includes(wire.length)) throw new ChannelError('refused', 'no frame has this size');
    return decodeFrame(incoming.open(wire));
  };
  const receiveFrame = (wire: Uint8Array): void => {
    guarded('violation', () => {
      if (ended !== undefined) return;
      const frame = open(wire);
      if (frame.type === 'close') {
        end({ reason: 'peer' }, CLOSE_NORMAL);
        return;
      }
      const message = reassembly.add(frame);
      if (message === undefined) return;
      if (mailbox.hasHandler())
        guarded('handler', () => {
          mailbox.deliver(message, frame.stream);
        });
      else mailbox.keep(message, frame.stream);
    });
  };

  pipe.onMessage(receiveFrame);
  pipe.onClose(() => {
    end({ reason: 'lost' });
  });
  for (const wire of early) receiveFrame(wire);

  return {
    handshakeHash,
    send(message, stream = 0) {
      if (ended !== undefined) throw new ChannelError('closed', 'the channel has ended');
      if (message.length > MAX_MESSAGE) throw new ChannelError('misuse', 'a message holds at most 8 MiB');
      if (!Number.isInteger(stream) || stream < 0 || stream >= MAX_STREAMS) {
        throw new ChannelError('misuse', `streams are numbered 0 to ${String(MAX_STREAMS - 1)}`);
      }
      try {
        for (const frame of fragment(stream, message)) transmit(frame);
      } catch (error) {
        // half a message or a used-up key cannot be repaired
        end({ reason: error instanceof ChannelError ? 'violation' : 'lost', error }, CLOSE_REFUSED);
        throw error;
      }
    },
    onMessage(handler) {
      guarded('handler', () => {
        mailbox.setHandler(handler, () => ended === undefined);
      });
    },
    onClose(handler) {
      tell = handler;
      if (ended !== undefined) handler(ended);
    },
    close() {
      if (ended !== undefined) return;
      guarded('violation', () => {
        transmit({ type: 'close', stream: 0, more: false, body: new Uint8Array(0) });
        end({ reason: 'local' }, CLOSE_NORMAL);
      });
    },
  };
}

type MessageHandler = (message: Uint8Array, stream: number) => void;

/** Keeps messages, up to MAX_MESSAGE bytes in all, until somebody listens. */
function createMailbox() {
  let handler: MessageHandler | undefined;
  let kept: (readonly [Uint8Array, number])[] = [];
  let keptBytes = 0;
  return {
    hasHandler: () => handler !== undefined,
    deliver: (message: Uint8Array, stream: number) => handler?.(message, stream),
    keep(message: Uint8Array, stream: number) {
      // an empty message costs memory too
      keptBytes += message.length + 64;
      if (keptBytes > MAX_MESSAGE + 64)
        throw new ChannelError('refused', 'too many messages before anybody listens');
      kept.push([message, stream]);
    },
    setHandler(next: MessageHandler, isOpen: () => boolean) {
      handler = next;
      const earlier = kept;
      kept = [];
      for (const [message, stream] of earlier) if (isOpen()) next(message, stream);
    },
  };
}

/**
 * Six digits that the owner compares on both screens before a device is admitted. A photographed code leads
 * to another handshake, hence to other digits. `handshakeHash` is the channel's.
 */
export function sasCode(handshakeHash: Uint8Array): string {
  const material = hkdf(sha256, handshakeHash, undefined, utf8('signalbox/sas/v1'), 4);
  return String(readUint32(material, 0) % 1_000_000).padStart(6, '0');
}
