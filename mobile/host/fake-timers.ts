// For tests: timers that stand still until the test lets time pass. What is due at once still runs at once.
import type { Schedule } from '../../contract/channel/channel-handshake.ts';
import { platformSchedule } from './dial.ts';

export function createHeldTimers() {
  const held = new Set<{ readonly due: number; readonly run: () => void }>();
  let now = 0;
  const schedule: Schedule = (delay, run) => {
    if (delay <= 0) return platformSchedule(0, run);
    const timer = { due: now + delay, run };
    held.add(timer);
    return () => void held.delete(timer);
  };
  return {
    schedule,
    /** Runs what is due within so many milliseconds, in its order. */
    pass(ms: number): void {
      const end = now + ms;
      for (;;) {
        const due = [...held].filter((timer) => timer.due <= end);
        const next = due.reduce<(typeof due)[number] | undefined>(
          (first, timer) => (first && first.due <= timer.due ? first : timer),
          undefined,
        );
        if (!next) break;
        held.delete(next);
        now = next.due;
        next.run();
      }
      now = end;
    },
  };
}

/** Everything that was begun before this and needs no timer has been done after it. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
