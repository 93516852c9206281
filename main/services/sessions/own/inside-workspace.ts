import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { Workspace } from '../../../../contract/workspaces.ts';

export interface Whereabouts {
  readonly workspace: Workspace;
  /** Relative to the workspace, with '/'; '.' is the workspace itself. */
  readonly folder: string;
}

/**
 * The workspace that a folder lies in, all links resolved: a link that leads out of it does not count, one that is not
 * there any more neither. The innermost one when workspaces lie in each other.
 */
export function whereabouts(folder: string, workspaces: readonly Workspace[]): Whereabouts | null {
  const real = realFolder(folder);
  if (real === null) return null;
  const [workspace] = workspaces
    .filter(({ path }) => isWithin(path, real))
    .sort((a, b) => b.path.length - a.path.length);
  if (!workspace) return null;
  const below = relative(workspace.path, real);
  return { workspace, folder: below === '' ? '.' : below.split(sep).join('/') };
}

/** The real path of a folder of a workspace; null when it is gone, or leads out of it by now. */
export function folderInside(workspace: Workspace, folder: string): string | null {
  const real = realFolder(join(workspace.path, folder));
  return real !== null && isWithin(workspace.path, real) ? real : null;
}

function realFolder(path: string): string | null {
  if (!isAbsolute(path) || path.includes('\0') || path.length > 4096) return null;
  try {
    const real = realpathSync.native(path);
    return statSync(real).isDirectory() ? real : null;
  } catch {
    return null;
  }
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}
