import { open, stat, type FileHandle } from 'node:fs/promises';
import type { LogStreamName } from '../../../../contract/process-logs.ts';
import { decodeMarks, MARK_BYTES, type LogMark } from './log-marks.ts';
import { KEPT_FILES, logPath, marksPath } from './log-sink.ts';

export const STREAMS = ['stdout', 'stderr'] as const;

/** One log file as it was opened; it stays readable when it is set aside or removed. */
export interface MappedFile {
  readonly key: string;
  readonly stream: LogStreamName;
  readonly handle: FileHandle;
  number: number;
  marks: LogMark[];
  /** Bytes of the marks that were read. */
  marksRead: number;
  /** How far its lines have been counted. */
  counted: number;
  /** The next byte begins a line. */
  atStart: boolean;
  lines: number;
}

export interface FoundFile {
  readonly file: MappedFile;
  readonly size: number;
}
type Known = ReadonlyMap<string, MappedFile>;

async function openFile(
  folder: string,
  known: Known,
  stream: LogStreamName,
  number: number,
): Promise<FoundFile | null> {
  const handle = await open(logPath(folder, stream, number), 'r').catch(() => null);
  if (!handle) return null;
  const { ino, birthtimeMs, size } = await handle.stat();
  const key = `${stream} ${ino} ${birthtimeMs}`;
  const held = known.get(key);
  if (held && size >= held.counted) {
    await handle.close();
    held.number = number;
    return { file: held, size };
  }
  const file: MappedFile = {
    ...{ key, stream, handle, number },
    ...{ marks: [], marksRead: 0, counted: 0, atStart: true, lines: 0 },
  };
  return { file, size };
}

/**
 * All log files of a process with their marks, oldest first for each stream; null when one was set aside meanwhile.
 * Marks are read twice for one stream: so none is missing that was written before one that is there.
 * @param known those that are open already, by their keys; others are opened
 */
export async function lookAtFiles(folder: string, known: Known): Promise<FoundFile[] | null> {
  const found: FoundFile[] = [];
  for (const stream of STREAMS) {
    for (let number = KEPT_FILES; number >= 0; number -= 1) {
      const one = await openFile(folder, known, stream, number);
      if (one && !found.some(({ file }) => file.key === one.file.key)) found.push(one);
    }
  }
  for (const stream of ['stdout', 'stderr', 'stdout'] as const) {
    for (const { file } of found) if (file.stream === stream) await readMarks(folder, file);
  }
  for (const { file } of found) {
    const now = await stat(logPath(folder, file.stream, file.number)).catch(() => null);
    if (`${file.stream} ${now?.ino} ${now?.birthtimeMs}` !== file.key) {
      await Promise.all(
        found.filter((one) => !known.has(one.file.key)).map((one) => one.file.handle.close()),
      );
      return null;
    }
  }
  return found;
}

async function readMarks(folder: string, file: MappedFile): Promise<void> {
  const handle = await open(marksPath(folder, file.stream, file.number), 'r').catch(() => null);
  if (!handle) return;
  try {
    const { size } = await handle.stat();
    if (size < MARK_BYTES || size === file.marksRead) return;
    const bytes = Buffer.alloc(size - (size % MARK_BYTES));
    await handle.read(bytes, 0, bytes.length, 0);
    file.marks = decodeMarks(bytes);
    file.marksRead = size;
  } finally {
    await handle.close();
  }
}
