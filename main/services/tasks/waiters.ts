import type { Clock } from '../../kernel/ports.ts';

export interface Waiters {
  /** Until `wake`, at most so long. Heard from the moment it is called. */
  next(ms: number): { readonly heard: Promise<void>; end(): void };
  wake(): void;
  readonly count: number;
}

/** Those who wait for something to happen. */
export function createWaiters(clock: Clock): Waiters {
  const waiting = new Set<() => void>();
  return {
    get count() {
      return waiting.size;
    },
    wake() {
      for (const end of [...waiting]) end();
    },
    next(ms) {
      let end = () => {};
      const heard = new Promise<void>((resolve) => {
        end = () => {
          if (!waiting.delete(end)) return;
          cancel();
          resolve();
        };
        const cancel = clock.after(ms, end);
        waiting.add(end);
      });
      return { heard, end };
    },
  };
}
