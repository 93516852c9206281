import * as fs from 'node:fs';
import { join } from 'node:path';

const HEAD = /^ref: refs\/heads\/([^\0-\x20\x7f~^:?*[\\]{1,200})\n?$/;
const MAX_BYTES = 512;

/**
 * The branch that is checked out, or null (detached, no repository, a work tree of another one). Reads one file of
 * git's own instead of starting git, and nothing of it but a well-formed name gets out.
 */
export function currentBranch(root: string): string | null {
  if (!fs.lstatSync(join(root, '.git'), { throwIfNoEntry: false })?.isDirectory()) return null;
  try {
    const fd = fs.openSync(
      join(root, '.git', 'HEAD'),
      fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK,
    );
    try {
      const bytes = Buffer.alloc(MAX_BYTES);
      return HEAD.exec(bytes.toString('utf8', 0, fs.readSync(fd, bytes, 0, MAX_BYTES, 0)))?.[1] ?? null;
    } finally {
      fs.closeSync(fd);
    }
  } catch {
    return null;
  }
}
