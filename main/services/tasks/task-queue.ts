import type { Task } from '../../../contract/tasks.ts';

type Place = Pick<Task, 'agent' | 'workspaceId' | 'continues'>;

export interface QueueLimits {
  /** How many agents may work at the same time. */
  readonly total: number;
  /** How many of one agent may. */
  perAgent(agent: string): number;
}

/** One turn at a time for an agent in a workspace: two would change the same files under each other's hands. */
export function placeOf(task: Pick<Task, 'agent' | 'workspaceId'>): string {
  return `${task.agent}\n${task.workspaceId}`;
}

/**
 * The queued tasks that may start now, in the order they were submitted. Tasks of one session go one after the other,
 * and so do those of one agent in one workspace. Pure.
 * @param queued oldest first
 */
export function startable<T extends Place>(
  queued: readonly T[],
  running: readonly Place[],
  limits: QueueLimits,
): T[] {
  const working = [...running];
  const chosen: T[] = [];
  // Whoever waits for a session or a place keeps those behind it from overtaking.
  const held = new Set<string>();
  for (const task of queued) {
    if (working.length >= limits.total) break;
    const keys = keysOf(task);
    const free =
      !keys.some((key) => held.has(key)) &&
      !working.some((other) => keysOf(other).some((key) => keys.includes(key))) &&
      working.filter((other) => other.agent === task.agent).length < limits.perAgent(task.agent);
    if (free) {
      working.push(task);
      chosen.push(task);
    } else {
      for (const key of keys) held.add(key);
    }
  }
  return chosen;
}

function keysOf(task: Place): string[] {
  return [placeOf(task), ...(task.continues === null ? [] : [`session\n${task.continues}`])];
}

/** Queued tasks whose place in line, counted from 1 for each agent, is not what they say. Pure. */
export function movedInLine(queued: readonly Task[]): { id: Task['id']; position: number }[] {
  const counts = new Map<string, number>();
  return queued.flatMap((task) => {
    const position = (counts.get(task.agent) ?? 0) + 1;
    counts.set(task.agent, position);
    return task.state === 'queued' && task.position !== position ? [{ id: task.id, position }] : [];
  });
}
