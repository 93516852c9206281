import { HostError } from '../../contract/errors.ts';
import { parseByTable, plain } from './argv-table.ts';
import type { CommandTable, ParsedCommand } from './argv-table.ts';
import type { Root } from './path-guard.ts';

export interface CommandOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Builtin = (root: Root, parsed: ParsedCommand, paths: readonly string[]) => Promise<CommandOutput>;

const maximumFile = 1024 * 1024;
const countFlags = {
  '-n': /^[+-]?\d{1,9}$/,
  '-c': 'int',
  '--lines': /^[+-]?\d{1,9}$/,
  '--bytes': 'int',
} as const;
const tables: Readonly<Record<string, CommandTable>> = {
  pwd: { flags: plain('-P', '-L') },
  ls: { flags: plain('-l', '-a', '-A', '-1', '-p', '-F', '-h') },
  cat: { flags: plain('-n') },
  wc: { flags: plain('-l', '-w', '-c', '--lines', '--words', '--bytes') },
  head: { flags: countFlags, numeric: '-n' },
  tail: { flags: countFlags, numeric: '-n' },
};

export const isReadCommand = (name: string): boolean => Object.hasOwn(tables, name);

/**
 * `pwd ls cat wc head tail` as own implementations through the path guard: no program is started, blocked paths and
 * links are refused. Returns the reason as a string if the options are not in the table.
 */
export function prepareReadCommand(
  argv: readonly string[],
  root: Root,
): (() => Promise<CommandOutput>) | string {
  const [name = '', ...rest] = argv;
  const table = tables[name];
  const builtin = builtins[name];
  if (!table || !builtin) return `${name} is not a read command`;
  const parsed = parseByTable(table, rest);
  if (typeof parsed === 'string') return parsed;
  const paths = [...parsed.words, ...(parsed.paths ?? [])];
  if (paths.includes('-')) return 'there is no standard input to read';
  if (paths.length === 0 && !['pwd', 'ls'].includes(name)) return `${name} needs a file`;
  if (paths.length > 0 && name === 'pwd') return 'pwd takes no argument';
  try {
    for (const path of paths) root.check(path);
  } catch (error) {
    if (error instanceof HostError) return error.message;
    throw error;
  }
  return () => builtin(root, parsed, paths);
}

const has = (parsed: ParsedCommand, ...names: string[]): boolean =>
  parsed.flags.some((flag) => names.includes(flag.name));

/** Runs a step for every path; a refusal goes to standard error and the next path is tried, as the programs do. */
async function forEachPath(
  paths: readonly string[],
  step: (path: string, index: number) => Promise<string>,
): Promise<CommandOutput> {
  let stdout = '';
  let stderr = '';
  for (const [index, path] of paths.entries()) {
    try {
      stdout += await step(path, index);
    } catch (error) {
      if (!(error instanceof HostError)) throw error;
      stderr += `${error.message}\n`;
    }
  }
  return { code: stderr === '' ? 0 : 1, stdout, stderr };
}

const readText = async (root: Root, path: string): Promise<string> =>
  (await root.readFile(path, { maxBytes: maximumFile })).bytes.toString();

const heading = (paths: readonly string[], path: string, index: number): string =>
  paths.length < 2 ? '' : `${index > 0 ? '\n' : ''}==> ${path} <==\n`;

const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

const builtins: Readonly<Record<string, Builtin>> = {
  pwd: (root) => Promise.resolve({ code: 0, stdout: `${root.path}\n`, stderr: '' }),
  ls: (root, parsed, paths) => {
    const targets = paths.length === 0 ? ['.'] : paths;
    return forEachPath(targets, async (path, index) => {
      const title = targets.length > 1 ? `${index > 0 ? '\n' : ''}${path}:\n` : '';
      return title + (await listPath(root, parsed, path));
    });
  },
  cat: (root, parsed, paths) =>
    forEachPath(paths, async (path) => {
      const text = await readText(root, path);
      if (!has(parsed, '-n')) return text;
      return splitLines(text)
        .map((line, index) => `${String(index + 1).padStart(6)}\t${line}`)
        .join('');
    }),
  wc: (root, parsed, paths) =>
    forEachPath(paths, async (path) => countText(parsed, await readText(root, path), path)),
  head: (root, parsed, paths) =>
    forEachPath(
      paths,
      async (path, index) => heading(paths, path, index) + cut(parsed, await readText(root, path), true),
    ),
  tail: (root, parsed, paths) =>
    forEachPath(
      paths,
      async (path, index) => heading(paths, path, index) + cut(parsed, await readText(root, path), false),
    ),
};

async function listPath(root: Root, parsed: ParsedCommand, path: string): Promise<string> {
  const stat = await root.stat(path);
  if (stat.kind === 'file') return `${path}\n`;
  const { entries, truncated } = await root.list(path);
  const shown = has(parsed, '-a', '-A') ? entries : entries.filter((entry) => !entry.name.startsWith('.'));
  const lines = await Promise.all(
    shown.map(async ({ name, kind }) => {
      const marked = kind === 'directory' ? `${name}/` : kind === 'symlink' ? `${name}@` : name;
      if (!has(parsed, '-l')) return marked;
      const size = kind === 'file' ? (await root.stat(`${path}/${name}`).catch(() => null))?.size : undefined;
      return `${kind.padEnd(9)} ${String(size ?? '-').padStart(10)} ${marked}`;
    }),
  );
  return [...lines, ...(truncated ? ['(more entries are not shown)'] : [])]
    .map((line) => `${line}\n`)
    .join('');
}

function countText(parsed: ParsedCommand, text: string, path: string): string {
  const all = parsed.flags.length === 0;
  const counts = [
    all || has(parsed, '-l', '--lines') ? text.split('\n').length - 1 : null,
    all || has(parsed, '-w', '--words') ? (text.match(/\S+/g)?.length ?? 0) : null,
    all || has(parsed, '-c', '--bytes') ? Buffer.byteLength(text) : null,
  ];
  return `${counts.filter((count) => count !== null).join(' ')} ${path}\n`;
}

function cut(parsed: ParsedCommand, text: string, fromStart: boolean): string {
  const last = parsed.flags.at(-1);
  const value = last?.value ?? '10';
  if (last?.name === '-c' || last?.name === '--bytes') {
    const bytes = Buffer.from(text);
    const count = Number(value);
    return (
      fromStart ? bytes.subarray(0, count) : bytes.subarray(Math.max(0, bytes.length - count))
    ).toString();
  }
  const lines = splitLines(text);
  const count = Math.abs(Number(value));
  if (fromStart)
    return (
      value.startsWith('-') ? lines.slice(0, Math.max(0, lines.length - count)) : lines.slice(0, count)
    ).join('');
  if (value.startsWith('+')) return lines.slice(Math.max(0, count - 1)).join('');
  return count === 0 ? '' : lines.slice(-count).join('');
}
