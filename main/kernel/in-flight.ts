import type { Clock } from './ports.ts';

export interface InFlight {
  /** Counts until the promise has settled, either way. */
  add(work: Promise<unknown>): void;
  /** Resolves when nothing is under way any more, and after `ms` milliseconds in any case. */
  idle(ms: number): Promise<void>;
}

/** What has begun and not ended: a host that stops in good order lets it end and be written down. */
export function createInFlight(clock: Pick<Clock, 'after'>): InFlight {
  const working = new Set<Promise<unknown>>();
  return {
    add(work) {
      working.add(work);
      const done = () => void working.delete(work);
      work.then(done, done);
    },
    async idle(ms) {
      let cancel = () => {};
      const late = new Promise<void>((resolve) => (cancel = clock.after(ms, resolve)));
      // What ends may have begun something else.
      const quiet = async () => {
        while (working.size > 0) await Promise.allSettled([...working]);
      };
      await Promise.race([quiet(), late]);
      cancel();
    },
  };
}
