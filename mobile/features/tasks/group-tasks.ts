import type { TaskStatus, TaskView } from '../../host/task-views.ts';
import type { HostView } from '../../host/views.ts';

export type TaskGroup = 'waiting' | 'working' | 'queued' | 'done';

export type TaskLine =
  | { readonly kind: 'heading'; readonly group: TaskGroup; readonly count: number }
  | { readonly kind: 'task'; readonly task: TaskView };

const groupOf: Readonly<Record<TaskStatus, TaskGroup>> = {
  waiting: 'waiting',
  working: 'working',
  queued: 'queued',
  done: 'done',
  failed: 'done',
  interrupted: 'done',
  stopped: 'done',
};

/** Those that wait by their place, all others by their latest change. */
function order(a: TaskView, b: TaskView): number {
  if (a.status === 'queued' && b.status === 'queued') {
    return (a.position ?? Infinity) - (b.position ?? Infinity) || a.createdAt - b.createdAt;
  }
  return b.changedAt - a.changedAt;
}

/** Tasks of all hosts as lines of one list: waiting for the person, being worked on, queued, ended. */
export function groupTasks(hosts: readonly HostView[]): TaskLine[] {
  const tasks = hosts.flatMap((host) => host.tasks).sort(order);
  const groups: TaskGroup[] = ['waiting', 'working', 'queued', 'done'];
  return groups.flatMap((group): TaskLine[] => {
    const members = tasks.filter((task) => groupOf[task.status] === group);
    if (members.length === 0) return [];
    const lines = members.map((task): TaskLine => ({ kind: 'task', task }));
    return [{ kind: 'heading', group, count: members.length }, ...lines];
  });
}
