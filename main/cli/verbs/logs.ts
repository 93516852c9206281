import type { Command } from 'commander';
import type { LogStreamName } from '../../../contract/supervisor.ts';
import type { Cli, Verbs } from '../cli.ts';
import { parseWhole } from '../duration.ts';
import { Failure, usage } from '../failure.ts';
import { plainText } from '../plain-text.ts';

interface LogOptions {
  tail?: string;
  follow?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  grep?: string;
  regex?: string;
  context?: string;
  all?: boolean;
}

interface LogLine {
  readonly stream: LogStreamName;
  readonly text: string;
}

const PIECE = 1_048_576;
const DEFAULT_TAIL = 100;

/** `logs`: reads, searches and follows what a process prints. */
export function addLogVerbs(program: Command, { verb }: Verbs): void {
  verb<LogOptions>(
    program,
    'logs <name>',
    'read, search and follow the output of a process',
    logs,
    (command) =>
      command
        .option('--tail <n>', `the last lines; ${DEFAULT_TAIL} if not given`)
        .option('--all', 'everything since it was last started')
        .option('--follow', 'go on with what is printed from now on')
        .option('--stdout', 'standard output alone')
        .option('--stderr', 'standard error alone')
        .option('--grep <text>', 'lines that hold this text')
        .option('--regex <pattern>', 'lines that match')
        .option('--context <n>', 'lines before and after each one that was found'),
  );
}

async function logs(cli: Cli, [name = '']: readonly string[], options: LogOptions): Promise<void> {
  const streams: LogStreamName[] =
    options.stdout === options.stderr
      ? ['stdout', 'stderr']
      : [options.stdout === true ? 'stdout' : 'stderr'];
  const isFound = matcher(options);
  const tail = options.tail === undefined ? DEFAULT_TAIL : parseWhole('--tail', options.tail, 0, 1_000_000);
  const context = options.context === undefined ? 0 : parseWhole('--context', options.context, 0, 1000);
  const whole = options.all === true || (isFound !== null && options.tail === undefined);
  const lines: LogLine[] = [];
  const ends: number[] = [];
  for (const stream of streams) {
    const { text, end } = await readBack(cli, name, stream, whole ? Infinity : tail, options.follow === true);
    const all = text.map((line) => ({ stream, text: line }));
    lines.push(...(isFound ? around(all, isFound, context) : all));
    ends.push(end);
  }
  if (options.follow !== true) {
    const shown = lines.map((line) => showLine(cli, line)).join('\n');
    cli.answer({ lines }, shown);
    return;
  }
  for (const line of lines) cli.item(line, showLine(cli, line));
  const wanted = (line: LogLine) => (isFound ? isFound(line.text) : true);
  await Promise.all(streams.map((stream, index) => follow(cli, name, stream, ends[index] ?? 0, wanted)));
}

/** Says which lines were asked for; null when all are. @throws Failure for a pattern that is none */
function matcher({ grep, regex }: LogOptions): ((text: string) => boolean) | null {
  if (grep !== undefined && regex !== undefined)
    throw usage('search for --grep TEXT or --regex PATTERN, not both');
  if (grep !== undefined) return (text) => text.includes(grep);
  if (regex === undefined) return null;
  try {
    const pattern = new RegExp(regex, 'u');
    return (text) => pattern.test(text);
  } catch {
    throw usage('--regex is no regular expression');
  }
}

/** The found lines with their neighbours, each once, in order. Pure. */
export function around<T extends { text: string }>(
  lines: readonly T[],
  isFound: (text: string) => boolean,
  context: number,
): T[] {
  const kept = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (!isFound(line.text)) continue;
    for (
      let near = Math.max(0, index - context);
      near <= Math.min(lines.length - 1, index + context);
      near += 1
    )
      kept.add(near);
  }
  return lines.filter((_, index) => kept.has(index));
}

/**
 * The last `count` lines, read backwards in pieces.
 * @param wholeLines leave a line that is not finished for whoever follows
 * @returns the lines, and the offset where they end
 */
async function readBack(cli: Cli, name: string, stream: LogStreamName, count: number, wholeLines: boolean) {
  const last = await cli.call('supervisor.readLog', { name, stream, offset: -PIECE, maxBytes: PIECE });
  const pieces = [last.text];
  let start = last.offset;
  let breaks = newlinesIn(last.text);
  while (start > 0 && breaks <= count) {
    const offset = Math.max(0, start - PIECE);
    const piece = await cli.call('supervisor.readLog', { name, stream, offset, maxBytes: start - offset });
    // The host may cut at the edge of a character; then the pieces overlap by none and the seam is a line's middle.
    pieces.unshift(piece.text);
    breaks += newlinesIn(piece.text);
    start = offset;
  }
  const lines = pieces.join('').split('\n');
  const rest = lines.pop() ?? '';
  const end = wholeLines ? last.nextOffset - Buffer.byteLength(rest) : last.nextOffset;
  if (rest !== '' && !wholeLines) lines.push(rest);
  return { text: count === Infinity ? lines : count === 0 ? [] : lines.slice(-count), end };
}

const newlinesIn = (text: string): number => text.split('\n').length - 1;

function follow(
  cli: Cli,
  name: string,
  stream: LogStreamName,
  from: number,
  wanted: (line: LogLine) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let pending = '';
    const show = (text: string) => {
      const line = { stream, text };
      if (wanted(line)) cli.item(line, showLine(cli, line));
    };
    void cli.host().then((host) => {
      host.follow(
        { kind: 'log', name, stream },
        from,
        (chunk) => {
          const lines = (pending + chunk.text).split('\n');
          pending = lines.pop() ?? '';
          lines.forEach(show);
        },
        (reason) => {
          if (pending !== '') show(pending);
          if (reason === 'removed') resolve();
          else reject(new Failure('unavailable', `the log of ${name} ended: ${reason}`));
        },
      );
    }, reject);
  });
}

function showLine(cli: Cli, { stream, text }: LogLine): string {
  const shown = cli.terminal ? plainText(text) : text;
  return stream === 'stderr' ? `stderr | ${shown}` : shown;
}
