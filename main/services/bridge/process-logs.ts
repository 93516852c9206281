import type { BridgeLogLine } from '../../../contract/bridge.ts';
import type { OutputOf, ParsedInputOf } from '../../../contract/commands.ts';
import type { LogLine } from '../../../contract/process-logs.ts';
import { runInCall } from '../../kernel/call-scope.ts';
import { found, inPlace } from './managed-processes.ts';
import type { BridgeDeps, Place } from './ports.ts';

type Context = Pick<BridgeDeps, 'processes' | 'outbound'>;
type SearchInput = ParsedInputOf<'bridge.searchProcessLogs'>;

/** Characters of one line, and of all lines of one answer. */
const MAX_LINE = 4096;
const MAX_TEXT = 131_072;

/**
 * Lines that a process of the workspace printed, secrets replaced.
 * @throws HostError `not_found`
 */
export async function readProcessLog(
  context: Context,
  place: Place,
  { name, streams, from, since, count }: ParsedInputOf<'bridge.processLog'>,
): Promise<OutputOf<'bridge.processLog'>> {
  const { process } = found(context, place, name);
  const read = (more: { from?: number; since?: string }, lines: number) => {
    const asked = { name: process.name, streams, from, count: lines, ...more };
    return runInCall(place.signal, () => context.processes.readLines(asked));
  };
  const { epoch, first, end, runStart, lines } = await read(since === undefined ? {} : { since }, count);
  const isTail = from < 0 && since === undefined;
  // One answer of the host holds 1 MiB: of what is asked for from the end the newest lines are what counts.
  for (let next = nextOf(lines); isTail && next !== null && next < end;) {
    const more = await read({ from: next }, end - next);
    const after = nextOf(more.lines);
    if (more.epoch !== epoch || after === null) break;
    lines.push(...more.lines);
    next = after;
  }
  const shown = await shownLines(context, lines);
  const room = { characters: MAX_TEXT };
  return {
    ...{ name, state: process.state, first, end, runStart },
    lines: isTail ? fitting(shown.reverse(), room).reverse() : fitting(shown, room),
  };
}

function nextOf(lines: readonly LogLine[]): number | null {
  const last = lines.at(-1);
  return last ? last.number + 1 : null;
}

/**
 * Searches what the processes of the workspace printed. A line from which the gate takes something counts only when
 * what is left of it still fits: otherwise a search would tell what the gate holds back.
 * @throws HostError `not_found` for a process that does not run in this workspace
 */
export async function searchProcessLogs(
  context: Context,
  place: Place,
  input: SearchInput,
): Promise<OutputOf<'bridge.searchProcessLogs'>> {
  const wanted = input.names?.map((name) => found(context, place, name)) ?? inPlace(context, place);
  const names = wanted.map(({ process }) => process.name);
  if (names.length === 0) return { found: [] };
  const { query, regex, caseSensitive, streams, since, until, context: around, limit } = input;
  const asked: ParsedInputOf<'supervisor.searchLogs'> = {
    ...{ names, streams, caseSensitive, context: around, limit, newest: true },
    what: regex ? { kind: 'regex', pattern: query } : { kind: 'text', text: query },
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const answer = await runInCall(place.signal, () => context.processes.searchLogs(asked));
  const room = { characters: MAX_TEXT };
  const all = [];
  for (const { name, hits, lines, next } of answer.found) {
    const shown = await shownLines(context, lines);
    const isHit = new Set(hits.filter((number) => stillFits(number, lines, shown, input)));
    const near = shown.filter(({ number }) => [...isHit].some((hit) => Math.abs(hit - number) <= around));
    const kept = fitting(near.reverse(), room).reverse();
    if (kept.length === 0) continue;
    const more = next !== null || kept.length < near.length;
    all.push({ name, lines: kept.map((line) => ({ ...line, hit: isHit.has(line.number) })), more });
  }
  return { found: all };
}

function stillFits(
  number: number,
  before: readonly LogLine[],
  after: readonly BridgeLogLine[],
  { query, regex, caseSensitive }: SearchInput,
): boolean {
  const text = after.find((line) => line.number === number)?.text;
  if (text === undefined || text === before.find((line) => line.number === number)?.text) return true;
  // What ripgrep matched cannot be asked again here, and guessing would tell.
  if (regex) return false;
  const fold = (one: string) => (caseSensitive ? one : one.toLowerCase());
  return fold(text).includes(fold(query));
}

/** Through the deep gate, as one text: what spreads over lines is one thing. */
async function shownLines({ outbound }: Context, lines: readonly LogLine[]): Promise<BridgeLogLine[]> {
  const { text } = await outbound.deep('log', lines.map((line) => line.text).join('\n'));
  const after = text.split('\n');
  const isWhole = after.length === lines.length;
  const left = new Set(after);
  return lines.map(({ number, at, stream, text: before, cut }, index) => ({
    ...{ number, at, stream },
    // Where a secret took lines along nobody can say which line is which: only those that passed unchanged are shown.
    text: isWhole ? (after[index] ?? '') : left.has(before) ? before : '[left out]',
    ...(cut && { cut }),
  }));
}

/** As many as there is room for, each up to its length. */
function fitting(lines: readonly BridgeLogLine[], room: { characters: number }): BridgeLogLine[] {
  const kept: BridgeLogLine[] = [];
  for (const line of lines) {
    const text = line.text.slice(0, MAX_LINE);
    room.characters -= text.length + 64;
    if (room.characters < 0) break;
    kept.push({ ...line, text, ...(text.length < line.text.length && { cut: true as const }) });
  }
  return kept;
}
