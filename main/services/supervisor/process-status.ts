import type { ManagedProcess } from '../../../contract/supervisor.ts';
import { transition, type ProcessEvent } from './process-machine.ts';

/** The status of one process, and who wants to know of it. */
export interface ProcessStatus {
  current(): ManagedProcess;
  /** @returns false when the event means nothing now */
  apply(event: ProcessEvent): boolean;
  /** Another definition or project; for all else there are events. */
  redefine(change: Partial<Pick<ManagedProcess, 'definition' | 'project'>>): void;
  watch(listener: (process: ManagedProcess) => void): () => void;
}

/** @param changed is told first: it keeps the new status. `happened` is false when it was only defined anew */
export function createProcessStatus(
  initial: ManagedProcess,
  changed: (process: ManagedProcess, happened: boolean) => void,
): ProcessStatus {
  const watchers = new Set<(process: ManagedProcess) => void>();
  let process = initial;

  function become(next: ManagedProcess, happened: boolean): void {
    process = next;
    changed(next, happened);
    for (const watcher of [...watchers]) watcher(next);
  }

  return {
    current: () => process,
    apply(event) {
      const next = transition(process, event);
      if (next) become(next, true);
      return next !== null;
    },
    redefine: (change) => become({ ...process, ...change }, false),
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
  };
}
