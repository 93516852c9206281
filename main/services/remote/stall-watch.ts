import type { Clock } from '../../kernel/ports.ts';
import { STALL_MS } from './limits.ts';

export interface StallWatch {
  /** Somebody does not take what is there for it: from now on its progress is looked at. */
  begin(): void;
  end(): void;
}

/**
 * Calls `stalled` once nothing was taken for a minute.
 * @param left how much is waiting: it becomes less while somebody reads
 */
export function createStallWatch(clock: Clock, left: () => number, stalled: () => void): StallWatch {
  let stop: (() => void) | null = null;
  function look(before: number): void {
    stop = clock.after(STALL_MS, () => {
      const now = left();
      if (now >= before) stalled();
      else look(now);
    });
  }
  return {
    begin() {
      if (stop === null) look(left());
    },
    end() {
      stop?.();
      stop = null;
    },
  };
}
