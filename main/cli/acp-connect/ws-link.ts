import { WebSocket, type RawData } from 'ws';
import type { Clock } from '../../kernel/ports.ts';
import { Failure } from '../failure.ts';
import type { Cookies } from './cookies.ts';
import {
  CLOSE_MS,
  DIAL_MS,
  HIGH_WATER,
  LOW_WATER,
  MAX_FRAME,
  PING_MS,
  type Dial,
  type LinkEnd,
  type LinkEvents,
  type RemoteLink,
} from './link.ts';
import { refusal, tooSlow, unreachable } from './refusal.ts';

/** Codes after which the same connection would end the same way. */
const FOR_GOOD = [1002, 1003, 1007, 1008, 1009, 1010];

export interface RemoteDeps {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: Cookies;
  readonly clock: Clock;
}

/** ACP over WebSocket: one message a text frame. */
export function webSocketDial({ url, headers, cookies, clock }: RemoteDeps): Dial {
  return async (events) => {
    const cookie = cookies.header();
    const socket = new WebSocket(url, {
      headers: { ...headers, ...(cookie !== null && { cookie }) },
      maxPayload: MAX_FRAME,
      perMessageDeflate: false,
    });
    socket.on('upgrade', (response) => cookies.take(response.headers['set-cookie']));
    await opened(socket, url, clock);
    return join(socket, url, clock, events);
  };
}

function opened(socket: WebSocket, url: URL, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (failure: Failure) => {
      stop();
      socket.on('error', () => {});
      socket.terminate();
      reject(failure);
    };
    const stop = clock.after(DIAL_MS, () => fail(tooSlow(url, 'open the connection', DIAL_MS)));
    socket.once('error', (error) => fail(unreachable(url, error.message)));
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      fail(refusal(response.statusCode ?? 0, url));
    });
    socket.once('open', () => {
      stop();
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

function join(socket: WebSocket, url: URL, clock: Clock, events: LinkEvents): RemoteLink {
  let isFull = false;
  const pulse = keepAlive(socket, clock);
  // What a broken connection says of itself is told by the code of its end.
  socket.on('error', () => socket.terminate());
  socket.on('message', (data: RawData, isBinary: boolean) => {
    // ACP has no binary frames: they are ignored, as the transport draft says.
    if (!isBinary) events.onFrame(bytesOf(data));
  });
  const closed = new Promise<void>((resolve) => {
    socket.once('close', (code, reason) => {
      pulse.stop();
      resolve();
      events.onEnd(endOf(url, code, reason.toString('utf8')));
    });
  });
  const drained = () => {
    if (!isFull || socket.bufferedAmount > LOW_WATER) return;
    isFull = false;
    events.onDrain();
  };
  return {
    send(frame) {
      socket.send(frame, { binary: false }, drained);
      isFull ||= socket.bufferedAmount > HIGH_WATER;
      return !isFull;
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    roundTripMs: pulse.roundTripMs,
    async close() {
      // A socket that is not read does not see the answer to its goodbye.
      socket.resume();
      socket.close(1000);
      const stop = clock.after(CLOSE_MS, () => socket.terminate());
      await closed;
      stop();
    },
  };
}

function endOf(url: URL, code: number, reason: string): LinkEnd {
  const words = reason === '' ? `${code}` : `${code}, ${reason}`;
  if (code === 1000 || code === 1005)
    return { kind: 'done', failure: new Failure('unavailable', `the agent at ${url.host} has ended`) };
  const failure = new Failure('unavailable', `the connection to ${url.host} ended (${words})`);
  return { kind: FOR_GOOD.includes(code) ? 'refused' : 'lost', failure };
}

/** Ends a connection on which neither a message nor an answer to a ping came for two beats. */
function keepAlive(socket: WebSocket, clock: Clock): { stop(): void; roundTripMs(): number | null } {
  let silent = 0;
  let asked: number | null = null;
  let roundTrip: number | null = null;
  const alive = () => (silent = 0);
  socket.on('message', alive);
  socket.on('ping', alive);
  socket.on('pong', () => {
    alive();
    if (asked !== null) roundTrip = clock.monotonic() - asked;
    asked = null;
  });
  const ask = () => {
    asked = clock.monotonic();
    socket.ping();
  };
  let stop = clock.after(PING_MS, beat);
  ask();
  function beat(): void {
    // While nobody reads, answers are not seen either.
    silent = socket.isPaused ? 0 : silent + 1;
    if (silent > 2) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) {
      ask();
      stop = clock.after(PING_MS, beat);
    }
  }
  return { stop: () => stop(), roundTripMs: () => roundTrip };
}

function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
