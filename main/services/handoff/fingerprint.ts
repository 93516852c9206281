import { createHash } from 'node:crypto';
import { constants, lstatSync, readlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HostError } from '../../../contract/errors.ts';
import { HANDOFF_FOLDER } from '../../../contract/handoff.ts';
import { runGit } from '../../guard/git-run.ts';
import { gitEnvironment, gitOptions, gitSafety } from '../../guard/git-table.ts';
import { findProgram, trustedPath } from '../../guard/trusted-path.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';

const TIMEOUT_MS = 20_000;
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const UNTRACKED_BYTES = 64 * 1024;
const LINK_CHARACTERS = 512;
/** Everything of the folder but what the handoff itself writes. */
const PATHS = ['--', '.', `:(exclude,literal)${HANDOFF_FOLDER}`];

/** How a working folder stands. */
export interface Fingerprint {
  /** The same for the same commit, the same index and the same content of whatever is not committed. */
  readonly sha256: string;
  /** Nothing is uncommitted. */
  readonly isClean: boolean;
}

export interface Fingerprints {
  /**
   * The folder as it is now, ignored files and the context directory left out. Null where there is no repository; a
   * folder inside of one will do.
   * @throws HostError `unavailable` when git fails, `timed_out`, `too_large`
   */
  of(folder: string): Promise<Fingerprint | null>;
}

/**
 * Tells whether anything was changed, by hashing the commit, the index, the list of what differs and its content. Of a
 * file that is not tracked the first 64 KiB and its size count.
 */
export function createFingerprints(deps: { groups: ProcessGroups; clock: Clock }): Fingerprints {
  async function git(top: string, folder: string, words: readonly string[], filters: readonly string[]) {
    const program = findProgram('git', top);
    if (program === null) throw new HostError('unavailable', 'git is not installed in a trusted directory');
    const { stdout, truncated } = await runGit(deps, {
      argv: [program, ...gitOptions(top), ...words],
      cwd: folder,
      env: gitEnvironment(trustedPath, filters),
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_LIST_BYTES,
    });
    if (truncated) throw new HostError('too_large', 'too many files are not committed');
    return stdout.toString('utf8');
  }

  return {
    async of(folder) {
      const top = topOf(folder);
      if (top === null) return null;
      // A repository must not make us run its filters; their names have to be known to switch them off.
      const names = (await git(top, folder, ['config', '-z', '--name-only', '--list'], [])).split('\0');
      const filters = [...new Set(names.flatMap((key) => /^filter\.([^]+)\.[^.]+$/.exec(key)?.[1] ?? []))];
      const ask = (...words: string[]) => git(top, folder, words, filters);
      const head = await ask('rev-parse', '--verify', 'HEAD').catch(() => 'no commit yet');
      const staged = await ask(
        'diff',
        '--cached',
        '--raw',
        '-z',
        '--no-renames',
        ...(gitSafety['diff'] ?? []),
        ...PATHS,
      );
      const status = await ask(
        ...['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'],
        ...(gitSafety['status'] ?? []),
        ...PATHS,
      );
      const hash = createHash('sha256').update(`${head}\0${staged}\0${status}\0`);
      const entries = status.split('\0').filter((entry) => entry.length > 3);
      for (const entry of entries) {
        const path = entry.slice(3);
        const isTracked = !entry.startsWith('??');
        hash.update(`${path}\0${await contentOf(join(top, path), isTracked)}\0`);
      }
      return { sha256: hash.digest('hex'), isClean: entries.length === 0 };
    },
  };
}

/** The nearest folder upwards that holds a repository. */
function topOf(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (lstatSync(join(at, '.git'), { throwIfNoEntry: false })?.isDirectory() === true) return at;
    if (dirname(at) === at) return null;
  }
}

async function contentOf(path: string, isTracked: boolean): Promise<string> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 'gone';
  if (found.isSymbolicLink()) return `link ${readlinkSync(path).slice(0, LINK_CHARACTERS)}`;
  if (!found.isFile()) return 'other';
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (file === null) return 'unreadable';
  try {
    const hash = createHash('sha256');
    const end = isTracked ? {} : { end: UNTRACKED_BYTES - 1 };
    for await (const chunk of file.createReadStream({ autoClose: false, start: 0, ...end }))
      hash.update(chunk as Buffer);
    return `${found.size} ${found.mode & 0o111} ${hash.digest('hex')}`;
  } finally {
    await file.close();
  }
}
