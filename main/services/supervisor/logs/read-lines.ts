import type { OutputOf, ParsedInputOf } from '../../../../contract/commands.ts';
import type { LogLine } from '../../../../contract/process-logs.ts';
import { instant } from '../../../kernel/ports.ts';
import { placesAt, readBytes, showPlaces, type Part, type Place, type ShownLine } from './line-window.ts';
import { firstNumber, segmentOf, type LogMap, type Segment, type StreamChoice } from './log-map.ts';

/** Text of one answer, in bytes of the log. */
const MAX_ANSWER = 1_048_576;
const BLOCK = 65_536;
const NEWLINE = 10;

export interface FoundLine {
  readonly number: number;
  readonly segment: Segment;
  readonly place: Place;
}

type Input = ParsedInputOf<'supervisor.readLines'>;

/** A window of lines, by number or by time. */
export async function readLines(
  map: LogMap,
  { name, streams, from, since, count }: Input,
  part: Part,
): Promise<OutputOf<'supervisor.readLines'>> {
  const extent = map.extent(streams);
  const asked =
    since === undefined
      ? from < 0
        ? extent.end + from
        : from
      : firstSince(map.segments(streams), Date.parse(since), streams, extent.end);
  const start = Math.max(extent.first, Math.min(asked, extent.end));
  const found = await findLines(map, streams, start, Math.min(extent.end, start + count));
  const shown = await showLines(found, part);
  return { ...extent, lines: shown.map((line, index) => lineOf(name, line, found[index])) };
}

/** Clocks jump: it is the first line whose time is not before, whatever came later. */
function firstSince(segments: readonly Segment[], since: number, streams: StreamChoice, end: number): number {
  const segment = segments.find(({ at, lines }) => at >= since && lines > 0);
  return segment ? firstNumber(segment, streams) : end;
}

/** Where the lines `[from, to)` are; fewer when they hold more than an answer may. */
export async function findLines(
  map: LogMap,
  streams: StreamChoice,
  from: number,
  to: number,
  room = { bytes: MAX_ANSWER },
): Promise<FoundLine[]> {
  const segments = map.segments(streams);
  const found: FoundLine[] = [];
  for (let index = Math.max(0, segmentOf(segments, from, streams)); index < segments.length; index += 1) {
    const segment = segments[index];
    if (!segment) break;
    const first = firstNumber(segment, streams);
    if (first >= to || room.bytes <= 0) break;
    const skip = Math.max(0, from - first);
    const wanted = Math.min(segment.lines, to - first) - skip;
    if (wanted <= 0) continue;
    const starts = await lineStarts(segment, skip, wanted);
    for (const [offset, place] of (await placesAt(segment.file, starts)).entries()) {
      if (room.bytes <= 0) break;
      room.bytes -= place.end - place.start + 64;
      found.push({ number: first + skip + offset, segment, place });
    }
  }
  return found;
}

/** Offsets at which lines begin in a segment: `count` of them after the first `skip`. */
async function lineStarts(segment: Segment, skip: number, count: number): Promise<number[]> {
  const starts: number[] = [];
  let seen = 0;
  // A line begins behind the end of the one before, which may be the last byte of the segment before.
  for (let at = segment.start - 1; at < segment.end - 1 && starts.length < count; at += BLOCK) {
    const bytes = await readBytes(segment.file, at, Math.min(at + BLOCK, segment.end - 1));
    const base = Math.max(0, at);
    if (at < 0 && seen++ >= skip) starts.push(0);
    for (let hit = bytes.indexOf(NEWLINE); hit !== -1; hit = bytes.indexOf(NEWLINE, hit + 1)) {
      if (seen++ < skip) continue;
      starts.push(base + hit + 1);
      if (starts.length === count) break;
    }
  }
  return starts.slice(0, count);
}

/** In the order of the lines; the gate sees the lines of each stream as they stand in the file. */
export async function showLines(found: readonly FoundLine[], part: Part): Promise<ShownLine[]> {
  const shown = new Map<FoundLine, ShownLine>();
  for (const stream of ['stdout', 'stderr'] as const) {
    const own = found.filter(({ segment }) => segment.file.stream === stream);
    const lines = await showPlaces(
      own.map(({ place }) => place),
      part,
    );
    for (const [index, line] of own.entries()) {
      const text = lines[index];
      if (text) shown.set(line, text);
    }
  }
  return found.map((line) => shown.get(line) ?? { text: '', isChanged: false });
}

export function lineOf(name: LogLine['name'], shown: ShownLine, found: FoundLine | undefined): LogLine {
  if (!found) throw new Error('each line that is shown was found');
  const { number, segment, place } = found;
  return {
    ...{ number, name, stream: segment.file.stream, text: shown.text, at: instant(segment.at) },
    ...(place.cut && { cut: true as const }),
    ...(place.open && { open: true as const }),
  };
}
