import type { Task } from '../../../contract/tasks.ts';

export interface TaskGroups {
  readonly waiting: readonly Task[];
  readonly working: readonly Task[];
  readonly queued: readonly Task[];
  readonly ended: readonly Task[];
}

export interface TaskFilter {
  readonly text: string;
  /** Empty: every one. */
  readonly agent: string;
  readonly workspaceId: string;
}

export const noFilter: TaskFilter = { text: '', agent: '', workspaceId: '' };

/**
 * By what they need, not by where they run: waiting on me, working, queued in their turn, ended; but for the queue the
 * newest of each first. Pure.
 */
export function groupedTasks(
  tasks: Readonly<Record<string, Task>>,
  filter: TaskFilter = noFilter,
): TaskGroups {
  const newest = Object.values(tasks)
    .filter((task) => fits(task, filter))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const place = (task: Task) => (task.state === 'queued' ? (task.position ?? Infinity) : 0);
  return {
    waiting: newest.filter((task) => task.state === 'waiting'),
    working: newest.filter((task) => task.state === 'running'),
    queued: newest.filter((task) => task.state === 'queued').sort((a, b) => place(a) - place(b)),
    ended: newest.filter((task) => !['waiting', 'running', 'queued'].includes(task.state)),
  };
}

function fits(task: Task, { text, agent, workspaceId }: TaskFilter): boolean {
  if (agent !== '' && task.agent !== agent) return false;
  if (workspaceId !== '' && task.workspaceId !== workspaceId) return false;
  const words = text.toLowerCase().split(/\s+/);
  const all = `${task.text} ${task.agent}`.toLowerCase();
  return words.every((word) => all.includes(word));
}
