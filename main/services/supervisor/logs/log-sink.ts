import * as fs from 'node:fs';
import { join } from 'node:path';
import type { LogStreamName } from '../../../../contract/process-logs.ts';
import type { LogSink } from '../shim/log-sink.ts';
import { decodeMarks, encodeMark, MARK_BYTES } from './log-marks.ts';

/** A file is set aside at the first line end behind this many bytes, or at twice as many in the middle of a line. */
const MAX_BYTES = 50 * 1024 * 1024;
export const KEPT_FILES = 5;
const STREAMS = ['stdout', 'stderr'] as const;
/** A piece has a mark of its own when it comes this much later, or this far behind the one before. */
const MARK_MS = 20;
const MARK_EVERY = 65_536;
const NEWLINE = 10;

export function logPath(folder: string, stream: LogStreamName, number = 0): string {
  return join(folder, number === 0 ? `${stream}.log` : `${stream}.log.${number}`);
}

/** Beside each log, and set aside with it. */
export function marksPath(folder: string, stream: LogStreamName, number = 0): string {
  return join(folder, number === 0 ? `${stream}.marks` : `${stream}.marks.${number}`);
}

function openStream(stream: LogStreamName) {
  return { stream, log: -1, marks: -1, size: 0, missing: 0, markedAt: -1, markedTo: -1 };
}
type Stream = ReturnType<typeof openStream>;

/** Two files of plain bytes, set aside at 50 MiB and at every run, five times; beside each its marks. */
export function createLogSink(folder: string, maxBytes = MAX_BYTES): LogSink {
  const streams = { stdout: openStream('stdout'), stderr: openStream('stderr') };
  let lost = 0;
  let order = -1;
  let last: LogStreamName | null = null;
  let isNewRun = false;

  function close(file: Stream): void {
    const open = [file.log, file.marks].filter((fd) => fd !== -1);
    file.log = file.marks = -1;
    file.markedAt = file.markedTo = -1;
    for (const fd of open) fs.closeSync(fd);
  }

  function setAside(file: Stream): void {
    close(file);
    setAsideFiles(folder, file.stream);
    file.size = 0;
  }

  function ready(file: Stream): void {
    if (file.log !== -1 && fs.fstatSync(file.log).nlink === 0) close(file);
    if (file.log !== -1) return;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (order === -1) order = lastOrder(folder) + 1;
    mendSetAside(folder, file.stream);
    file.log = fs.openSync(logPath(folder, file.stream), 'a', 0o600);
    file.size = fs.fstatSync(file.log).size;
    // Marks of a log that is not there any more would be taken for those of the new one.
    file.marks = fs.openSync(marksPath(folder, file.stream), file.size === 0 ? 'w' : 'a', 0o600);
    const torn = fs.fstatSync(file.marks).size % MARK_BYTES;
    if (torn > 0) fs.ftruncateSync(file.marks, fs.fstatSync(file.marks).size - torn);
  }

  function mark(file: Stream, at: number): void {
    const isSame = last === file.stream && Math.abs(at - file.markedAt) < MARK_MS;
    if (isSame && file.markedTo >= 0 && file.size - file.markedTo < MARK_EVERY) return;
    order += 1;
    fs.writeSync(file.marks, encodeMark({ offset: file.size, order, at, ...(isNewRun && { run: true }) }));
    isNewRun = false;
    last = file.stream;
    file.markedAt = at;
    file.markedTo = file.size;
  }

  function write(file: Stream, bytes: Uint8Array, at: number): void {
    ready(file);
    mark(file, at);
    for (let written = 0; written < bytes.length;) {
      const count = fs.writeSync(file.log, bytes, written);
      written += count;
      file.size += count;
    }
  }

  /** Lines stay whole: the old file gets the rest of its last one. */
  function append(file: Stream, bytes: Uint8Array, at: number): void {
    ready(file);
    if (file.size === 0 || file.size + bytes.length <= maxBytes) return write(file, bytes, at);
    const lineEnd = bytes.indexOf(NEWLINE) + 1;
    if (lineEnd === 0 && file.size + bytes.length <= 2 * maxBytes) return write(file, bytes, at);
    if (lineEnd > 0) write(file, bytes.subarray(0, lineEnd), at);
    setAside(file);
    // There is always a newest file, if only an empty one.
    ready(file);
    if (lineEnd < bytes.length) write(file, bytes.subarray(lineEnd), at);
  }

  return {
    startRun(at) {
      lost = 0;
      isNewRun = true;
      for (const file of Object.values(streams)) {
        try {
          close(file);
          const found = fs.statSync(logPath(folder, file.stream), { throwIfNoEntry: false });
          if (found && found.size > 0) {
            if (order === -1) order = lastOrder(folder) + 1;
            setAside(file);
          }
          ready(file);
          if (file.stream === 'stdout') mark(file, at);
        } catch {
          // Counted at the first piece that cannot be written.
        }
      }
    },
    append(stream, bytes, at) {
      const file = streams[stream];
      try {
        if (file.missing > 0) {
          const note = `\n[signalbox] ${file.missing} bytes could not be written here\n`;
          write(file, Buffer.from(note), at);
          file.missing = 0;
        }
        append(file, bytes, at);
      } catch {
        close(file);
        file.missing += bytes.length;
        lost += bytes.length;
      }
    },
    lost: () => lost,
    close() {
      for (const file of Object.values(streams)) close(file);
    },
  };
}

function setAsideFiles(folder: string, stream: LogStreamName): void {
  mendSetAside(folder, stream);
  for (const path of [logPath, marksPath]) fs.rmSync(path(folder, stream, KEPT_FILES), { force: true });
  for (let number = KEPT_FILES - 1; number >= 0; number -= 1) {
    for (const path of [logPath, marksPath])
      move(path(folder, stream, number), path(folder, stream, number + 1));
  }
}

/** Whoever was killed between a log and its marks left marks without a log: they follow it. */
function mendSetAside(folder: string, stream: LogStreamName): void {
  for (let number = KEPT_FILES - 1; number >= 0; number -= 1) {
    const left = marksPath(folder, stream, number);
    const isLeft = fs.existsSync(left) && !fs.existsSync(logPath(folder, stream, number));
    const next = marksPath(folder, stream, number + 1);
    if (isLeft && fs.existsSync(logPath(folder, stream, number + 1)) && !fs.existsSync(next))
      move(left, next);
  }
}

function move(from: string, to: string): void {
  if (fs.existsSync(from)) fs.renameSync(from, to);
}

/** The highest order that any mark of the process has; marks grow, so the end of each file is enough. */
function lastOrder(folder: string): number {
  const orders = STREAMS.flatMap((stream) =>
    Array.from({ length: KEPT_FILES + 1 }, (_, number) => lastOrderIn(marksPath(folder, stream, number))),
  );
  return Math.max(0, ...orders);
}

function lastOrderIn(path: string): number {
  try {
    const marks = decodeMarks(fs.readFileSync(path));
    return marks.at(-1)?.order ?? 0;
  } catch {
    return 0;
  }
}
