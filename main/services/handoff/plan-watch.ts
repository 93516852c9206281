import { join } from 'node:path';
import { HANDOFF_FILES, HANDOFF_FOLDER } from '../../../contract/handoff.ts';
import type { Clock } from '../../kernel/ports.ts';

/** An editor saves in several steps, a client writes and corrects: only what stands for so long is looked at. */
const DEBOUNCE_MS = 500;

export interface PlanWatchEvents {
  changed(): void;
  failed(reason: string): void;
  /** Every change from now on is seen. */
  ready(): void;
}

/** Tells when the plan of a workspace was written or removed. The returned function ends it. */
export type WatchPlan = (root: string, events: PlanWatchEvents) => () => void;

/** By events of the file system; of the workspace nothing but the context directory is looked at. */
export function createPlanWatch(clock: Clock): WatchPlan {
  return (root, events) => {
    const folder = join(root, HANDOFF_FOLDER);
    const plan = join(root, HANDOFF_FILES.plan);
    let over = false;
    let cancel = () => {};
    let close = () => {};
    const fail = (error: unknown) => {
      if (!over) events.failed(error instanceof Error ? error.message : String(error));
    };
    const begin = async () => {
      // Loaded by the first that watches.
      const { watch } = await import('chokidar');
      if (over) return;
      const watcher = watch(root, {
        // The folder itself may be removed and made again.
        ignored: (path) => path !== root && path !== folder && path !== plan,
        ignoreInitial: true,
        followSymlinks: false,
        ignorePermissionErrors: true,
      });
      close = () => void watcher.close().catch(() => {});
      watcher.on('all', (_event, path) => {
        if (over || path !== plan) return;
        cancel();
        cancel = clock.after(DEBOUNCE_MS, events.changed);
      });
      watcher.on('ready', () => {
        if (!over) events.ready();
      });
      watcher.on('error', fail);
    };
    begin().catch(fail);
    return () => {
      over = true;
      cancel();
      close();
    };
  };
}
