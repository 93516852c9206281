import { copyFileSync, existsSync, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import type { ChangedFile } from '../../../contract/tasks.ts';
import type { BlockList } from '../../guard/blocked-paths.ts';
import { gitEnvironment, gitOptions } from '../../guard/git-table.ts';
import { findProgram, trustedPath } from '../../guard/trusted-path.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { runGit } from '../../guard/git-run.ts';

const TIMEOUT_MS = 20_000;
const MAX_LIST_BYTES = 16 * 1024 * 1024;
/** Larger files are left out: they are no text that anybody reads as a diff. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;
/** A folder with more that is not committed is not looked at this way. */
const MAX_PATHS = 20_000;
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

export interface GitPlace {
  /** The workspace, absolute. */
  readonly root: string;
  /** A private folder for the index and the objects that are made; nothing is written into the repository. */
  readonly scratch: string;
  readonly blocked: BlockList;
}

export interface TreeDiff {
  readonly files: ChangedFile[];
  readonly diff: string;
  readonly truncated: boolean;
}

/** The state of a working folder, ignored files left out, as a tree of git. */
export interface GitTrees {
  /**
   * The id of a tree that holds the folder as it is now, untracked files included.
   * @throws HostError `unavailable` where there is no repository or no git, `too_large`, `timed_out`
   */
  snapshot(place: GitPlace): Promise<string>;
  between(place: GitPlace, from: string, to: string, maxBytes: number): Promise<TreeDiff>;
}

export function createGitTrees(deps: { groups: ProcessGroups; clock: Clock }): GitTrees {
  async function git(
    place: GitPlace,
    words: readonly string[],
    more: { input?: string; maxBytes?: number } = {},
  ) {
    const program = findProgram('git', place.root);
    if (program === null) throw new HostError('unavailable', 'git is not installed in a trusted directory');
    const run = (argv: readonly string[], filters: readonly string[], input?: string) =>
      runGit(deps, {
        argv: [program, ...gitOptions(place.root), ...argv],
        cwd: place.root,
        env: environment(place, filters),
        timeoutMs: TIMEOUT_MS,
        maxBytes: more.maxBytes ?? MAX_LIST_BYTES,
        ...(input !== undefined && { input }),
      });
    return run(words, await filterNames(run), more.input);
  }

  return {
    async snapshot(place) {
      const folder = join(place.root, '.git');
      if (!lstatSync(folder, { throwIfNoEntry: false })?.isDirectory())
        throw new HostError('unavailable', 'the workspace is not the top of a git repository');
      const index = join(place.scratch, 'index');
      mkdirSync(join(place.scratch, 'objects'), { recursive: true, mode: 0o700 });
      if (!existsSync(index) && existsSync(join(folder, 'index'))) copyFileSync(join(folder, 'index'), index);
      const { stdout } = await git(place, [
        ...['ls-files', '-z', '--modified', '--deleted', '--others', '--exclude-standard'],
      ]);
      const paths = worthKeeping(place, stdout.toString('utf8').split('\0'));
      if (paths.length > 0)
        await git(place, ['update-index', '-z', '--add', '--remove', '--stdin'], {
          input: paths.map((path) => `${path}\0`).join(''),
        });
      return (await git(place, ['write-tree'])).stdout.toString('utf8').trim();
    },

    async between(place, from, to, maxBytes) {
      const range = ['diff-tree', '-r', '--no-renames', '--no-ext-diff', '--no-textconv'];
      const ends = [objectId(from), objectId(to)];
      const names = await git(place, [...range, '-z', '--name-status', ...ends]);
      const counts = await git(place, [...range, '-z', '--numstat', ...ends]);
      const patch = await git(place, [...range, '-p', '--no-color', ...ends], { maxBytes });
      return {
        files: filesOf(names.stdout.toString('utf8'), counts.stdout.toString('utf8')),
        diff: wholeCharacters(patch.stdout),
        truncated: patch.truncated || names.truncated,
      };
    },
  };
}

/** A repository must not make us run its filters; their names have to be known to switch them off. */
async function filterNames(
  run: (argv: readonly string[], filters: readonly string[]) => Promise<{ stdout: Buffer }>,
): Promise<string[]> {
  const { stdout } = await run(['config', '-z', '--name-only', '--list'], []);
  const names = stdout.toString('utf8').split('\0');
  return [...new Set(names.flatMap((key) => /^filter\.([^]+)\.[^.]+$/.exec(key)?.[1] ?? []))];
}

function environment({ root, scratch }: GitPlace, filters: readonly string[]): Record<string, string> {
  return {
    ...gitEnvironment(trustedPath, filters),
    GIT_INDEX_FILE: join(scratch, 'index'),
    GIT_OBJECT_DIRECTORY: join(scratch, 'objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(root, '.git', 'objects'),
  };
}

/** Paths that are taken in: no blocked ones, none that is too large, and not too many of them. */
function worthKeeping({ root, blocked }: GitPlace, paths: readonly string[]): string[] {
  const unique = [...new Set(paths)].filter((path) => path !== '' && !path.endsWith('/'));
  if (unique.length > MAX_PATHS)
    throw new HostError('too_large', `more than ${MAX_PATHS} files are not committed`);
  let total = 0;
  const kept = unique.filter((path) => {
    if (blocked.matchSecret(path.split('/')) !== null) return false;
    const found = lstatSync(join(root, path), { throwIfNoEntry: false });
    if (found === undefined) return true;
    if (found.isSymbolicLink()) return true;
    if (!found.isFile() || found.size > MAX_FILE_BYTES) return false;
    total += found.size;
    return true;
  });
  if (total > MAX_TOTAL_BYTES)
    throw new HostError('too_large', 'the files that are not committed are too large together');
  return kept;
}

const CHANGES: Readonly<Record<string, ChangedFile['change']>> = { A: 'added', D: 'deleted' };

/** `STATUS NUL path NUL …` and `added TAB removed TAB path NUL …`, as `-z` has them. Pure. */
function filesOf(names: string, counts: string): ChangedFile[] {
  const lines = new Map<string, { added: number | null; removed: number | null }>();
  for (const line of counts.split('\0')) {
    const [added = '', removed = '', ...path] = line.split('\t');
    const count = (text: string) => (/^\d+$/.test(text) ? Number(text) : null);
    if (path.length > 0) lines.set(path.join('\t'), { added: count(added), removed: count(removed) });
  }
  const parts = names.split('\0');
  const files: ChangedFile[] = [];
  for (let at = 0; at + 1 < parts.length && files.length < 1000; at += 2) {
    const path = parts[at + 1] ?? '';
    const found = lines.get(path) ?? { added: null, removed: null };
    files.push({ path: path.slice(0, 4096), change: CHANGES[parts[at] ?? ''] ?? 'modified', ...found });
  }
  return files;
}

/** Text whose last character is whole, also where it was cut. */
function wholeCharacters(bytes: Buffer): string {
  return new TextDecoder('utf-8').decode(bytes, { stream: true });
}

function objectId(id: string): string {
  if (!/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(id))
    throw new HostError('internal', 'git answered something that is no object id');
  return id;
}
