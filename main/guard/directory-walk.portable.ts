import * as fs from 'node:fs';
import { join } from 'node:path';
import { explainErrno } from './directory-walk.ts';
import type { DirectoryWalk, OpenedRoot, WalkedDirectory } from './directory-walk.ts';
import { refusePath } from './path-lexical.ts';

/** Darwin's O_NOFOLLOW_ANY: the open fails if any part of the path is a link. Not in `fs.constants`. */
const darwinNoFollowAny = 0x20000000;

interface Identity {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/**
 * macOS and Windows have no `/proc/self/fd`. Every part is checked with `lstat` on the way down (a link or a reparse
 * point is refused), and after an open the opened file and the whole chain must still have the identities seen before.
 * A swap that is undone between the two walks is caught on macOS by O_NOFOLLOW_ANY; on Windows it is not.
 * The identity logic is tested on Linux; the code has not been run on macOS or Windows.
 */
export const portableWalk: DirectoryWalk = {
  openFlags: process.platform === 'darwin' ? darwinNoFollowAny : 0,
  openRoot(absolutePath) {
    const first = identify(absolutePath, absolutePath);
    // Resolved once, so that a link above the root (`/tmp` on macOS) does not fail every later open.
    const path = fs.realpathSync.native(absolutePath);
    const { dev, ino } = identify(path, absolutePath);
    if (dev !== first.dev || ino !== first.ino) {
      throw refusePath('stale', absolutePath, 'was replaced while it was opened; try again');
    }
    return { fd: null, path, dev, ino, mount: '' };
  },
  enter(root, segments) {
    const chain: Identity[] = [];
    let path = root.path;
    for (const [index, segment] of segments.entries()) {
      path = join(path, segment);
      chain.push(identify(path, segments.slice(0, index + 1).join('/')));
    }
    return walked(root, path, chain, segments);
  },
};

function identify(path: string, shown: string): Identity {
  let found: fs.BigIntStats;
  try {
    found = fs.lstatSync(path, { bigint: true });
  } catch (error) {
    throw explainErrno(error, shown, path);
  }
  if (found.isSymbolicLink()) throw refusePath('not_permitted', shown, 'is a symbolic link');
  if (!found.isDirectory()) throw refusePath('invalid_input', shown, 'is not a directory');
  return { path, dev: found.dev, ino: found.ino };
}

function walked(
  root: OpenedRoot,
  path: string,
  chain: readonly Identity[],
  segments: readonly string[],
): WalkedDirectory {
  const shown = segments.join('/');
  const verify = (): void => {
    for (const seen of chain) {
      const now = identify(seen.path, shown);
      if (now.dev !== seen.dev || now.ino !== seen.ino) {
        throw refusePath('stale', shown, 'was replaced while it was in use; try again');
      }
      if (now.dev !== root.dev) throw refusePath('not_permitted', shown, 'is on another mount');
    }
  };
  return {
    fd: null,
    self: path,
    child: (name) => join(path, name),
    verify,
    verifyFile(fd, name) {
      verify();
      const entry = fs.lstatSync(join(path, name), { bigint: true, throwIfNoEntry: false });
      const opened = fs.fstatSync(fd, { bigint: true });
      if (entry?.ino !== opened.ino || entry.dev !== opened.dev) {
        throw refusePath(
          'stale',
          [...segments, name].join('/'),
          'was replaced while it was opened; try again',
        );
      }
    },
    close: () => undefined,
  };
}
