import type * as z from 'zod';
import type { DirectoryEntry } from '../../../contract/bridge.ts';
import type { Root } from '../../guard/path-guard.ts';

type Entry = z.infer<typeof DirectoryEntry>;

const MAX_ENTRIES = 2000;

/**
 * The entries of a folder. Names on the block list are left out by the path guard; links and special files are named
 * and marked as blocked, because nothing opens them.
 */
export async function listFolder(
  root: Root,
  path: string,
  maxEntries = MAX_ENTRIES,
): Promise<{ entries: Entry[]; truncated: boolean }> {
  const { entries, truncated } = await root.list(path, { maxEntries });
  const folder = root.check(path);
  const described = entries.map(async ({ name, kind }): Promise<Entry> => {
    if (kind !== 'file') return { name, kind, bytes: null, blocked: kind !== 'directory' };
    const stat = await root.stat(folder === '' ? name : `${folder}/${name}`).catch(() => null);
    return { name, kind, bytes: stat?.size ?? null, blocked: stat === null };
  });
  return { entries: await Promise.all(described), truncated };
}
