import type { LogExtent, LogStreamName } from '../../../../contract/process-logs.ts';
import { lookAtFiles, STREAMS, type FoundFile, type MappedFile } from './log-files.ts';
import type { LogMark } from './log-marks.ts';

const PIECE = 1_048_576;
/** Logs without marks (their index was lost) are cut into pieces of this size. */
const UNMARKED = 65_536;
const NEWLINE = 10;
const RETRIES = 5;

export type StreamChoice = 'both' | LogStreamName;

/** A piece of one file that was read at one time, with the lines that begin in it. */
export interface Segment {
  readonly file: MappedFile;
  readonly order: number;
  readonly at: number;
  readonly start: number;
  end: number;
  lines: number;
  /** Number of its first line among all, among those of its stream, and in its file. */
  readonly all: number;
  readonly own: number;
  readonly inFile: number;
}

export interface LogMap {
  /** Takes in what was written since. */
  refresh(): Promise<void>;
  extent(streams: StreamChoice): LogExtent;
  /** Ascending. */
  segments(streams: StreamChoice): readonly Segment[];
  files(): readonly MappedFile[];
  close(): Promise<void>;
}

export function firstNumber(segment: Segment, streams: StreamChoice): number {
  return streams === 'both' ? segment.all : segment.own;
}

/** Index of the segment that holds the line, by its number; -1 when it is older than all. */
export function segmentOf(segments: readonly Segment[], number: number, streams: StreamChoice): number {
  return lastIndex(segments, (one) => firstNumber(one, streams) <= number);
}

/** Index of the last that fits, when all that fit stand first. Pure. */
export function lastIndex<T>(items: readonly T[], fits: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && fits(item)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Knows where every line of a process is, without holding any. Everything is derived from the logs and their marks:
 * it is built again after a restart, and follows the files as they grow and are set aside.
 */
export function createLogMap(folder: string, newEpoch: () => string): LogMap {
  let epoch = newEpoch();
  const files = new Map<string, MappedFile>();
  let lists = emptyLists();
  let running: Promise<void> | null = null;

  function emptyLists() {
    return {
      both: [] as Segment[],
      stdout: [] as Segment[],
      stderr: [] as Segment[],
      /** How many lines there were when the oldest was dropped, and are in all. */
      ends: { both: 0, stdout: 0, stderr: 0 },
    };
  }

  function forgetDropped(found: readonly FoundFile[]): void {
    const kept = new Set(found.map(({ file }) => file));
    const dropped = [...files.values()].filter((file) => !kept.has(file));
    if (dropped.length === 0) return;
    for (const file of dropped) {
      files.delete(file.key);
      void file.handle.close();
    }
    const firstKept = lists.both.findIndex(({ file }) => kept.has(file));
    const isPrefix = firstKept === -1 || lists.both.slice(firstKept).every(({ file }) => kept.has(file));
    if (isPrefix) {
      for (const name of ['both', ...STREAMS] as const) {
        lists[name] = lists[name].filter(({ file }) => kept.has(file));
      }
      return;
    }
    // Lines in the middle are gone: the numbers of the others cannot stay.
    lists = emptyLists();
    epoch = newEpoch();
    for (const file of kept) {
      file.counted = file.lines = 0;
      file.atStart = true;
    }
  }

  function add(file: MappedFile, mark: LogMark): Segment {
    const segment: Segment = {
      ...{ file, order: mark.order, at: mark.at, start: mark.offset, end: mark.offset, lines: 0 },
      ...{ all: lists.ends.both, own: lists.ends[file.stream], inFile: file.lines },
    };
    lists.both.push(segment);
    lists[file.stream].push(segment);
    return segment;
  }

  /** Counts the lines that begin in `[counted, to)` of the file. */
  async function count(segment: Segment, to: number): Promise<void> {
    const { file } = segment;
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, to - file.counted));
    while (file.counted < to) {
      const length = Math.min(PIECE, to - file.counted);
      const { bytesRead } = await file.handle.read(buffer, 0, length, file.counted);
      if (bytesRead === 0) return;
      const bytes = buffer.subarray(0, bytesRead);
      const endsLine = bytes[bytesRead - 1] === NEWLINE;
      const lines = newlinesIn(bytes) + (file.atStart ? 1 : 0) - (endsLine ? 1 : 0);
      file.atStart = endsLine;
      file.counted += bytesRead;
      file.lines += lines;
      segment.lines += lines;
      segment.end = file.counted;
      lists.ends.both += lines;
      lists.ends[file.stream] += lines;
    }
  }

  async function take(found: readonly FoundFile[]): Promise<void> {
    const sizesAfter = new Map(
      await Promise.all(found.map(async ({ file }) => [file, (await file.handle.stat()).size] as const)),
    );
    const pieces = found.flatMap((one) => piecesOf(one, sizesAfter.get(one.file) ?? one.size));
    pieces.sort((a, b) => a.mark.order - b.mark.order);
    for (const { file, mark, end, isWhole } of pieces) {
      if (end > file.counted) {
        const last = lists.both.at(-1);
        const segment = last?.file === file && last.order === mark.order ? last : add(file, mark);
        await count(segment, end);
      }
      // What follows comes later than what is still missing here.
      if (!isWhole) return;
    }
  }

  async function refresh(): Promise<void> {
    for (let tries = 0; tries < RETRIES; tries += 1) {
      const found = await lookAtFiles(folder, files);
      if (!found) continue;
      forgetDropped(found);
      for (const { file } of found) files.set(file.key, file);
      return take(found);
    }
  }

  return {
    refresh() {
      running ??= refresh().finally(() => (running = null));
      return running;
    },
    extent(streams) {
      const run = Math.max(...[...files.values()].map(runOrder), -1);
      const newest = lists[streams][lastIndex(lists[streams], ({ order }) => order < run) + 1];
      const first = lists[streams][0];
      const end = lists.ends[streams];
      return {
        epoch,
        first: first ? firstNumber(first, streams) : end,
        end,
        runStart: newest ? firstNumber(newest, streams) : end,
      };
    },
    segments: (streams) => lists[streams],
    files: () => [...files.values()],
    async close() {
      await running?.catch(() => {});
      await Promise.all([...files.values()].map(({ handle }) => handle.close().catch(() => {})));
      files.clear();
      lists = emptyLists();
    },
  };
}

/** Order of the newest run that began in this file; -1 for none. */
function runOrder({ marks }: MappedFile): number {
  return marks.findLast(({ run }) => run)?.order ?? -1;
}

interface Piece {
  readonly file: MappedFile;
  readonly mark: LogMark;
  readonly end: number;
  /** Nothing more will come for it. */
  readonly isWhole: boolean;
}

/** What of a file was on the disk when we looked, by the marks that are known. Pure. */
function piecesOf({ file, size }: FoundFile, sizeAfter: number): Piece[] {
  const marks = marksOf(file, size);
  const from = Math.max(
    0,
    lastIndex(marks, (mark) => mark.offset <= file.counted),
  );
  return marks.slice(from).map((mark, index) => {
    const next = marks[from + index + 1]?.offset;
    const end = Math.min(next ?? size, size);
    return { file, mark, end, isWhole: next === undefined ? size === sizeAfter : next <= size };
  });
}

/** Without any, order and time are unknown: the file stands before all others, older ones first. */
function marksOf(file: MappedFile, size: number): readonly LogMark[] {
  if (file.marks[0]?.offset === 0) return file.marks;
  const until = file.marks[0]?.offset ?? size;
  const before = (file.marks[0]?.order ?? -file.number * 1_000_000) - 1;
  const count = Math.ceil(until / UNMARKED);
  const unmarked = Array.from({ length: count }, (_, index) => ({
    offset: index * UNMARKED,
    order: before - (count - index) / (count + 1),
    at: file.marks[0]?.at ?? 0,
  }));
  return [...unmarked, ...file.marks];
}

export function newlinesIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
