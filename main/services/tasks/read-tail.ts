import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { HostError } from '../../../contract/errors.ts';

const MAX_BYTES = 256 * 1024;

/**
 * The last lines of a file, at most 256 KiB, redacted.
 * @param root the folder it must lie in, all links followed; `null` where the owner has named the file itself
 * @throws HostError `refused` for what lies outside or is no regular file
 */
export function readTail(request: {
  readonly file: string;
  readonly root: string | null;
  readonly lines: number;
  readonly part: (text: string, from: number, to: number) => string;
}): { text: string; truncated: boolean } {
  const real = realpathSync(request.file);
  if (request.root !== null && !real.startsWith(realpathSync(request.root) + sep))
    throw new HostError('refused', 'the log is a link to a file outside of its workspace');
  // Not blocking: a pipe with that name must not hold the host.
  const fd = openSync(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new HostError('refused', 'the log is not a regular file');
    const length = Math.min(stat.size, MAX_BYTES);
    const bytes = Buffer.alloc(length);
    const count = readSync(fd, bytes, 0, length, stat.size - length);
    const window = bytes.subarray(0, count).toString('utf8');
    const cut = stat.size > length;
    // The first line of a window may be the end of a longer one, and of a secret in it.
    const begin = cut ? window.indexOf('\n') + 1 : 0;
    const from = lastLines(window, begin, request.lines);
    return { text: request.part(window, from, window.length), truncated: cut || from > 0 };
  } finally {
    closeSync(fd);
  }
}

/** Where the last `count` lines of `text` begin, not before `begin`. Pure. */
function lastLines(text: string, begin: number, count: number): number {
  let at = text.endsWith('\n') ? text.length - 1 : text.length;
  for (let left = count; left > 0; left -= 1) {
    const found = at > 0 ? text.lastIndexOf('\n', at - 1) : -1;
    if (found < begin) return begin;
    at = found;
  }
  return at + 1;
}
