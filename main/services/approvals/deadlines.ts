import type { Clock } from '../../kernel/ports.ts';

/** How often what is left is put on the disk: a restart gives back no more than this. */
const KEEP_EVERY_MS = 15_000;

export interface Deadlines {
  set(id: string, leftMs: number, run: () => void): void;
  /** The same moment, but something else happens then. */
  replace(id: string, run: () => void): void;
  forget(id: string): void;
  /** Whether it has passed; also true for what has none. */
  isOver(id: string): boolean;
  stop(): void;
}

/**
 * Deadlines by the clock that never goes back. What is left of each is put on the disk every now and then, so that a
 * wall clock that was set back while the host was down gives nobody more time.
 */
export function createDeadlines(deps: { clock: Clock; keep(id: string, leftMs: number): void }): Deadlines {
  const { clock, keep } = deps;
  const entries = new Map<string, { at: number; run: () => void; cancel: () => void }>();
  let cancelKeeping: (() => void) | null = null;

  function keepAll(): void {
    for (const [id, { at }] of entries) keep(id, at - clock.monotonic());
    cancelKeeping = entries.size === 0 ? null : clock.after(KEEP_EVERY_MS, keepAll);
  }

  return {
    set(id, leftMs, run) {
      entries.get(id)?.cancel();
      const entry = { at: clock.monotonic() + leftMs, run, cancel: () => {} };
      entry.cancel = clock.after(leftMs, () => {
        entries.delete(id);
        entry.run();
      });
      entries.set(id, entry);
      cancelKeeping ??= clock.after(KEEP_EVERY_MS, keepAll);
    },
    replace(id, run) {
      const entry = entries.get(id);
      if (entry) entry.run = run;
    },
    forget(id) {
      entries.get(id)?.cancel();
      entries.delete(id);
    },
    isOver(id) {
      const entry = entries.get(id);
      return entry === undefined || entry.at <= clock.monotonic();
    },
    stop() {
      keepAll();
      cancelKeeping?.();
      for (const { cancel } of entries.values()) cancel();
      entries.clear();
    },
  };
}
