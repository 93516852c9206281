import type { Clock } from '../../../kernel/ports.ts';
import type { OsProcess } from './messages.ts';
import { membersOf, type ProcessScan, type RunIdentity } from './run-members.ts';

const POLL_MS = 20;
/** KILL works at once, except on a process that waits for a device. It is not worth waiting for longer. */
const KILLED_WAIT_MS = 2000;

export interface LeavingDeps {
  readonly clock: Clock;
  readonly scan: ProcessScan;
  /** Signals one process, or with a negative number its group. */
  readonly kill: (pid: number, signal: 'SIGTERM' | 'SIGCONT' | 'SIGKILL') => void;
}

/** Ends everything of one run, and nothing else. */
export interface Leaving {
  /** TERM to all, KILL to what is left after the grace. */
  terminate(graceMs: number): void;
  /** The leader was reaped. Without a `terminate` before, what it leaves behind has no owner any more and is killed. */
  leaderGone(): void;
  /** Settles when the leader and all others of the run are gone (or cannot be killed). */
  readonly empty: Promise<void>;
}

/** @param isChild false for a leader that was taken over: when it has ended its number may name another group at once */
export function createLeaving(
  leader: OsProcess & { readonly run: string },
  deps: LeavingDeps,
  isChild: boolean,
): Leaving {
  const { clock, scan } = deps;
  const known = new Map<number, string>();
  let gone = false;
  let deadline: number | null = null;
  let killedAt: number | null = null;
  let polling = false;
  let settle = () => {};
  const empty = new Promise<void>((resolve) => (settle = resolve));

  function members(): OsProcess[] {
    const identity: RunIdentity = { run: leader.run, pid: leader.pid, leaderGone: gone };
    const found = membersOf(identity, scan.all(), known).filter((one) => !gone || one.pid !== leader.pid);
    known.clear();
    for (const one of found) known.set(one.pid, one.startTime);
    return found;
  }

  function signal(kind: 'SIGTERM' | 'SIGCONT' | 'SIGKILL', who: readonly OsProcess[]): void {
    // While the leader is not reaped, or one of its group lives, its number cannot be given to another group.
    if (!gone) deps.kill(-leader.pid, kind);
    for (const one of who) if (scan.startTime(one.pid) === one.startTime) deps.kill(one.pid, kind);
  }

  function killAll(): void {
    killedAt ??= clock.monotonic();
    signal('SIGKILL', members());
  }

  function poll(): void {
    if (polling) return;
    polling = true;
    const look = () => {
      const left = members();
      const now = clock.monotonic();
      if (gone && left.length === 0) {
        settle();
        return;
      }
      if (killedAt !== null && now - killedAt >= KILLED_WAIT_MS && gone) {
        settle();
        return;
      }
      if (deadline !== null && now >= deadline) killAll();
      clock.after(POLL_MS, look);
    };
    look();
  }

  return {
    empty,
    terminate(graceMs) {
      deadline = Math.min(deadline ?? Infinity, clock.monotonic() + graceMs);
      const all = members();
      signal('SIGTERM', all);
      // A suspended process gets its TERM only when it runs again.
      signal('SIGCONT', all);
      poll();
    },
    leaderGone() {
      if (deadline === null) {
        deadline = clock.monotonic();
        // In the turn in which the leader was reaped its number cannot name another group yet.
        if (isChild) killAll();
      }
      // Those of its group and session are learnt while they can still be told by its number.
      members();
      gone = true;
      poll();
    },
  };
}
