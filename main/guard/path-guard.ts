import { isAbsolute } from 'node:path';
import * as fs from 'node:fs';
import { HostError } from '../../contract/errors.ts';
import { createBlockList } from './blocked-paths.ts';
import type { BlockList } from './blocked-paths.ts';
import type { DirectoryWalk, OpenedRoot } from './directory-walk.ts';
import { linuxWalk } from './directory-walk.linux.ts';
import { portableWalk } from './directory-walk.portable.ts';
import { listDirectory, readGuarded, statGuarded } from './guarded-read.ts';
import type { FileContent, FileStat, Listing } from './guarded-read.ts';
import { makeGuardedDirectory, removeGuarded, writeGuarded } from './guarded-write.ts';
import type { Removal, Written, WriteOptions } from './guarded-write.ts';
import { admit } from './locate.ts';
import type { GuardContext } from './locate.ts';
import { showPath } from './path-lexical.ts';

/** The only way to the files of a workspace. All paths are relative to it; every refusal is a HostError that names path and rule. */
export interface Root {
  /** Absolute path at the time of opening, without links in the last part. */
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly blocked: BlockList;
  /** Whole content of a regular file with one name; `too_large` above `maxBytes` (default 8 MiB). */
  readFile(path: string, options?: { maxBytes?: number }): Promise<FileContent>;
  /** Entries of a directory (`''` is the root), sorted by name, blocked names left out and counted. */
  list(path: string, options?: { maxEntries?: number }): Promise<Listing>;
  stat(path: string): Promise<FileStat>;
  /** Replaces or creates a file in one step; see {@link WriteOptions} for the precondition. */
  writeFile(path: string, bytes: Uint8Array, options: WriteOptions): Promise<Written>;
  /** Creates a directory and its missing parents. */
  makeDirectory(path: string): Promise<{ created: boolean }>;
  /** Removes a file, or an empty directory. */
  remove(path: string, options?: { expectedSha256?: string }): Promise<Removal>;
  /** The lexical gate and the block list alone, for paths that are only passed on (git revisions). */
  check(path: string): string;
  /** Refuses with `stale` when the directory at `path` is no longer the one that was opened. */
  assertUnchanged(): void;
  close(): void;
}

export interface RootOptions {
  blocked?: BlockList;
  /** For tests: the walk of another system. */
  walk?: DirectoryWalk;
}

/**
 * Opens a workspace root. Its device and inode are kept: if the directory is later replaced, every operation refuses.
 *
 * @throws HostError `invalid_input` (not absolute, not a directory), `not_permitted` (a symbolic link), `not_found`.
 */
export function openRoot(absolutePath: string, options: RootOptions = {}): Root {
  if (!isAbsolute(absolutePath) || absolutePath.includes('\0')) {
    throw new HostError('invalid_input', `${showPath(absolutePath)} is not an absolute path.`);
  }
  const trimmed = absolutePath.replace(/(?<=.)\/+$/, '');
  const walk = options.walk ?? (process.platform === 'linux' ? linuxWalk : portableWalk);
  const root = walk.openRoot(trimmed);
  const context: GuardContext = { walk, root, blocked: options.blocked ?? createBlockList() };
  let open = true;
  const assertUnchanged = (): void => {
    if (!open) throw new HostError('unavailable', `The workspace ${showPath(root.path)} is closed.`);
    assertSameRoot(root);
  };
  const guarded = async <T>(operation: () => T | Promise<T>): Promise<T> => {
    assertUnchanged();
    return await operation();
  };
  return {
    path: root.path,
    dev: root.dev,
    ino: root.ino,
    blocked: context.blocked,
    readFile: (path, o) => guarded(() => readGuarded(context, path, o?.maxBytes)),
    list: (path, o) => guarded(() => listDirectory(context, path, o?.maxEntries)),
    stat: (path) => guarded(() => statGuarded(context, path)),
    writeFile: (path, bytes, o) => guarded(() => writeGuarded(context, path, bytes, o)),
    makeDirectory: (path) => guarded(() => makeGuardedDirectory(context, path)),
    remove: (path, o) => guarded(() => removeGuarded(context, path, o?.expectedSha256)),
    check: (path) => admit(context.blocked, path).path,
    assertUnchanged,
    close() {
      if (open && root.fd !== null) fs.closeSync(root.fd);
      open = false;
    },
  };
}

function assertSameRoot(root: OpenedRoot): void {
  const now = fs.lstatSync(root.path, { bigint: true, throwIfNoEntry: false });
  if (now?.dev !== root.dev || now.ino !== root.ino) {
    throw new HostError(
      'stale',
      `The workspace ${showPath(root.path)} was moved or replaced; open it again.`,
      {
        path: root.path,
        rule: 'replaced root',
      },
    );
  }
}
