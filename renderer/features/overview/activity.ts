import type { HostState } from '../../../contract/host-state.ts';

export interface Activity {
  /** Start of each bucket, in seconds since 1970, oldest first. */
  readonly at: number[];
  readonly calls: number[];
  readonly tasks: number[];
  readonly approvals: number[];
}

/**
 * Counts what began in each stretch of time up to now: calls of tools, tasks, approvals that were asked for.
 * @param now milliseconds since 1970
 * @param spanMs how far back
 * @param buckets how many stretches
 */
export function activityOf(
  state: Pick<HostState, 'bridge' | 'tasks' | 'approvals'>,
  now: number,
  spanMs: number,
  buckets: number,
): Activity {
  const width = spanMs / buckets;
  // Whole multiples of the width, so that a count stays in its bucket while time goes on.
  const end = Math.floor(now / width + 1) * width;
  const start = end - spanMs;
  const count = (instants: readonly string[]): number[] => {
    const counts = new Array<number>(buckets).fill(0);
    for (const instant of instants) {
      const index = Math.floor((Date.parse(instant) - start) / width);
      if (index >= 0 && index < buckets) counts[index] = (counts[index] ?? 0) + 1;
    }
    return counts;
  };
  return {
    at: Array.from({ length: buckets }, (_, i) => (start + i * width) / 1000),
    calls: count(state.bridge.recentCalls.map((call) => call.calledAt)),
    tasks: count(Object.values(state.tasks).map((task) => task.createdAt)),
    approvals: count(Object.values(state.approvals).map((approval) => approval.createdAt)),
  };
}

/** Whether the counts may be too low: the state keeps only the newest calls. */
export function callsMayBeMissing(state: Pick<HostState, 'bridge'>, now: number, spanMs: number): boolean {
  const oldest = state.bridge.recentCalls.at(-1);
  return (
    state.bridge.recentCalls.length >= 50 &&
    oldest !== undefined &&
    Date.parse(oldest.calledAt) > now - spanMs
  );
}
