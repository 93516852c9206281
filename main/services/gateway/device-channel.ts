import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { fromUtf8, utf8 } from '../../../contract/channel/bytes.ts';
import { CHANNEL_PROTOCOL, respond, type Responded } from '../../../contract/channel/channel-handshake.ts';
import { CLOSE_REFUSED, MAX_PIPE_FRAME, type FramePipe } from '../../../contract/channel/frame-pipe.ts';
import { sasCode } from '../../../contract/channel/secure-channel.ts';
import { DevicePairingMessage } from '../../../contract/pairing.ts';
import type { Clock, Log, RandomSource } from '../../kernel/ports.ts';
import { endAll } from './end-all.ts';
import type { DeviceIdentity, Door } from './ports.ts';

const MAX_HALF_OPEN = 64;
const MAX_BUFFERED = 16 * 1024 * 1024;
const PING_MS = 25_000;

export interface DeviceChannel {
  /** Takes an upgrade of /e2e. The socket needs no token: the handshake inside proves who is there. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Resolves when every device has been seen off, so that what they leave behind is still written. */
  stop(): Promise<void>;
}

/** The encrypted channel of the phone: one WebSocket, one Noise session, then the same messages as everywhere. */
export function createDeviceChannel(deps: {
  identity: DeviceIdentity;
  door: Door;
  clock: Clock;
  random: RandomSource;
  log: Log;
}): DeviceChannel {
  const { identity, door, clock, random, log } = deps;
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_PIPE_FRAME,
    handleProtocols: (offered) => (offered.has(CHANNEL_PROTOCOL) ? CHANNEL_PROTOCOL : false),
  });
  let halfOpen = 0;

  async function accept(socket: WebSocket): Promise<void> {
    if (halfOpen >= MAX_HALF_OPEN) {
      socket.close(CLOSE_REFUSED);
      return;
    }
    halfOpen += 1;
    const pipe = pipeOf(socket);
    try {
      const hostKey = await identity.open();
      const responded = await respond({
        pipe,
        hostKey,
        random: (count) => random.bytes(count),
        schedule: (delay, run) => clock.after(delay, run),
        lookup: (claim) => identity.pskFor(claim),
        onVerified: (opening) => identity.verified(opening),
        onRefused: (claim) => identity.unproven(claim),
      });
      keepAlive(socket);
      if (responded.mode === 'pair') servePairing(responded);
      else serveSession(responded);
    } catch (error) {
      log.info({ error: String(error) }, 'a device was refused');
      socket.close(CLOSE_REFUSED);
    } finally {
      halfOpen -= 1;
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

  function servePairing({ channel, remoteStatic, payload }: Extract<Responded, { mode: 'pair' }>): void {
    const session = identity.pair({
      publicKey: remoteStatic,
      payload,
      checkCode: sasCode(channel.handshakeHash),
      say: (message) => channel.send(utf8(JSON.stringify(message))),
      close: () => channel.close(),
    });
    channel.onClose(() => session.gone());
    channel.onMessage((bytes) => {
      if (DevicePairingMessage.safeParse(JSON.parse(fromUtf8(bytes))).success) session.stored();
      channel.close();
    });
  }

  function serveSession({ channel, remoteStatic }: Extract<Responded, { mode: 'session' }>): void {
    const device = identity.connect(remoteStatic, () => channel.close());
    if (!device) return channel.close();
    const connection = door.connect(device.caller, (message) => channel.send(utf8(JSON.stringify(message))));
    channel.onClose(() => {
      connection.close();
      device.gone();
    });
    channel.onMessage((bytes) => connection.receive(JSON.parse(fromUtf8(bytes))));
  }

  return {
    handleUpgrade(req, socket, head) {
      server.handleUpgrade(req, socket, head, (webSocket) => void accept(webSocket));
    },
    async stop() {
      server.close();
      await endAll(server.clients);
    },
  };
}

/** A WebSocket as the channel wants it: binary frames only, and a slow reader is hung up on, not waited for. */
function pipeOf(socket: WebSocket): FramePipe {
  let onMessage: ((frame: Uint8Array) => void) | null = null;
  const early: Uint8Array[] = [];
  socket.on('message', (data: Buffer, isBinary) => {
    if (!isBinary) return socket.close(CLOSE_REFUSED);
    const frame = new Uint8Array(data);
    if (onMessage) onMessage(frame);
    else early.push(frame);
  });
  socket.on('error', () => socket.terminate());
  return {
    send(frame) {
      if (socket.bufferedAmount > MAX_BUFFERED) socket.terminate();
      else socket.send(frame);
    },
    close: (code) => socket.close(code),
    onMessage(handler) {
      onMessage = handler;
      for (const frame of early.splice(0)) handler(frame);
    },
    onClose: (handler) => void socket.on('close', (code) => handler(code)),
  };
}
