import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { accessSync, constants as access, statSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import type { IPty } from '@lydell/node-pty';
import type { PipeReader } from './run-pipes.ts';

const FIRST_SIZE = { columns: 80, rows: 24 };

export interface TerminalOrder {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program on a terminal of its own, which is also its session: it ends with the terminal, so it cannot outlive the shim. */
export interface Terminal {
  readonly pid: number;
  read(take: (bytes: Uint8Array) => void): PipeReader;
  /** All that it printed was read by then. */
  onExit(run: (code: number | null, signal: string | null) => void): void;
  type(text: string): void;
  resize(columns: number, rows: number): void;
}

/**
 * @throws Error with `code` ENOENT when there is no such program or folder: the program is looked up here, because a
 *   terminal would show the failure as output of a program that ran
 */
export async function openTerminal({ argv, cwd, env }: TerminalOrder): Promise<Terminal> {
  const [program = '', ...args] = argv;
  if (!isFolder(cwd) || findProgram(program, cwd, env['PATH']) === null) {
    throw Object.assign(new Error(program), { code: 'ENOENT' });
  }
  // Loaded with the first terminal: it is native code, and most hosts never need it.
  const { spawn } = await import('@lydell/node-pty');
  const pty = spawn(program, args, {
    name: 'xterm-256color',
    cols: FIRST_SIZE.columns,
    rows: FIRST_SIZE.rows,
    cwd,
    env: { TERM: 'xterm-256color', ...env },
    encoding: null,
  });
  const output = readWhole(pty);
  const exited = new Promise<{ exitCode: number; signal?: number }>((done) => pty.onExit(done));
  return {
    pid: pty.pid,
    read(take) {
      let count = 0;
      output.take = (bytes) => {
        count += bytes.length;
        take(bytes);
      };
      let giveUp = () => {};
      const given = new Promise<void>((done) => (giveUp = done));
      return { ended: Promise.race([exited.then(() => {}), given]), count: () => count, giveUp };
    },
    onExit(run) {
      void exited.then(({ exitCode, signal }) => {
        const name = signalName(signal);
        run(name === null ? exitCode : null, name);
      });
    },
    type: (text) => pty.write(text),
    resize: (columns, rows) => pty.resize(columns, rows),
  };
}

/** What of the library's terminal is not in its types. */
interface Inner {
  readonly ptsName?: string;
  readonly _socket?: { destroy(): void };
}

const LOOK_MS = 10;
const LOOKS = 200;

/**
 * Sees to it that the end of the output arrives. When the last program lets go of a terminal, Node takes the hang-up
 * for the end although bytes are still on their way. So the program's side is held open here as well, and once the
 * program has ended a mark is written to it: all that stands before the mark was read.
 */
function readWhole(pty: IPty): { take: (bytes: Uint8Array) => void } {
  const { ptsName, _socket: socket } = pty as unknown as Inner;
  const output = { take: (_bytes: Uint8Array) => {} };
  const end = randomBytes(24).toString('hex');
  let held = Buffer.alloc(0);
  let marked = false;
  let drained = () => {};

  function hear(piece: Buffer): void {
    if (!marked) return output.take(piece);
    held = Buffer.concat([held, piece]);
    const at = held.indexOf(end);
    if (at >= 0) {
      output.take(held.subarray(0, at));
      return drained();
    }
    // The mark may have begun: so much is kept back.
    const sure = Math.max(0, held.length - end.length);
    output.take(held.subarray(0, sure));
    held = held.subarray(sure);
  }
  pty.onData((piece: unknown) => hear(Buffer.isBuffer(piece) ? piece : Buffer.from(String(piece))));
  if (ptsName === undefined || !socket) return output;

  const { O_RDWR, O_NOCTTY, O_NONBLOCK } = fs.constants;
  const side = fs.openSync(ptsName, O_RDWR | O_NOCTTY | O_NONBLOCK);
  const destroy = socket.destroy.bind(socket);
  // The library calls this once the program has ended.
  socket.destroy = () => {
    if (marked) return;
    marked = true;
    let looks = 0;
    const over = (): void => {
      clearInterval(look);
      fs.closeSync(side);
      if (held.length > 0 && !held.includes(end)) output.take(held);
      destroy();
    };
    drained = over;
    let written = 0;
    const look = setInterval(() => {
      looks += 1;
      try {
        if (written < end.length) written += fs.writeSync(side, end.slice(written));
      } catch {
        // Full, or stopped by its user: the reader may still make room.
      }
      if (looks > LOOKS) over();
    }, LOOK_MS);
  };
  return output;
}

/** A terminal has one stream. */
export const noPipe: PipeReader = { ended: Promise.resolve(), count: () => 0, giveUp: () => {} };

function signalName(number: number | undefined): string | null {
  if (number === undefined || number === 0) return null;
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** As execvp(3) would find it. */
function findProgram(program: string, cwd: string, path = ''): string | null {
  const places = program.includes('/')
    ? [isAbsolute(program) ? program : resolve(cwd, program)]
    : path.split(delimiter).map((folder) => join(folder, program));
  return places.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, access.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
