import type { Run } from './process-run.ts';
import type { OutputWish } from './runs.ts';

/** Lines that somebody waits for, in whichever run of a process they come. Each is answered once at most. */
export interface Wishes {
  /** @param run the one that is alive, if any @returns ends the wish */
  add(wish: OutputWish, run: Run | null): () => void;
  /** All that wait, for a run that is about to begin; `bind` takes what ends them in it. */
  forNewRun(): { readonly wishes: readonly OutputWish[]; bind(ends: readonly (() => void)[]): void };
}

export function createWishes(): Wishes {
  const waiting = new Set<{ readonly wish: OutputWish; end: () => void }>();

  function onceOnly(wish: OutputWish): OutputWish {
    const drop = () => {
      for (const one of waiting) if (one.wish === wish) waiting.delete(one);
    };
    return {
      ...wish,
      found(line) {
        drop();
        wish.found(line);
      },
      failed(reason) {
        drop();
        wish.failed(reason);
      },
    };
  }

  return {
    add(wish, run) {
      const one = { wish, end: () => {} };
      waiting.add(one);
      if (run) one.end = run.search(onceOnly(wish));
      else wish.begun?.();
      return () => {
        waiting.delete(one);
        one.end();
      };
    },
    forNewRun() {
      const all = [...waiting];
      return {
        wishes: all.map(({ wish }) => onceOnly(wish)),
        bind(ends) {
          all.forEach((one, index) => (one.end = ends[index] ?? one.end));
        },
      };
    },
  };
}
