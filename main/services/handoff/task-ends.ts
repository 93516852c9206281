import type { TaskId } from '../../../contract/ids.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { TaskDesk } from './ports.ts';

const GOES_ON: ReadonlySet<Task['state']> = new Set<Task['state']>(['queued', 'running', 'waiting']);

/** Waits for tasks to end, by the news of them. */
export function createTaskEnds(tasks: Pick<TaskDesk, 'get'>): {
  heed(task: Task): void;
  endOf(taskId: TaskId): Promise<Task>;
} {
  const waiting = new Map<TaskId, ((task: Task) => void)[]>();

  function heed(task: Task): void {
    if (GOES_ON.has(task.state)) return;
    const told = waiting.get(task.id) ?? [];
    waiting.delete(task.id);
    for (const tell of told) tell(task);
  }
  return {
    heed,
    endOf: (taskId) =>
      new Promise((resolve, reject) => {
        // Registered before it is looked at, so that no end falls in between.
        waiting.set(taskId, [...(waiting.get(taskId) ?? []), resolve]);
        tasks.get(taskId).then(heed, reject);
      }),
  };
}
