import { existsSync, lstatSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { SessionId } from '../../../contract/ids.ts';
import { DELETED_KEPT_MS } from '../../../contract/session-retention.ts';
import { syncFolder } from '../../kernel/atomic-file.ts';
import { makePrivate } from '../../kernel/home.ts';

/** Timelines of deleted conversations: kept aside for 30 days, then removed. */
export function createDeletedTimelines(timelinesDir: string) {
  const folder = join(timelinesDir, 'deleted');
  const fileOf = (id: SessionId) => join(folder, `${id}.jsonl`);
  return {
    /** Moves a timeline aside; the time of the deletion is its time of change. */
    take(file: string, id: SessionId, now: number): void {
      if (!lstatSync(file, { throwIfNoEntry: false })?.isFile()) return;
      makePrivate(folder);
      utimesSync(file, now / 1000, now / 1000);
      renameSync(file, fileOf(id));
      syncFolder(folder);
      syncFolder(timelinesDir);
    },
    giveBack(file: string, id: SessionId): void {
      if (!existsSync(fileOf(id))) return;
      renameSync(fileOf(id), file);
      syncFolder(timelinesDir);
    },
    remove: (id: SessionId) => rmSync(fileOf(id), { force: true }),
    /** Removes what has been there for longer than 30 days: whatever the list still knows of it. */
    purge(now: number): void {
      if (!existsSync(folder)) return;
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const file = join(folder, entry.name);
        if (entry.isFile() && now - lstatSync(file).mtimeMs > DELETED_KEPT_MS) rmSync(file);
      }
    },
  };
}
