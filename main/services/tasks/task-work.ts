import type { Task, TaskUsage } from '../../../contract/tasks.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import { instant } from '../../kernel/ports.ts';
import type { TaskEvent } from './task-machine.ts';
import { runTask, type RunnerDeps, type TaskRun } from './task-runner.ts';
import { judge, nextLook, type WatchLimits } from './task-watch.ts';

/** How often a run says that it is there. */
const BEAT_MS = 10_000;
/** Without a sign for so long, nobody works on the task any more. */
const LEASE_MS = 45_000;
/** Figures that change all the time are put on record so often. */
const FIGURES_MS = 1000;

export interface WorkDeps extends RunnerDeps {
  /** This run of the host. */
  readonly ownerEpoch: string;
  /** Puts an event on record; null when the task does not know it any more. */
  advance(event: TaskEvent, how?: { quiet: boolean }): Task | null;
}

/** One task that is worked on: the run, its lease, its figures, and the watch over it. */
export interface Work {
  readonly task: Task;
  readonly run: TaskRun;
  /** The last figures are put on record; from here on the work says nothing more. */
  close(): void;
}

export function leaseOf(ownerEpoch: string, nowMs: number) {
  return { ownerEpoch, heartbeatAt: instant(nowMs), expiresAt: instant(nowMs + LEASE_MS) };
}

export function startWork(
  deps: WorkDeps,
  task: Task,
  workspace: Workspace,
  begun: { readonly ready: Promise<void>; readonly limits: WatchLimits },
): Work {
  const { clock, advance, ownerEpoch } = deps;
  const { limits } = begun;
  const startedAt = clock.monotonic();
  const pending = new Set<string>();
  let seenAt = startedAt;
  let seenInstant = instant(clock.now());
  let stage: 'queued' | 'delivered' | 'accepted' | 'running' = 'queued';
  let usage: TaskUsage | null = null;
  let shownBytes = 0;
  let closed = false;
  let cancelFigures: (() => void) | null = null;
  let cancelLook = () => {};

  function seen(): void {
    seenAt = clock.monotonic();
    seenInstant = instant(clock.now());
    if (stage === 'delivered') reach('accepted');
  }

  function reach(next: 'delivered' | 'accepted' | 'running'): void {
    stage = next;
    advance({ kind: 'progress', delivery: next, agentSeenAt: seenInstant });
  }

  function figures(quiet: boolean): void {
    cancelFigures?.();
    cancelFigures = null;
    const output = run.output();
    shownBytes = output.bytes;
    const lease = leaseOf(ownerEpoch, clock.now());
    advance(
      { kind: 'progress', lease, agentSeenAt: seenInstant, output, ...(usage !== null && { usage }) },
      { quiet },
    );
  }

  function look(): void {
    cancelLook();
    if (closed) return;
    const now = clock.monotonic();
    // Whoever waits for a person is not idle.
    if (pending.size > 0) seenAt = now;
    const watched = { startedAt, seenAt, budget: task.budget, usage };
    const verdict = judge(watched, limits, now);
    if (verdict !== null) {
      run.stop(verdict.cause, verdict.reason);
      return;
    }
    cancelLook = clock.after(Math.min(nextLook(watched, limits, now), BEAT_MS), () => {
      beatIfDue();
      look();
    });
  }

  let beatAt = startedAt;
  function beatIfDue(): void {
    if (closed || clock.monotonic() - beatAt < BEAT_MS) return;
    beatAt = clock.monotonic();
    figures(run.output().bytes === shownBytes);
  }

  const run = runTask(
    deps,
    task,
    { workspace, ready: begun.ready, maxMs: limits.maxMs },
    {
      opened: (sessionId) => void advance({ kind: 'open', sessionId }),
      delivering: () => {
        if (stage === 'queued') reach('delivered');
      },
      seen,
      worked: () => {
        if (stage === 'delivered' || stage === 'accepted') reach('running');
      },
      used(reported) {
        usage = reported;
        look();
        if (!closed) cancelFigures ??= clock.after(FIGURES_MS, () => figures(false));
      },
      asked(approvalId) {
        pending.add(approvalId);
        advance({ kind: 'ask', approvalId });
      },
      answered(approvalId) {
        pending.delete(approvalId);
        seenAt = clock.monotonic();
        advance({ kind: 'answer', approvalId });
      },
    },
  );
  look();

  return {
    task,
    run,
    close() {
      closed = true;
      cancelLook();
      figures(true);
    },
  };
}
