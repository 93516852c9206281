import type { WatchRule } from '../../../contract/supervisor.ts';
import type { Clock } from '../../kernel/ports.ts';
import { createWatchFilter } from './watch-filter.ts';

/** A program that writes without a pause must not put a restart off for ever. */
const LONGEST_DEBOUNCE = 10;
const SHOWN_PATHS = 20;

export interface FileWatchDeps {
  readonly clock: Clock;
  /** Once for all changes of a moment. @param paths relative to the folder, 20 at most */
  changed(paths: readonly string[]): void;
  /** Files of this folder cannot be watched, or not all of them. */
  failed(reason: string): void;
}

/** Collects changes until none came for `debounceMs` (or ten times that has passed), and tells them once. */
export function createDebounce(debounceMs: number, clock: Clock, tell: (paths: readonly string[]) => void) {
  const paths = new Set<string>();
  let first = 0;
  let cancel = () => {};
  const flush = () => {
    const told = [...paths];
    paths.clear();
    tell(told);
  };
  return {
    add(path: string): void {
      if (paths.size === 0) first = clock.monotonic();
      if (paths.size < SHOWN_PATHS) paths.add(path);
      cancel();
      const latest = first + debounceMs * LONGEST_DEBOUNCE - clock.monotonic();
      cancel = clock.after(Math.max(0, Math.min(debounceMs, latest)), flush);
    },
    end: () => cancel(),
  };
}

/**
 * Watches the files of a folder with what the system offers for that. The returned function ends it. What is changed
 * while all of them are being looked through for the first time counts too: it is newer than the call.
 */
export function watchFiles(folder: string, rule: WatchRule, deps: FileWatchDeps): () => void {
  const filter = createWatchFilter(folder, rule);
  const debounce = createDebounce(rule.debounceMs, deps.clock, deps.changed);
  const from = deps.clock.now();
  let over = false;
  let close = () => {};
  const begin = async () => {
    // Loaded by the first process that asks for it.
    const { watch } = await import('chokidar');
    if (over) return;
    const watcher = watch(folder, {
      ignored: (path) => filter.ignored(path),
      alwaysStat: true,
      followSymlinks: false,
      ignorePermissionErrors: true,
    });
    close = () => void watcher.close().catch(() => {});
    let complained = false;
    let known = false;
    watcher.on('ready', () => (known = true));
    watcher.on('all', (event, path, stats) => {
      const isOld =
        !known && event.startsWith('add') && (event === 'addDir' || (stats?.mtimeMs ?? 0) <= from);
      if (!over && !isOld && filter.counts(path)) debounce.add(filter.shown(path));
    });
    watcher.on('error', (error) => {
      if (over || complained) return;
      complained = true;
      deps.failed(error instanceof Error ? error.message : String(error));
    });
  };
  begin().catch((error: unknown) => deps.failed(error instanceof Error ? error.message : String(error)));
  return () => {
    over = true;
    debounce.end();
    close();
  };
}
