import type { Clock } from './ports.ts';

/** Counts what happened within the last stretch of monotonic time. */
export interface RateWindow {
  /** Whether the limit is reached. */
  isFull(): boolean;
  /** Counts one; false when the limit was reached already, and then it is not counted. */
  take(): boolean;
}

/** At most `max` in any `perMs` milliseconds. */
export function createRateWindow(deps: { clock: Clock; max: number; perMs: number }): RateWindow {
  const { clock, max, perMs } = deps;
  let times: number[] = [];
  const isFull = () => {
    const since = clock.monotonic() - perMs;
    times = times.filter((time) => time > since);
    return times.length >= max;
  };
  return {
    isFull,
    take() {
      if (isFull()) return false;
      times.push(clock.monotonic());
      return true;
    },
  };
}
