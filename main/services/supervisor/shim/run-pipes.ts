import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import * as fs from 'node:fs';
import { Socket, type ConnectOpts, type SocketConstructorOpts } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { LogStreamName } from '../../../../contract/process-logs.ts';

/** Pipes hold 64 KiB: more cannot come at once. */
const BUFFER = Buffer.alloc(65_536);
/** A piece smaller than this is followed by a short pause, so that a program that prints line by line costs little. */
const SMALL_PIECE = 16_384;
const PAUSE_MS = 4;

/** The three pipes of a run. They have names, so that they outlive the shim: a new one opens them again. */
export interface RunPipes {
  readonly stdin: string;
  readonly stdout: string;
  readonly stderr: string;
}

export function pipesOf(folder: string, run: string): RunPipes {
  return {
    stdin: join(folder, `${run}.in`),
    stdout: join(folder, `${run}.out`),
    stderr: join(folder, `${run}.err`),
  };
}

/** Node cannot make a named pipe; `mkfifo` of POSIX can. @throws Error when it is missing or the disk is full */
async function makePipes(pipes: RunPipes): Promise<void> {
  const maker = spawn('mkfifo', ['-m', '600', pipes.stdin, pipes.stdout, pipes.stderr], { stdio: 'ignore' });
  await new Promise<void>((resolve, reject) => {
    maker.once('error', reject);
    maker.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error('the pipes of the process cannot be made')),
    );
  });
}

export function removePipes(pipes: RunPipes): void {
  for (const path of [pipes.stdin, pipes.stdout, pipes.stderr]) fs.rmSync(path, { force: true });
}

/**
 * The ends for the child, open for reading and writing: there is always a reader, so a shim that dies costs the child
 * no SIGPIPE, and its standard input never ends.
 */
export function openChildEnds(pipes: RunPipes): { fds: [number, number, number]; close(): void } {
  const fds: number[] = [];
  const close = () => {
    for (const fd of fds.splice(0)) fs.closeSync(fd);
  };
  try {
    for (const path of [pipes.stdin, pipes.stdout, pipes.stderr]) {
      fds.push(fs.openSync(path, fs.constants.O_RDWR));
    }
  } catch (error) {
    close();
    throw error;
  }
  const [stdin = -1, stdout = -1, stderr = -1] = fds;
  return { fds: [stdin, stdout, stderr], close };
}

/** The three pipes of a new run, in the way of this system. */
export interface ChildPipes {
  readonly stdio: StdioOptions;
  read(child: ChildProcess, stream: LogStreamName, take: (bytes: Uint8Array) => void): PipeReader;
  /** The child has its ends, or will never have them. */
  passedOn(): void;
}

/** Named pipes where the file system has them; elsewhere those of Node, which end with the shim. */
export async function childPipes(pipes: RunPipes): Promise<ChildPipes> {
  if (process.platform === 'win32') {
    return {
      stdio: ['pipe', 'pipe', 'pipe'],
      read: (child, stream, take) => readStream(child[stream], take),
      passedOn: () => {},
    };
  }
  await makePipes(pipes);
  const ends = openChildEnds(pipes);
  return {
    stdio: ends.fds,
    read: (_child, stream, take) => readPipe(pipes[stream], take),
    passedOn: ends.close,
  };
}

function readStream(stream: Readable | null, take: (bytes: Uint8Array) => void): PipeReader {
  let count = 0;
  stream?.on('data', (bytes: Buffer) => {
    count += bytes.length;
    take(bytes);
  });
  stream?.on('error', () => stream.destroy());
  const ended = new Promise<void>((resolve) => (stream ? stream.once('close', () => resolve()) : resolve()));
  return { ended, count: () => count, giveUp: () => void stream?.destroy() };
}

export interface PipeReader {
  /** Everybody who could write has closed it, and all of it was read; or it was given up. */
  readonly ended: Promise<void>;
  /** Bytes so far. */
  count(): number;
  giveUp(): void;
}

/**
 * Reads a pipe to its end. The bytes are valid only during the call of `take`: all pipes share one buffer.
 * A writer must hold the pipe open when this is called; otherwise it ends at once.
 */
export function readPipe(path: string, take: (bytes: Uint8Array) => void): PipeReader {
  const fd = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  let count = 0;
  let pause: NodeJS.Timeout | undefined;
  const options: SocketConstructorOpts & ConnectOpts = {
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer: BUFFER,
      callback(length, buffer) {
        count += length;
        take(buffer.subarray(0, length));
        if (length >= SMALL_PIECE) return true;
        pause = setTimeout(() => socket.resume(), PAUSE_MS);
        return false;
      },
    },
  };
  const socket = new Socket(options);
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.on('error', () => socket.destroy());
  socket.on('end', () => socket.destroy());
  socket.resume();
  return {
    ended,
    count: () => count,
    giveUp() {
      clearTimeout(pause);
      socket.destroy();
    },
  };
}
