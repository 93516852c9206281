import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { fromUtf8, utf8 } from '../../../contract/channel/bytes.ts';
import { ChannelError } from '../../../contract/channel/channel-error.ts';
import { CHANNEL_PROTOCOL, respond, type Responded } from '../../../contract/channel/channel-handshake.ts';
import { CLOSE_REFUSED, MAX_PIPE_FRAME } from '../../../contract/channel/frame-pipe.ts';
import { sasCode, type SecureChannel } from '../../../contract/channel/secure-channel.ts';
import { DevicePairingMessage, type HostPairingMessage } from '../../../contract/pairing.ts';
import { MAX_MESSAGE_BYTES, type GoodbyeReason, type HostMessage } from '../../../contract/wire.ts';
import type { Clock, Log, RandomSource } from '../../kernel/ports.ts';
import type { Backlog } from '../../kernel/state-feed.ts';
import { serveDeviceSession, type DeviceSession } from './device-session.ts';
import { endAll } from './end-all.ts';
import { addressOf, createHandshakeLimits } from './handshake-limits.ts';
import type { DeviceDoor, DeviceIdentity } from './ports.ts';
import { socketPipe } from './socket-pipe.ts';

const PING_MS = 25_000;

export interface DeviceChannel {
  /** Takes an upgrade of /e2e. The socket needs no token: the handshake inside proves who is there. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Resolves when every device has been seen off, so that what they leave behind is still written. */
  stop(): Promise<void>;
}

type Pair = Extract<Responded, { mode: 'pair' }>;
type Session = Extract<Responded, { mode: 'session' }>;

/** The encrypted channel of the phone: one WebSocket, one Noise session, then the same messages as everywhere. */
export function createDeviceChannel(deps: {
  identity: DeviceIdentity;
  door: DeviceDoor;
  clock: Clock;
  random: RandomSource;
  log: Log;
  /** Somebody knocked who may not come in. */
  refused(): void;
}): DeviceChannel {
  const { identity, door, clock, random, log, refused } = deps;
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_PIPE_FRAME,
    handleProtocols: (offered) => (offered.has(CHANNEL_PROTOCOL) ? CHANNEL_PROTOCOL : false),
  });
  const sessions = new Set<(reason: GoodbyeReason) => void>();
  const limits = createHandshakeLimits(clock);

  async function accept(socket: WebSocket, address: string): Promise<void> {
    const place = limits.begin(address);
    if (!place) {
      socket.on('error', () => socket.terminate());
      socket.close(CLOSE_REFUSED);
      return;
    }
    const { pipe, backlog } = socketPipe(socket);
    try {
      const [hostKey, ...olderHostKeys] = await identity.open();
      if (!hostKey) throw new Error('this host has no key');
      const responded = await respond({
        pipe,
        hostKey,
        olderHostKeys,
        random: (count) => random.bytes(count),
        schedule: (delay, run) => clock.after(delay, run),
        lookup: (claim) => identity.pskFor(claim),
        onVerified: (opening) => identity.verified(opening),
        onRefused: (claim) => identity.unproven(claim),
      });
      keepAlive(socket);
      if (responded.mode === 'pair') servePairing(responded);
      else serveSession(responded, backlog);
    } catch (error) {
      if (error instanceof ChannelError && error.code === 'refused') {
        place.refused();
        refused();
      }
      log.info({ error: String(error) }, 'a device was refused');
      socket.close(CLOSE_REFUSED);
    } finally {
      place.done();
    }
  }

  function keepAlive(socket: WebSocket): void {
    let alive = true;
    socket.on('pong', () => (alive = true));
    const timer = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    }, PING_MS);
    timer.unref();
    socket.on('close', () => clearInterval(timer));
  }

  function servePairing({ channel, remoteStatic, payload }: Pair): void {
    const session = identity.pair({
      publicKey: remoteStatic,
      payload,
      checkCode: sasCode(channel.handshakeHash),
      say: sayOn(channel),
      close: () => channel.close(),
    });
    channel.onClose(() => session.gone());
    channel.onMessage((bytes) => {
      if (DevicePairingMessage.safeParse(JSON.parse(fromUtf8(bytes))).success) session.stored();
      channel.close();
    });
  }

  function serveSession({ channel, remoteStatic, hostPublicKey }: Session, backlog: Backlog): void {
    let session: DeviceSession | null = null;
    const end = (reason: GoodbyeReason) => session?.hangUp(reason);
    const device = identity.connect(remoteStatic, hostPublicKey, {
      end,
      rotate: (keys) => session?.say({ type: 'rotate', ...keys }),
    });
    if (device === null) return channel.close();
    if (device === 'away') return serveRenewal(channel, remoteStatic);
    sessions.add(end);
    session = serveDeviceSession({
      ...{ channel, caller: device.caller, door, backlog },
      rotated: () => device.rotated(),
      gone() {
        sessions.delete(end);
        device.gone();
      },
    });
    device.ready();
  }

  /** Nothing is behind this channel until the owner has compared its code; the device then connects anew. */
  function serveRenewal(channel: SecureChannel, publicKey: Uint8Array): void {
    const say = sayOn(channel);
    const request = identity.renew({
      publicKey,
      checkCode: sasCode(channel.handshakeHash),
      say,
      close: () => channel.close(),
    });
    channel.onClose(() => request.gone());
    channel.onMessage((bytes) => {
      if (bytes.length > MAX_MESSAGE_BYTES) throw new RangeError('the message is too long');
      if (isPing(JSON.parse(fromUtf8(bytes)))) say({ type: 'pong' });
    });
  }

  return {
    handleUpgrade(req, socket, head) {
      const address = addressOf(req);
      server.handleUpgrade(req, socket, head, (webSocket) => void accept(webSocket, address));
    },
    async stop() {
      server.close();
      for (const end of sessions) end('stopping');
      await endAll(server.clients);
    },
  };
}

/** Says something if there is still somebody to say it to. */
function sayOn(channel: SecureChannel) {
  return (message: HostPairingMessage | HostMessage): void => {
    try {
      channel.send(utf8(JSON.stringify(message)));
    } catch {
      channel.close();
    }
  };
}

function isPing(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ping';
}
