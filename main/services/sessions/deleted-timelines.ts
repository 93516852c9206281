import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

const KEPT_MS = 30 * 24 * 3_600_000;

/** Timelines of deleted conversations: kept aside for 30 days, then removed. */
export function createDeletedTimelines(timelinesDir: string) {
  const folder = join(timelinesDir, 'deleted');
  return {
    /** Moves a file aside; the time of the deletion is its time of change. */
    take(file: string, name: string, now: number): void {
      if (!existsSync(file)) return;
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      utimesSync(file, now / 1000, now / 1000);
      renameSync(file, join(folder, name));
    },
    /** Removes what has been there for longer than 30 days. */
    purge(now: number): void {
      if (!existsSync(folder)) return;
      for (const name of readdirSync(folder)) {
        const file = join(folder, name);
        if (now - statSync(file).mtimeMs > KEPT_MS) rmSync(file);
      }
    },
  };
}
