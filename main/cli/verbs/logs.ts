import type { Command } from 'commander';
import type { LogExtent, LogLine } from '../../../contract/process-logs.ts';
import type { Cli, Verbs } from '../cli.ts';
import { parseDuration, parseWhole } from '../duration.ts';
import { Failure, usage } from '../failure.ts';
import { plainText } from '../plain-text.ts';

interface LogOptions {
  tail?: string;
  follow?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  since?: string;
  grep?: string;
  regex?: string;
  ignoreCase?: boolean;
  context?: string;
  all?: boolean;
}

type Streams = 'both' | 'stdout' | 'stderr';

/** What was asked for, as the host takes it. */
interface Wanted {
  readonly name: string;
  readonly streams: Streams;
  /** RFC 3339. */
  readonly since: string | null;
  readonly what: What | null;
  readonly caseSensitive: boolean;
  /** null for all. */
  readonly tail: number | null;
  readonly context: number;
  /** Earlier runs too. */
  readonly all: boolean;
}
type What = { kind: 'text'; text: string } | { kind: 'regex'; pattern: string };

const PAGE = 1000;
const DEFAULT_TAIL = 100;
const WAIT_MS = 20_000;

/** `logs`: reads, searches and follows what a process prints. */
export function addLogVerbs(program: Command, { verb }: Verbs): void {
  verb<LogOptions>(
    program,
    'logs [name...]',
    'read, search and follow the output of a process; search that of several, or of all',
    logs,
    (command) =>
      command
        .option('--tail <n>', `the last lines; ${DEFAULT_TAIL} if not given, all when something is searched`)
        .option('--all', 'everything that is kept, earlier runs and files that were set aside included')
        .option('--follow', 'go on with what is printed from now on')
        .option('--stdout', 'standard output alone')
        .option('--stderr', 'standard error alone')
        .option('--since <t>', 'what is not older than this: 10m, 2h, or a time such as 2026-01-31T08:00:00Z')
        .option('--grep <text>', 'lines that hold this text')
        .option('--regex <pattern>', 'lines that match')
        .option('--ignore-case', 'search without regard to capital letters')
        .option('--context <n>', 'lines before and after each one that was found'),
  );
}

async function logs(cli: Cli, names: readonly string[], options: LogOptions): Promise<void> {
  const [name] = names;
  if (name === undefined || names.length > 1) return searchSeveral(cli, names, options);
  const wanted = wantedOf(name, options);
  const { lines, extent } = await (wanted.what ? search(cli, wanted, wanted.what) : read(cli, wanted));
  if (options.follow !== true) {
    cli.answer({ lines }, lines.map((line) => showLine(cli, line)).join('\n'));
    return;
  }
  // A line whose end was not written yet comes once it is whole.
  const whole = lines.filter(({ open }) => open !== true);
  for (const line of whole) cli.item(line, showLine(cli, line));
  await follow(cli, wanted, extent, lines.find(({ open }) => open === true)?.number ?? extent.end);
}

/** @throws Failure for options that do not go together or cannot be read */
function wantedOf(name: string, options: LogOptions): Wanted {
  const { stdout, stderr, grep, regex } = options;
  if (grep !== undefined && regex !== undefined) {
    throw usage('search for --grep TEXT or --regex PATTERN, not both');
  }
  const what: What | null =
    grep !== undefined
      ? { kind: 'text', text: grep }
      : regex === undefined
        ? null
        : { kind: 'regex', pattern: regex };
  const whole = options.all === true || options.since !== undefined || what !== null;
  return {
    name,
    streams: stdout === stderr ? 'both' : stdout === true ? 'stdout' : 'stderr',
    since: options.since === undefined ? null : sinceOf(options.since),
    what,
    caseSensitive: options.ignoreCase !== true,
    tail:
      options.tail === undefined
        ? whole
          ? null
          : DEFAULT_TAIL
        : parseWhole('--tail', options.tail, 0, 1_000_000),
    context: options.context === undefined ? 0 : parseWhole('--context', options.context, 0, 50),
    all: options.all === true || options.since !== undefined,
  };
}

function sinceOf(text: string): string {
  if (!/^\d{4}-/.test(text)) return new Date(Date.now() - parseDuration(text)).toISOString();
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw usage('--since is a duration such as 10m, or a time such as 2026-01-31T08:00:00Z');
  return new Date(at).toISOString();
}

interface ReadSoFar {
  readonly lines: LogLine[];
  readonly extent: LogExtent;
}

async function read(cli: Cli, { name, streams, since, tail, all }: Wanted): Promise<ReadSoFar> {
  const extent = await cli.call('supervisor.readLines', { name, streams, count: 0 });
  const start = all ? extent.first : extent.runStart;
  let from = tail === null ? start : Math.max(start, extent.end - tail);
  const lines: LogLine[] = [];
  for (let asked = since; from < extent.end; asked = null) {
    const answer = await cli.call('supervisor.readLines', {
      ...{ name, streams, from, count: Math.min(PAGE, extent.end - from) },
      ...(asked !== null && { since: asked }),
    });
    if (answer.epoch !== extent.epoch) throw moved(name);
    lines.push(...answer.lines.filter(({ number }) => number < extent.end));
    const last = answer.lines.at(-1);
    if (!last) break;
    from = last.number + 1;
  }
  return { lines: tail === null ? lines : lines.slice(lines.length - tail), extent };
}

async function search(cli: Cli, wanted: Wanted, what: What): Promise<ReadSoFar> {
  const { name, streams, since, caseSensitive, context, all, tail } = wanted;
  const extent = await cli.call('supervisor.readLines', { name, streams, count: 0 });
  const start = all ? extent.first : extent.runStart;
  const lines = new Map<number, LogLine>();
  let hits = 0;
  let before = extent.end;
  while (before > start && (tail === null || hits < tail)) {
    const { found } = await cli.call('supervisor.searchLogs', {
      ...{ names: [name], streams, what, caseSensitive, context, newest: true },
      ...(since !== null && { since }),
      limit: Math.min(PAGE, tail === null ? PAGE : tail - hits),
      after: { epoch: extent.epoch, number: before },
    });
    const [one] = found;
    if (!one) break;
    hits += one.hits.length;
    for (const line of one.lines) if (line.number >= start) lines.set(line.number, line);
    if (one.next === null) break;
    before = one.next;
  }
  return { lines: [...lines.values()].sort((a, b) => a.number - b.number), extent };
}

/** The newest lines that fit of each of them, earlier runs included; all processes if none is named. */
async function searchSeveral(cli: Cli, names: readonly string[], options: LogOptions): Promise<void> {
  const { what, streams, caseSensitive, context, since, tail } = wantedOf('', options);
  if (what === null)
    throw usage('name one process, or say what to search for: --grep TEXT or --regex PATTERN');
  if (options.follow === true) throw usage('--follow goes with the name of one process');
  const { found } = await cli.call('supervisor.searchLogs', {
    ...{
      streams,
      what,
      caseSensitive,
      context,
      newest: true,
      limit: Math.max(1, Math.min(PAGE, tail ?? PAGE)),
    },
    ...(names.length > 0 && { names: [...names] }),
    ...(since !== null && { since }),
  });
  const lines = found.flatMap((one) => one.lines);
  cli.answer({ lines }, lines.map((line) => `${line.name} | ${showLine(cli, line)}`).join('\n'));
  const cut = found.filter(({ next }) => next !== null).map((one) => one.name);
  if (cut.length > 0) cli.note(`older lines that fit were left out: ${cut.join(', ')}`);
}

function moved(name: string): Failure {
  return new Failure('unavailable', `files of ${name} were dropped while they were read; try again`);
}

/** Asks for what is new as soon as the lines before are printed: a reader that is slow holds up nobody. */
async function follow(cli: Cli, wanted: Wanted, extent: LogExtent, next: number): Promise<void> {
  const { name, streams } = wanted;
  const isWanted = matcher(wanted);
  let { epoch, end } = extent;
  let from = next;
  for (;;) {
    const wait = { epoch, end, ms: WAIT_MS };
    const answer = await cli
      .call('supervisor.readLines', { name, streams, from, count: PAGE, wait })
      .catch((error: unknown) => {
        // It was removed: nothing will come any more.
        if (error instanceof Failure && error.code === 'not_found') return null;
        throw error;
      });
    if (!answer) return;
    if (answer.epoch !== epoch) {
      cli.note('the log was begun anew; lines in between may be missing');
      from = answer.first;
    } else if (answer.first > from) {
      cli.note(`${answer.first - from} lines were dropped before they could be shown`);
      from = answer.first;
    }
    for (const line of answer.epoch === epoch ? answer.lines : []) {
      if (line.open === true) break;
      if (isWanted(line.text)) cli.item(line, showLine(cli, line));
      from = line.number + 1;
    }
    epoch = answer.epoch;
    // While there is more than was read, the next answer comes at once.
    end = answer.lines.at(-1)?.number === answer.end - 1 || answer.end === from ? answer.end : -1;
  }
}

/** The same search on lines that come in. @throws Failure for a pattern that is none */
function matcher({ what, caseSensitive }: Wanted): (text: string) => boolean {
  if (what === null) return () => true;
  if (what.kind === 'text') {
    const fold = (text: string) => (caseSensitive ? text : text.toLowerCase());
    const needle = fold(what.text);
    return (text) => fold(text).includes(needle);
  }
  try {
    const pattern = new RegExp(what.pattern, caseSensitive ? 'u' : 'iu');
    return (text) => pattern.test(text);
  } catch {
    throw usage('--regex is no regular expression');
  }
}

function showLine(cli: Cli, { stream, text }: LogLine): string {
  const shown = cli.terminal ? plainText(text) : text;
  return stream === 'stderr' ? `stderr | ${shown}` : shown;
}
