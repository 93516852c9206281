import type { Task } from '../../../contract/tasks.ts';

export interface TaskGroups {
  readonly waiting: readonly Task[];
  readonly working: readonly Task[];
  readonly ended: readonly Task[];
}

/** By what they need, not by where they run: waiting on me, working, ended; the newest of each first. */
export function groupedTasks(tasks: Readonly<Record<string, Task>>): TaskGroups {
  const newest = Object.values(tasks).sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const isWorking = (task: Task) => task.state === 'queued' || task.state === 'running';
  return {
    waiting: newest.filter((task) => task.state === 'waiting'),
    working: newest.filter(isWorking),
    ended: newest.filter((task) => task.state !== 'waiting' && !isWorking(task)),
  };
}
