import type { Task } from '../../../contract/tasks.ts';

type Place = Pick<Task, 'agent' | 'workspaceId'>;

/** One turn at a time for an agent in a workspace: two would change the same files under each other's hands. */
export function placeOf(task: Place): string {
  return `${task.agent}\n${task.workspaceId}`;
}

/**
 * The queued tasks that may start now, in the order they were submitted.
 * @param queued oldest first
 */
export function startable<T extends Place>(
  queued: readonly T[],
  running: readonly Place[],
  maxRunning: number,
): T[] {
  const taken = new Set(running.map(placeOf));
  const chosen: T[] = [];
  for (const task of queued) {
    if (running.length + chosen.length >= maxRunning) break;
    if (taken.has(placeOf(task))) continue;
    taken.add(placeOf(task));
    chosen.push(task);
  }
  return chosen;
}
