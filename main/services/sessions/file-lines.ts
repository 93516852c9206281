import { constants, fstatSync, openSync, closeSync, readSync } from 'node:fs';

const PIECE = 65_536;
/** Looking for one line end backwards: most lines are short. */
const STEP_BACK = 4096;
const LINE_END = 0x0a;

/** A whole line without its end; `null` in place of one that is longer than the limit. Offsets are of the file. */
export interface FileLine {
  readonly bytes: Buffer | null;
  readonly start: number;
  /** Behind the line end. */
  readonly end: number;
}

/**
 * Opens what must be a plain file: a link is not followed, a pipe does not hang. The descriptor is closed after `use`.
 * @returns null when nothing is there
 * @throws Error when something else lies there
 */
export function withPlainFile<T>(
  file: string,
  flags: number,
  use: (descriptor: number, size: number) => T,
): T | null {
  let descriptor: number;
  try {
    descriptor = openSync(file, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const facts = fstatSync(descriptor);
    if (!facts.isFile()) throw new Error(`${file} is no plain file`);
    return use(descriptor, facts.size);
  } finally {
    closeSync(descriptor);
  }
}

/** The whole lines that begin at or behind `from`, which must be where a line begins. What has no line end is left out. */
export function* linesFrom(
  descriptor: number,
  from: number,
  size: number,
  maxLine: number,
): Generator<FileLine> {
  const line = collector(maxLine);
  let start = from;
  for (let at = from; at < size;) {
    const piece = readPiece(descriptor, at, Math.min(PIECE, size - at));
    if (piece.length === 0) return;
    for (let begin = 0; begin < piece.length;) {
      const stop = piece.indexOf(LINE_END, begin);
      line.add(piece.subarray(begin, stop < 0 ? piece.length : stop));
      if (stop < 0) break;
      const end = at + stop + 1;
      yield { bytes: line.take(), start, end };
      start = end;
      begin = stop + 1;
    }
    at += piece.length;
  }
}

/** The whole lines before `until`, the last one first. */
export function* linesBefore(descriptor: number, until: number, maxLine: number): Generator<FileLine> {
  const whole = startOfLine(descriptor, until);
  for (let end = whole; end > 0;) {
    const start = startOfLine(descriptor, end - 1);
    const length = end - 1 - start;
    yield { bytes: length > maxLine ? null : readPiece(descriptor, start, length), start, end };
    end = start;
  }
}

/** Where the line begins that holds the byte before `before`. */
function startOfLine(descriptor: number, before: number): number {
  for (let stop = before; stop > 0;) {
    const start = Math.max(0, stop - STEP_BACK);
    const at = readPiece(descriptor, start, stop - start).lastIndexOf(LINE_END);
    if (at >= 0) return start + at + 1;
    stop = start;
  }
  return 0;
}

function readPiece(descriptor: number, from: number, length: number): Buffer {
  const buffer = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const bytes = readSync(descriptor, buffer, filled, length - filled, from + filled);
    if (bytes === 0) break;
    filled += bytes;
  }
  return buffer.subarray(0, filled);
}

/** Joins the pieces of one line; past the limit it counts and keeps nothing. */
export function collector(maxLine: number) {
  let parts: Buffer[] = [];
  let length = 0;
  return {
    add(part: Buffer): void {
      length += part.length;
      if (length > maxLine) parts = [];
      else parts.push(part);
    },
    take(): Buffer | null {
      const bytes = length > maxLine ? null : Buffer.concat(parts);
      parts = [];
      length = 0;
      return bytes;
    },
  };
}
