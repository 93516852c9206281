import { isAbsolute, posix, relative, sep } from 'node:path';
import { HostError } from '../../contract/errors.ts';

/**
 * A path as an agent gives it, made relative to the workspace with "/" between its parts; `.` is the workspace itself.
 * Lexical only: the path guard looks at links when the file is touched.
 * @param roots the workspace as it was added, and the same without links
 * @param base where relative paths begin, itself relative to the workspace
 * @throws HostError `refused` when it lies outside
 */
export function insideWorkspace(roots: readonly string[], given: string, base = '.'): string {
  if (!isAbsolute(given)) {
    const path = given === '' ? '.' : given.split(sep).join('/');
    return base === '.' ? path : posix.join(base, path);
  }
  for (const root of roots) {
    const inside = relative(root, given);
    if (inside === '') return '.';
    if (inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside))
      return inside.split(sep).join('/');
  }
  throw new HostError('refused', `${shown(given)} is outside the workspace ${roots[0] ?? ''}`);
}

/** Text of an agent on one line: what cannot be seen is written out, so that it cannot hide or reorder anything. */
export function shown(text: string, max = 200): string {
  const visible = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (c) =>
    c === '\n' || c === '\t'
      ? ' '
      : `⟦U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`,
  );
  return visible.length > max ? `${visible.slice(0, max - 1)}…` : visible;
}
