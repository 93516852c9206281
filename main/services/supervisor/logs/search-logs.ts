import { open, type FileHandle } from 'node:fs/promises';
import type { OutputOf, ParsedInputOf } from '../../../../contract/commands.ts';
import { HostError } from '../../../../contract/errors.ts';
import type { LogLine, LogStreamName } from '../../../../contract/process-logs.ts';
import { placesAt, type Part } from './line-window.ts';
import type { LineQuery, LineSearch } from './line-search.ts';
import type { MappedFile } from './log-files.ts';
import { firstNumber, segmentOf, type LogMap, type Segment } from './log-map.ts';
import { logPath } from './log-sink.ts';
import { findLines, lineOf, showLines, type FoundLine } from './read-lines.ts';

export type SearchInput = ParsedInputOf<'supervisor.searchLogs'>;
type Found = OutputOf<'supervisor.searchLogs'>['found'][number];

interface Hit {
  readonly number: number;
  readonly segment: Segment;
  readonly offset: number | undefined;
}

export interface SearchDeps {
  readonly map: LogMap;
  readonly folder: string;
  readonly search: LineSearch;
  readonly part: Part;
  /** Nobody waits for the answer any more. */
  readonly gone: AbortSignal | undefined;
}

/** Lines that are read at the same time. */
const TOGETHER = 64;

/** Text of all lines in one answer, in bytes of the logs. */
export interface Room {
  bytes: number;
}

/** What fits in the logs of one process; null when nothing does. */
export async function searchLog(
  name: LogLine['name'],
  input: SearchInput,
  room: Room,
  deps: SearchDeps,
): Promise<Found | null> {
  const { map } = deps;
  const extent = map.extent(input.streams);
  if (input.after && input.after.epoch !== extent.epoch) {
    throw new HostError('not_found', `the lines of ${name} have other numbers now; search again`, {
      epoch: extent.epoch,
    });
  }
  const places = await hitsOf(input, deps);
  const numbers = places.map(({ number }) => number);
  const more = numbers.length > input.limit;
  const wanted = input.newest ? numbers.slice(-input.limit) : numbers.slice(0, input.limit);
  const { hits, lines, last } = await shownHits(name, input, wanted, room, { ...deps, places });
  if (hits.length === 0 && !more) return null;
  const next = nextOf(input, { numbers, wanted, last });
  return { name, extent, hits, lines, next: more || last !== wanted.length ? next : null };
}

/** Where the next answer begins: behind the last that was looked at, or before the first. */
function nextOf(
  { newest }: SearchInput,
  { numbers, wanted, last }: { numbers: readonly number[]; wanted: readonly number[]; last: number },
): number {
  if (newest) return wanted[wanted.length - last] ?? (wanted.at(-1) ?? 0) + 1;
  return wanted[last] ?? numbers[wanted.length] ?? 0;
}

/** Lines that fit by their raw bytes, ascending: at least one more than the limit when there are more. */
async function hitsOf(input: SearchInput, deps: SearchDeps): Promise<Hit[]> {
  const { map } = deps;
  const streams: readonly LogStreamName[] = input.streams === 'both' ? ['stdout', 'stderr'] : [input.streams];
  const lists = await Promise.all(
    streams.map(async (stream) => {
      const files = map.files().filter((file) => file.stream === stream);
      files.sort((a, b) => (input.newest ? a.number - b.number : b.number - a.number));
      let found: Hit[] = [];
      for (const file of files) {
        const own = await hitsIn(file, input, deps, input.limit + 1);
        found = input.newest ? [...own, ...found] : [...found, ...own];
        if (found.length > input.limit) break;
      }
      return found;
    }),
  );
  return lists.flat().sort((a, b) => a.number - b.number);
}

async function hitsIn(
  file: MappedFile,
  input: SearchInput,
  { map, folder, search, gone }: SearchDeps,
  enough: number,
): Promise<Hit[]> {
  const segments = map.segments(file.stream);
  const firstOf = segments.find((one) => one.file === file);
  if (!firstOf) return [];
  const base = firstOf.own - firstOf.inFile;
  const isWanted = within(input);
  const found: Hit[] = [];
  let at = -1;
  const query: LineQuery = { what: input.what, caseSensitive: input.caseSensitive, gone };
  const handle = await sameFile(file, folder);
  try {
    await search.file(handle, query, (line, offset) => {
      const own = base + line - 1;
      // It was written after we counted.
      if (line > file.lines) return false;
      at = nextSegment(segments, at, own);
      const segment = segments[at];
      if (!segment) return true;
      const number = firstNumber(segment, input.streams) + own - segment.own;
      if (!isWanted(segment, number)) return true;
      found.push({ number, segment, offset });
      if (input.newest && found.length > 4 * enough) found.splice(0, found.length - enough);
      return input.newest || found.length < enough;
    });
  } finally {
    await handle.close();
  }
  return input.newest ? found.slice(-enough) : found;
}

/** Hits come in ascending order: most lie in the segment of the one before or soon after. */
function nextSegment(segments: readonly Segment[], at: number, own: number): number {
  for (let next = Math.max(0, at); next < at + 8; next += 1) {
    const segment = segments[next];
    if (segment && segment.own <= own && own < segment.own + segment.lines) return next;
  }
  return segmentOf(segments, own, segments[0]?.file.stream ?? 'stdout');
}

function within({ since, until, after, newest }: SearchInput) {
  const from = since === undefined ? -Infinity : Date.parse(since);
  const to = until === undefined ? Infinity : Date.parse(until);
  return ({ at }: Segment, number: number): boolean => {
    if (at < from || at > to) return false;
    if (!after) return true;
    return newest ? number < after.number : number >= after.number;
  };
}

/** A handle of its own, because whoever reads it moves its position. @throws HostError when it was set aside meanwhile */
async function sameFile(file: MappedFile, folder: string): Promise<FileHandle> {
  const handle = await open(logPath(folder, file.stream, file.number), 'r').catch(() => null);
  const [ours, found] = await Promise.all([file.handle.stat(), handle?.stat()]);
  if (handle && found?.ino === ours.ino) return handle;
  await handle?.close();
  throw new SetAside();
}

/** The files moved while we looked: refresh and try again. */
export class SetAside extends Error {}

/**
 * The lines of these hits with those around. A line from which the gate takes something counts only when what is left
 * of it fits: otherwise a search would tell what the gate holds back.
 */
async function shownHits(
  name: LogLine['name'],
  input: SearchInput,
  wanted: readonly number[],
  room: Room,
  { map, search, part, places, gone }: SearchDeps & { places: readonly Hit[] },
) {
  const extent = map.extent(input.streams);
  const lines = new Map<number, LogLine>();
  const changed: { number: number; text: string }[] = [];
  const isHit = new Set(wanted);
  const placeOf = new Map(places.map((hit) => [hit.number, hit]));
  const order = input.newest ? [...wanted].reverse() : wanted;
  const show = async (group: readonly number[]) => {
    const from = Math.max(extent.first, Math.min(...group) - input.context);
    const to = Math.min(extent.end, Math.max(...group) + input.context + 1);
    const found =
      (await lineAt(placeOf.get(from), to - from)) ??
      (await findLines(map, input.streams, from, to, { bytes: Infinity }));
    const shown = await showLines(found, part);
    for (const [index, one] of found.entries()) {
      const line = shown[index];
      if (!line) continue;
      room.bytes -= line.text.length;
      lines.set(one.number, lineOf(name, line, one));
      if (line.isChanged && isHit.has(one.number)) changed.push({ number: one.number, text: line.text });
    }
  };
  const groups = groupsOf(order, input.context);
  let last = 0;
  for (let at = 0; at < groups.length && room.bytes > 0;) {
    const together: number[][] = [];
    for (let size = 0; at < groups.length && size < TOGETHER; at += 1) {
      const group = groups[at] ?? [];
      together.push(group);
      last += group.length;
      size += group.length + 2 * input.context;
    }
    await Promise.all(together.map(show));
  }
  const query: LineQuery = { what: input.what, caseSensitive: input.caseSensitive, gone };
  const still = await search.lines(
    changed.map(({ text }) => text),
    query,
  );
  const withheld = new Set(changed.filter((_, index) => !still.has(index)).map(({ number }) => number));
  const hits = wanted.filter((number) => lines.has(number) && !withheld.has(number));
  const near = (number: number) => hits.some((hit) => Math.abs(hit - number) <= input.context);
  const all = [...lines.values()].sort((a, b) => a.number - b.number);
  return { hits, lines: withheld.size === 0 ? all : all.filter(({ number }) => near(number)), last };
}

/** One line alone, when the search has told where it begins: nothing has to be counted. */
async function lineAt(hit: Hit | undefined, count: number): Promise<FoundLine[] | null> {
  if (hit?.offset === undefined || count !== 1) return null;
  const { number, segment, offset } = hit;
  const [place] = await placesAt(segment.file, [offset]);
  return place ? [{ number, segment, place }] : null;
}

/** Hits whose surroundings meet, so that no line is read twice; at most as many as one reading takes. Pure. */
export function groupsOf(numbers: readonly number[], context: number): number[][] {
  const groups: number[][] = [];
  for (const number of numbers) {
    const group = groups.at(-1);
    const before = group?.at(-1);
    const meets = before !== undefined && Math.abs(number - before) <= 2 * context + 1;
    const span = Math.abs(number - (group?.[0] ?? number));
    if (group && meets && span < TOGETHER) group.push(number);
    else groups.push([number]);
  }
  return groups;
}
