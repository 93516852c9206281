import type { TaskId } from '../../../contract/ids.ts';
import type { Task, TaskDiff } from '../../../contract/tasks.ts';
import type { Workspaces } from './ports.ts';
import type { ResultDiffs } from './result-diff.ts';
import type { TaskRun } from './task-runner.ts';
import type { TaskStore } from './task-store.ts';

export interface TaskResultsDeps {
  readonly store: TaskStore;
  readonly diffs: ResultDiffs;
  readonly workspaces: Workspaces;
  readonly running: (id: TaskId) => { readonly run: TaskRun } | null;
  readonly now: () => string;
}

/** What tasks have changed: kept for those that ended, looked up for those that run. */
export function createTaskResults({ store, diffs, workspaces, running, now }: TaskResultsDeps) {
  return {
    /** Results of tasks that an earlier run of the host did not finish. */
    async takeLeftovers(): Promise<void> {
      for (const id of diffs.leftover()) {
        if (running(id)) continue;
        const task = store.get(id);
        const workspace = task && workspaces.byId(task.workspaceId);
        if (task && workspace && store.diff(id) === null)
          store.keepDiff(await diffs.take(task, workspace.path, [], true));
        if (!running(id)) diffs.forget(id);
      }
    },

    async of(task: Task): Promise<TaskDiff> {
      const entry = running(task.id);
      const workspace = workspaces.byId(task.workspaceId);
      if (entry && workspace) return diffs.take(task, workspace.path, entry.run.written(), false);
      const waits = task.state === 'queued';
      const nothing = { source: 'none' as const, files: [], diff: '', redacted: false, truncated: false };
      const note = waits ? 'the task has not begun' : 'nothing was kept of what it changed';
      return store.diff(task.id) ?? { ...nothing, taskId: task.id, final: !waits, takenAt: now(), note };
    },
  };
}
