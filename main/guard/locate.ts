import type { BlockList } from './blocked-paths.ts';
import type { DirectoryWalk, OpenedRoot, WalkedDirectory } from './directory-walk.ts';
import { parseRelativePath, refusePath } from './path-lexical.ts';

/** What the guarded operations share. */
export interface GuardContext {
  readonly walk: DirectoryWalk;
  readonly root: OpenedRoot;
  readonly blocked: BlockList;
}

/** A path split into the opened parent and the last name; the caller closes `parent`. */
export interface Located {
  readonly path: string;
  readonly parent: WalkedDirectory;
  readonly name: string;
}

/** Lexical gate plus block list. */
export function admit(blocked: BlockList, path: string): { path: string; segments: readonly string[] } {
  const parsed = parseRelativePath(path);
  const pattern = blocked.match(parsed.segments);
  if (pattern !== null) throw refusePath('not_permitted', path, `is on the blocked list (${pattern})`);
  return parsed;
}

/** Admits the path and walks to the parent of its last part; refuses the root itself. */
export function locate(context: GuardContext, path: string): Located {
  const { path: clean, segments } = admit(context.blocked, path);
  const name = segments.at(-1);
  if (name === undefined)
    throw refusePath('invalid_input', path, 'is the workspace itself; name a file in it');
  return { path: clean, name, parent: context.walk.enter(context.root, segments.slice(0, -1)) };
}
