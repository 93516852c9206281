import type { Cursor, StreamFrame } from '../../contract/stream.ts';

/** Bytes that may wait in a carrier before its state stream pauses. */
export const MAX_WAITING = 1024 * 1024;

/** What a carrier still holds back because its peer reads slowly. */
export interface Backlog {
  /** Bytes handed over that have not left yet. */
  waiting(): number;
  /** Calls back once, later, when little or nothing waits any more. */
  drained(run: () => void): void;
}

/** The state stream of one connection. */
export interface StateFeed {
  start(from: Cursor | null): void;
  stop(): void;
}

interface Run {
  leave: (() => void) | null;
}

/**
 * Hands frames on for as long as the carrier keeps up. When too much waits the feed leaves the stream. Once the carrier
 * has caught up it takes up where it left, or, where that is too much to be told one by one, with a snapshot, the
 * explicit reset. A peer that never reads costs MAX_WAITING and one frame, not more.
 */
export function createStateFeed(
  subscribe: (from: Cursor | null, onFrame: (frame: StreamFrame) => void) => () => void,
  deliver: (frame: StreamFrame) => void,
  backlog: Backlog | undefined,
): StateFeed {
  /** One run of the stream; a frame of an earlier run, or one that comes while it leaves, goes nowhere. */
  let current: Run | null = null;

  function pause(slow: Backlog, next: Cursor | null): void {
    stop();
    const pausing: Run = { leave: null };
    current = pausing;
    slow.drained(() => {
      if (current === pausing) start(next);
    });
  }

  function start(from: Cursor | null): void {
    stop();
    const run: Run = { leave: null };
    current = run;
    let past = true;
    const leave = subscribe(from, (frame) => {
      if (current !== run) return;
      deliver(frame);
      if (!backlog || backlog.waiting() <= MAX_WAITING) return;
      // A snapshot alone may be more than that; what was missed is not told one by one a second time.
      pause(backlog, past && frame.kind !== 'snapshot' ? null : frame.cursor);
    });
    past = false;
    // It may have paused while what it had missed was still being told.
    if (current === run) run.leave = leave;
    else leave();
  }

  function stop(): void {
    current?.leave?.();
    current = null;
  }

  return { start, stop };
}
