import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { isBad, readEnvelope } from '../../acp/envelope.ts';
import { errorAnswer } from '../../acp/json-rpc.ts';
import type { Clock } from '../../kernel/ports.ts';
import { ENDINGS, type Ending } from './ending.ts';
import { createGather } from './gather.ts';
import { HIGH_WATER, OPEN_MS } from './limits.ts';
import type { Carrier, Link } from './link.ts';
import { createStallWatch } from './stall-watch.ts';

const PING_MS = 20_000;
/** A client that does not answer the close is cut off. */
const CLOSE_MS = 1000;

export interface SocketDeps {
  readonly socket: WebSocket;
  /** The stream under the socket, from the upgrade. */
  readonly stream: Duplex;
  readonly clock: Clock;
  /** Starts the agent, once the client has said what it must say first. Rejects when it cannot be started. */
  readonly open: (carrier: Carrier, drained: () => void) => Promise<Link>;
  /** The connection is over, and why; called once. */
  readonly over: (ending: Ending) => void;
}

export interface SocketConnection {
  close(ending: Ending): void;
}

/**
 * One WebSocket joined to one agent: a text frame is one message. Whoever is slow slows the other down. The socket may
 * come paused, so that nothing of it is missed.
 */
export function serveSocket(deps: SocketDeps): SocketConnection {
  const { socket, stream, clock } = deps;
  let link: Link | null = null;
  let begun = false;
  let ended = false;
  /** What came while the agent was being started; the socket is paused by then, so it is little. */
  const early: Buffer[] = [];

  function over(ending: Ending): void {
    if (ended) return;
    ended = true;
    slow.end();
    stopPinging();
    stopWaiting();
    deps.over(ending);
  }

  function close(ending: Ending): void {
    over(ending);
    // What still comes is dropped, and read on so that the answer to the close is seen.
    socket.resume();
    toClient.flush();
    socket.close(ending.code, ending.words);
    clock.after(CLOSE_MS, () => socket.terminate());
  }

  const toClient = createGather(stream, () => socket.readyState === socket.OPEN);
  const slow = createStallWatch(clock, toClient.waiting, () => close(ENDINGS.clientStalled));

  /** The client has taken all there was. */
  function taken(): void {
    slow.end();
    link?.release();
    if (link !== null && !agentFull) socket.resume();
  }

  function send(line: Buffer): void {
    toClient.add(textFrameHead(line.length), line);
    if (toClient.waiting() <= HIGH_WATER) return;
    slow.begin();
    link?.hold();
    // Nobody is answered who does not read the answers.
    socket.pause();
  }

  const carrier: Carrier = { deliver: send };

  let agentFull = false;
  function take(frame: Buffer): void {
    if (ended || link === null) return;
    const { verdict, full } = link.receive(frame);
    if (verdict.to === 'client') send(verdict.answer);
    if (!full) return;
    agentFull = true;
    socket.pause();
  }

  function drained(): void {
    agentFull = false;
    if (toClient.waiting() <= HIGH_WATER) socket.resume();
  }

  async function begin(first: Buffer): Promise<void> {
    begun = true;
    stopWaiting();
    socket.pause();
    const read = readEnvelope(first);
    if (isBad(read)) send(errorAnswer(null, read.code, read.message));
    if (isBad(read) || read.method !== 'initialize' || read.id === null) {
      close(ENDINGS.notAcp);
      return;
    }
    try {
      link = await deps.open(carrier, drained);
    } catch {
      send(errorAnswer(read.id, -32603, ENDINGS.notStarted.words));
      close(ENDINGS.notStarted);
      return;
    }
    take(first);
    for (const frame of early.splice(0)) take(frame);
    if (!agentFull) socket.resume();
  }

  socket.on('message', (data, isBinary) => {
    // ACP has no binary frames; they are ignored, as the transport draft says.
    if (isBinary || ended) return;
    const frame = bytesOf(data);
    if (link !== null) take(frame);
    else if (begun) early.push(frame);
    else void begin(frame);
  });
  stream.on('drain', taken);
  socket.on('error', () => socket.terminate());
  socket.once('close', (code) => over(code === 1006 ? ENDINGS.clientGone : ENDINGS.clientClosed));
  const stopWaiting = clock.after(OPEN_MS, () => close(ENDINGS.silent));
  const stopPinging = keepAlive(socket, clock, () => {
    over(ENDINGS.clientGone);
    socket.terminate();
  });
  // It may have gone before anybody listened.
  if (socket.readyState === socket.CLOSED) over(ENDINGS.clientGone);
  socket.resume();
  return { close };
}

/**
 * Finds out a client that does not answer a ping within 20 seconds. While the socket is paused no answer can be read:
 * then the watch over who is slow decides. Returns how to stop.
 */
function keepAlive(socket: WebSocket, clock: Clock, gone: () => void): () => void {
  let silent = 0;
  let stop = clock.after(PING_MS, beat);
  socket.on('pong', () => (silent = 0));
  function beat(): void {
    silent = socket.isPaused ? 0 : silent + 1;
    if (silent > 1) {
      gone();
      return;
    }
    if (socket.readyState === socket.OPEN) socket.ping();
    stop = clock.after(PING_MS, beat);
  }
  return () => stop();
}

function bytesOf(data: Buffer | ArrayBuffer | Buffer[]): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/**
 * The head of an unmasked text frame (RFC 6455, 5.2). The library would write head and message as two pieces for each
 * message; here all that is due goes out in one.
 */
function textFrameHead(length: number): Buffer {
  const head = Buffer.allocUnsafe(length < 126 ? 2 : length < 65_536 ? 4 : 10);
  head[0] = 0x81;
  head[1] = length < 126 ? length : length < 65_536 ? 126 : 127;
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}
