import type { FailureCause, TaskBudget, TaskUsage } from '../../../contract/tasks.ts';

/** One run as the watch sees it; instants in milliseconds of one clock that never goes back. */
export interface Watched {
  readonly startedAt: number;
  /** The last sign of life of the agent. */
  readonly seenAt: number;
  readonly budget: TaskBudget;
  readonly usage: TaskUsage | null;
}

export interface WatchLimits {
  readonly idleMs: number;
  readonly maxMs: number;
}

export interface Verdict {
  readonly cause: Extract<FailureCause, 'idle' | 'time' | 'budget'>;
  readonly reason: string;
}

/** Why a task has to be stopped now; null when it may go on. Pure. */
export function judge(run: Watched, limits: WatchLimits, now: number): Verdict | null {
  const spent = overspent(run.budget, run.usage);
  if (spent !== null) return { cause: 'budget', reason: spent };
  const minutes = run.budget.minutes;
  if (minutes !== undefined && now - run.startedAt >= minutes * 60_000)
    return { cause: 'budget', reason: `its budget of ${amount(minutes, 'minute')} is used up` };
  if (now - run.startedAt >= limits.maxMs)
    return {
      cause: 'time',
      reason: `it ran for ${spell(limits.maxMs)}, the longest that is allowed (tasks.maxMinutes)`,
    };
  if (now - run.seenAt >= limits.idleMs)
    return {
      cause: 'idle',
      reason: `its agent gave no sign of life for ${spell(limits.idleMs)} (tasks.idleMinutes)`,
    };
  return null;
}

/** Milliseconds until the next moment at which `judge` may change its mind by time alone. Pure. */
export function nextLook(run: Watched, limits: WatchLimits, now: number): number {
  const minutes = run.budget.minutes ?? Number.POSITIVE_INFINITY;
  const due = Math.min(
    run.startedAt + minutes * 60_000,
    run.startedAt + limits.maxMs,
    run.seenAt + limits.idleMs,
  );
  return Math.max(1, due - now);
}

/** Which budget of what the agent reports is used up, in words; null when none is. Pure. */
function overspent(budget: TaskBudget, usage: TaskUsage | null): string | null {
  if (usage === null) return null;
  const tokens = usage.totalTokens ?? 0;
  if (budget.tokens !== undefined && tokens >= budget.tokens)
    return `its budget of ${amount(budget.tokens, 'token')} is used up: ${tokens} used`;
  const { cost } = usage;
  if (budget.costUsd !== undefined && cost?.currency === 'USD' && cost.amount >= budget.costUsd)
    return `its budget of ${budget.costUsd} USD is used up: ${cost.amount} USD spent`;
  return null;
}

function spell(ms: number): string {
  return ms >= 60_000 ? amount(Math.round(ms / 60_000), 'minute') : `${ms / 1000} seconds`;
}

const amount = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;
