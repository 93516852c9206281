import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { TimelineEntry } from '../../../contract/sessions.ts';
import { linesBefore, withPlainFile } from './file-lines.ts';

/** Longer than any entry that is written: texts of an entry are cut before. */
export const LONGEST_LINE = 8 * 1024 * 1024;

export interface TimelineWriter {
  /** Appends one entry as one line and returns its bytes. */
  append(entry: TimelineEntry): number;
  /** What was appended is on the disk. */
  sync(): void;
  close(): void;
}

/**
 * Appends to a timeline of mode 0600; a link in its place is refused. A line that could only be written in part (a full
 * disk) is taken back, so that the next one does not run into it.
 */
export function openTimelineWriter(file: string): TimelineWriter {
  const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
  const descriptor = openSync(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, 0o600);
  let size = fstatSync(descriptor).size;
  let unsynced = false;
  return {
    append(entry) {
      const line = Buffer.from(`${JSON.stringify(entry)}\n`);
      try {
        writeWhole(descriptor, line);
      } catch (error) {
        ftruncateSync(descriptor, size);
        throw error;
      }
      size += line.length;
      unsynced = true;
      return line.length;
    },
    sync() {
      if (unsynced) fdatasyncSync(descriptor);
      unsynced = false;
    },
    close: () => closeSync(descriptor),
  };
}

export interface TimelineEnd {
  /** Of the last entry; -1 without one. */
  readonly lastSeq: number;
  readonly bytes: number;
  /** Bytes behind the last whole entry that were set aside. */
  readonly dropped: number;
}

/**
 * Looks at the end of a timeline before it is appended to. After a crash the last line may be torn, or be zeros that the
 * file system put there: what stands behind the last whole entry is moved to a file of its own, so that nothing is lost.
 * @param aside gives the name of that file, which must not be there yet
 */
export function recoverTimeline(file: string, aside: () => string): TimelineEnd {
  const found = withPlainFile(file, constants.O_RDWR, (descriptor, size) => {
    for (const { bytes, end } of linesBefore(descriptor, size, LONGEST_LINE)) {
      const lastSeq = seqOf(bytes);
      if (lastSeq !== null) return cut(descriptor, size, end, lastSeq);
    }
    return cut(descriptor, size, 0, -1);
  });
  return found ?? { lastSeq: -1, bytes: 0, dropped: 0 };

  function cut(descriptor: number, size: number, bytes: number, lastSeq: number): TimelineEnd {
    if (bytes < size) {
      copyTail(descriptor, bytes, aside());
      ftruncateSync(descriptor, bytes);
      fdatasyncSync(descriptor);
    }
    return { lastSeq, bytes, dropped: size - bytes };
  }
}

function copyTail(from: number, start: number, file: string): void {
  const to = openSync(file, 'wx', 0o600);
  try {
    const piece = Buffer.alloc(65_536);
    for (let at = start; ;) {
      const bytes = readSync(from, piece, 0, piece.length, at);
      if (bytes === 0) break;
      writeWhole(to, piece.subarray(0, bytes));
      at += bytes;
    }
    fsyncSync(to);
  } finally {
    closeSync(to);
  }
}

function writeWhole(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length;)
    written += writeSync(descriptor, bytes, written, bytes.length - written);
}

/** The number of a line, whatever version of this program wrote it; null when it is none of a timeline. */
export function seqOf(line: Buffer | null): number | null {
  const value = parseLine(line);
  if (typeof value !== 'object' || value === null || !('seq' in value)) return null;
  const { seq } = value;
  return typeof seq === 'number' && Number.isSafeInteger(seq) && seq >= 0 ? seq : null;
}

/** The entry of a line; null when it is damaged or of a newer version. */
export function entryOf(line: Buffer | null): TimelineEntry | null {
  const parsed = TimelineEntry.safeParse(parseLine(line));
  return parsed.success ? parsed.data : null;
}

function parseLine(line: Buffer | null): unknown {
  if (line === null) return null;
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return null;
  }
}
