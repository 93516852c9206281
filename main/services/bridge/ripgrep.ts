import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import type { ParsedInputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';

type Query = Pick<ParsedInputOf<'bridge.search'>, 'pattern' | 'regex' | 'ignoreCase' | 'glob' | 'limit'>;

export interface Hits {
  /** Workspace-relative path to line numbers, from 1, in the order they were found. */
  readonly lines: ReadonlyMap<string, readonly number[]>;
  readonly truncated: boolean;
}

const TIMEOUT_MS = 20_000;
const MAX_OUTPUT = 16 * 1024 * 1024;
const MAX_STDERR = 4096;

/** Only what is used of ripgrep's JSON lines; a path that is not UTF-8 has `bytes` instead and is passed over. */
const Match = z.object({
  type: z.literal('match'),
  data: z.object({ path: z.object({ text: z.string() }), line_number: z.int() }),
});

/**
 * Arguments for one search. No preprocessor, no decompression, no links, no configuration or ignore file from outside;
 * the blocked globs come last, so that no glob of the caller brings a file back. Pure.
 */
export function ripgrepArguments(query: Query, blocked: readonly string[]): string[] {
  return [
    ...['--json', '--no-config', '--no-follow', '--no-ignore-parent', '--no-ignore-global', '--no-messages'],
    ...[
      '--hidden',
      '--one-file-system',
      '--max-filesize=4M',
      '--threads=2',
      `--max-count=${query.limit + 1}`,
    ],
    query.ignoreCase ? '--ignore-case' : '--case-sensitive',
    ...(query.regex ? [] : ['--fixed-strings']),
    ...(query.glob === undefined ? [] : [`--glob=${query.glob}`]),
    ...blocked.flatMap((glob) => [`--iglob=!**/${glob}`, `--iglob=!**/${glob}/**`]),
    `--regexp=${query.pattern}`,
    ...['--', '.'],
  ];
}

export interface RipgrepDeps {
  readonly groups: ProcessGroups;
  readonly clock: Clock;
  readonly program: string;
}

/**
 * Where a text occurs. Ends ripgrep as soon as there is enough, or after 20 seconds.
 * @throws HostError `invalid_input` with ripgrep's words for a pattern or glob that it does not take
 */
export async function findLines(
  { groups, clock, program }: RipgrepDeps,
  search: { root: string; query: Query; blocked: readonly string[]; signal: AbortSignal },
): Promise<Hits> {
  const argv = [program, ...ripgrepArguments(search.query, search.blocked)];
  const group = await groups.spawn({
    argv,
    cwd: search.root,
    env: { LANG: 'C.UTF-8' },
    label: 'search',
    graceMs: 500,
  });
  const lines = new Map<string, number[]>();
  let found = 0;
  let bytes = 0;
  let truncated = false;
  let stderr = '';
  const stop = (): void => {
    truncated = true;
    void group.stop();
  };
  const cancel = clock.after(TIMEOUT_MS, stop);
  search.signal.addEventListener('abort', stop, { once: true });
  if (search.signal.aborted) stop();
  group.stdin.end();
  group.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(0, MAX_STDERR)));
  try {
    for await (const line of newlines(group.stdout)) {
      bytes += line.length;
      const hit = matchIn(line);
      if (hit !== null && found < search.query.limit) {
        lines.set(hit.path, [...(lines.get(hit.path) ?? []), hit.line]);
        found += 1;
      } else if (hit !== null || bytes > MAX_OUTPUT) {
        stop();
        break;
      }
    }
    const { code } = await group.exited;
    if (code === 2 && found === 0 && stderr !== '') {
      throw new HostError('invalid_input', `the search was not understood: ${stderr.trim().slice(0, 500)}`);
    }
    return { lines, truncated };
  } finally {
    cancel();
    search.signal.removeEventListener('abort', stop);
    await group.stop();
  }
}

/** Lines ended by \n alone: `readline` also splits at U+2028, which ripgrep does not escape. */
async function* newlines(stream: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder('utf8');
  let pending = '';
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const parts = (pending + decoder.write(chunk)).split('\n');
    pending = parts.pop() ?? '';
    yield* parts;
    if (pending.length > MAX_OUTPUT) return;
  }
}

function matchIn(line: string): { path: string; line: number } | null {
  if (!line.startsWith('{"type":"match"')) return null;
  const parsed = Match.safeParse(JSON.parse(line));
  if (!parsed.success) return null;
  const { path, line_number: number } = parsed.data.data;
  return { path: path.text.replace(/^\.\//, ''), line: number };
}
