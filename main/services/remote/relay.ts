import type { WebSocket } from 'ws';
import type { Clock } from '../../kernel/ports.ts';
import { asLine, isInitialize } from './first-frame.ts';
import { createLineSplitter } from './line-splitter.ts';
import type { AgentProcess } from './ports.ts';

export const MAX_FRAME = 8 * 1024 * 1024;
const HIGH_WATER = 1024 * 1024;
const LOW_WATER = 256 * 1024;
const PING_MS = 20_000;
const OPEN_MS = 10_000;

export interface RelayDeps {
  readonly socket: WebSocket;
  readonly clock: Clock;
  /** Starts the agent, once the client has said what it must say first. */
  readonly launch: () => Promise<AgentProcess>;
}

/**
 * One WebSocket joined to one agent: a text frame is a line on its stdin, a line of its stdout is a text frame, and
 * after the first frame neither is parsed. Whoever is slow slows the other down. A socket may come paused, so that
 * nothing of it is missed. Resolves when it is closed and no process of the agent is left.
 */
export async function relay({ socket, clock, launch }: RelayDeps): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    // It may have gone before anybody listened.
    if (socket.readyState === socket.CLOSED) resolve();
    else socket.once('close', () => resolve());
  });
  socket.on('error', () => socket.terminate());
  const stopPinging = keepAlive(socket, clock);
  const frames = collectFrames(socket);
  socket.resume();
  const stopWaiting = clock.after(OPEN_MS, () => socket.close(1002, 'initialize was expected'));
  const opened = await Promise.race([frames.first, closed.then(() => false)]);
  stopWaiting();
  if (opened) await serveAgent(socket, frames, launch, closed);
  else dismiss(socket, frames, 1002, 'the first message must be an initialize request');
  await closed;
  stopPinging();
}

async function serveAgent(
  socket: WebSocket,
  frames: Frames,
  launch: RelayDeps['launch'],
  closed: Promise<void>,
): Promise<void> {
  let agent: AgentProcess;
  try {
    agent = await launch();
  } catch {
    dismiss(socket, frames, 1011, 'the agent could not be started');
    return;
  }
  try {
    join(socket, agent, frames);
    await closed;
  } finally {
    agent.stdin.end();
    await agent.stop();
  }
}

/** Closes without an agent: what still comes is dropped, and read on so that the answer to the close is seen. */
function dismiss(socket: WebSocket, frames: Frames, code: number, reason: string): void {
  frames.deliverTo(() => {});
  socket.resume();
  socket.close(code, reason);
}

interface Frames {
  /** Whether the first frame was an `initialize` request; the socket is paused behind it. */
  readonly first: Promise<boolean>;
  /** Hands over all frames, those first that came meanwhile. */
  deliverTo(take: (frame: Buffer) => void): void;
}

/** Several frames may arrive in one piece, so they are kept from the beginning. */
function collectFrames(socket: WebSocket): Frames {
  const kept: Buffer[] = [];
  let take = (frame: Buffer): void => void kept.push(frame);
  let seen = false;
  const first = new Promise<boolean>((resolve) => {
    socket.on('message', (data, isBinary) => {
      const frame = bytesOf(data);
      if (!seen) {
        seen = true;
        socket.pause();
        resolve(!isBinary && isInitialize(frame.toString('utf8')));
      }
      // ACP has no binary frames; they are ignored, as the transport draft says.
      if (!isBinary) take(frame);
    });
  });
  return {
    first,
    deliverTo(next) {
      for (const frame of kept.splice(0)) next(frame);
      take = next;
    },
  };
}

function join(socket: WebSocket, agent: AgentProcess, frames: Frames): void {
  const { stdin, stdout, stderr } = agent;
  stderr.resume();

  function toClient(line: Buffer): void {
    // Programs print notices; a message is an object, or a batch of them.
    if (line[0] !== 0x7b && line[0] !== 0x5b) return;
    socket.send(line, { binary: false }, () => {
      if (stdout.isPaused() && socket.bufferedAmount < LOW_WATER) stdout.resume();
    });
    if (socket.bufferedAmount > HIGH_WATER) stdout.pause();
  }

  const split = createLineSplitter({
    maxBytes: MAX_FRAME,
    onLine: toClient,
    onTooLong: () => socket.close(1009, 'a message of the agent was larger than 8 MiB'),
  });
  stdout.on('data', split);
  stdout.once('error', () => {});
  // Its last words come before its end: the end of stdout, not of the process, closes the connection.
  stdout.once(
    'close',
    () => void agent.exited.then(({ code }) => socket.close(code === 0 ? 1000 : 1011, 'the agent ended')),
  );

  stdin.on('drain', () => socket.resume());
  frames.deliverTo((frame) => {
    if (stdin.writable && !stdin.write(asLine(frame))) socket.pause();
  });
  if (!stdin.writableNeedDrain) socket.resume();
}

/**
 * Ends a connection whose other side does not answer: a ping within 20 seconds, or, while the socket is paused and
 * reads no answers, its agent within a minute. Returns how to stop.
 */
function keepAlive(socket: WebSocket, clock: Clock): () => void {
  let silent = 0;
  let stop = clock.after(PING_MS, beat);
  socket.on('pong', () => (silent = 0));
  function beat(): void {
    silent += 1;
    if (silent > (socket.isPaused ? 3 : 1)) {
      socket.terminate();
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
