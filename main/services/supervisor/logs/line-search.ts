import { spawn } from 'node:child_process';
import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { HostError } from '../../../../contract/errors.ts';
import type { Clock } from '../../../kernel/ports.ts';
import { findText } from '../find-line.ts';
import { findPattern } from '../pattern.ts';

export interface LineQuery {
  readonly what:
    { readonly kind: 'text'; readonly text: string } | { readonly kind: 'regex'; readonly pattern: string };
  readonly caseSensitive: boolean;
  /** Nobody waits for the answer any more. */
  readonly gone?: AbortSignal | undefined;
}

type OnHit = (line: number, offset?: number) => boolean;

/** Which lines of a file or of a text fit. */
export interface LineSearch {
  /**
   * @param file at its beginning; its position is moved
   * @param hit told each line, from 1, ascending, and where it begins if that is known; false ends the search
   * @throws HostError `invalid_input` for a pattern that is none, `unavailable` when it takes too long or nobody waits
   *   for it any more
   */
  file(file: FileHandle, query: LineQuery, hit: OnHit): Promise<void>;
  /** Of these lines; none holds a line break. */
  lines(lines: readonly string[], query: LineQuery): Promise<Set<number>>;
}

const TIMEOUT_MS = 20_000;
const MAX_STDERR = 2048;
const NEWLINE = 10;
const COLON = 58;
const ZERO = 48;

/**
 * ripgrep says which lines fit: it takes linear time for every pattern. It reads bytes as they are, so that its lines
 * are ours, and prints nothing of a line but its number.
 */
export function ripgrepArguments({ what, caseSensitive }: LineQuery): string[] {
  return [
    ...['--no-config', '--text', '--encoding=none', '--crlf', '--color=never', '--no-heading'],
    ...['--no-filename', '--line-number', '--byte-offset', '--max-columns=1', '--no-max-columns-preview'],
    caseSensitive ? '--case-sensitive' : '--ignore-case',
    ...(what.kind === 'text' ? ['--fixed-strings', `--regexp=${what.text}`] : [`--regexp=${what.pattern}`]),
    '-',
  ];
}

export function createRipgrepSearch(program: string, clock: Clock): LineSearch {
  async function run(stdin: FileHandle | string, query: LineQuery, hit: OnHit): Promise<void> {
    refuseGone(query);
    const child = spawn(program, ripgrepArguments(query), {
      stdio: [typeof stdin === 'string' ? 'pipe' : stdin.fd, 'pipe', 'pipe'],
      env: { LANG: 'C.UTF-8' },
      windowsHide: true,
    });
    if (typeof stdin === 'string') {
      child.stdin?.on('error', () => {});
      child.stdin?.end(stdin);
    }
    const state = { enough: false, late: false, stderr: '' };
    const kill = () => child.kill('SIGKILL');
    const cancel = clock.after(TIMEOUT_MS, () => (state.late = kill()));
    query.gone?.addEventListener('abort', kill);
    child.stderr?.on('data', (bytes: Buffer) => {
      state.stderr = (state.stderr + bytes.toString()).slice(0, MAX_STDERR);
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', () => reject(new HostError('unavailable', 'ripgrep cannot be started')));
      child.once('close', resolve);
    });
    try {
      const read = child.stdout ? readNumbers(child.stdout, hit) : Promise.resolve(true);
      state.enough = !(await Promise.race([read, ended.then(() => read)]));
      if (state.enough) kill();
      const code = await ended;
      refuseGone(query);
      if (state.late) throw new HostError('unavailable', 'the search took longer than 20 seconds');
      if (code === 2 || (code === null && !state.enough)) {
        throw new HostError('invalid_input', `the search was not understood: ${state.stderr.trim()}`);
      }
    } finally {
      cancel();
      query.gone?.removeEventListener('abort', kill);
    }
  }

  return {
    file: run,
    async lines(lines, query) {
      const found = new Set<number>();
      if (lines.length === 0) return found;
      await run(`${lines.join('\n')}\n`, query, (line) => found.add(line - 1).size > 0);
      return found;
    },
  };
}

function refuseGone({ gone }: LineQuery): void {
  if (gone?.aborted === true) throw new HostError('unavailable', 'whoever asked for the search has left');
}

/** `12:340:[…]` a line: both numbers are told as soon as they are whole. False when whoever was told ended it. */
async function readNumbers(
  stream: Readable,
  hit: (line: number, offset: number) => boolean,
): Promise<boolean> {
  let numbers = [0];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0;
      if (numbers.length < 3) {
        if (byte === COLON) numbers.push(0);
        else numbers.push((numbers.pop() ?? 0) * 10 + (byte - ZERO));
        if (numbers.length < 3) continue;
        if (!hit(numbers[0] ?? 0, numbers[1] ?? 0)) return false;
        continue;
      }
      const end = chunk.indexOf(NEWLINE, at);
      at = end === -1 ? chunk.length : end;
      if (end !== -1) numbers = [0];
    }
  }
  return true;
}

/** How much of a line is looked at without ripgrep. */
const LOOKED_AT = 8192;
const BATCH = 2000;
const PIECE = 262_144;

/**
 * The same in the host itself, where there is no ripgrep: slower, patterns are those of JavaScript with a deadline,
 * and of a line the first 8192 bytes are looked at.
 */
export function createOwnSearch(): LineSearch {
  function finder({ what, caseSensitive }: LineQuery): (lines: readonly string[]) => number[] {
    const text = (line: string) => (caseSensitive ? line : line.toLowerCase());
    const find =
      what.kind === 'text'
        ? findText(text(what.text))
        : findPattern(caseSensitive ? what.pattern : `(?i:${what.pattern})`);
    return (lines) => {
      const found: number[] = [];
      const looked = what.kind === 'text' ? lines.map(text) : [...lines];
      for (let from = 0; from < looked.length;) {
        const line = find(looked.slice(from));
        if (line === null) break;
        const at = looked.indexOf(line, from);
        found.push(at);
        from = at + 1;
      }
      return found;
    };
  }

  return {
    async file(file, query, hit) {
      const find = finder(query);
      let number = 0;
      let batch: string[] = [];
      const flush = () => {
        refuseGone(query);
        const found = find(batch);
        const wanted = found.every((index) => hit(number - batch.length + index + 1));
        batch = [];
        return wanted;
      };
      for await (const line of linesOf(file)) {
        batch.push(line);
        number += 1;
        if (batch.length === BATCH && !flush()) return;
      }
      flush();
    },
    lines: async (lines, query) => new Set(finder(query)(lines)),
  };
}

async function* linesOf(file: FileHandle): AsyncGenerator<string> {
  const buffer = Buffer.allocUnsafe(PIECE);
  let rest: Buffer = Buffer.alloc(0);
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE, at);
    if (bytesRead === 0) break;
    at += bytesRead;
    const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      yield shown(bytes.subarray(from, end));
      from = end + 1;
    }
    // Of a line that does not end only the beginning is kept.
    rest = Buffer.from(bytes.subarray(from, from + LOOKED_AT));
  }
  if (rest.length > 0) yield shown(rest);
}

function shown(line: Buffer): string {
  return line.toString('utf8', 0, LOOKED_AT).replace(/\r$/, '');
}
