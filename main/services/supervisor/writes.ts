import type { Database } from '../../kernel/database.ts';
import type { Log } from '../../kernel/ports.ts';

/** Writes of one turn go to the disk together: two hundred processes that end at once are one transaction. */
export interface Writes {
  /** @param key names what is written; a later write of it in the same turn takes its place */
  add(key: string, write: () => void): void;
  /** All that was added before is on the disk, or the log says why not. */
  saved(): Promise<void>;
  flush(): void;
}

export function createWrites(db: Database, log: Log): Writes {
  let pending = new Map<string, () => void>();
  let next: Promise<void> | null = null;

  function flush(): void {
    const writes = pending;
    pending = new Map();
    next = null;
    if (writes.size === 0) return;
    try {
      db.transaction(() => {
        for (const write of writes.values()) write();
      });
    } catch (error) {
      // It happened whether it can be written down or not, and the screens must not show the opposite.
      log.error(
        { what: [...writes.keys()], error: String(error) },
        'the status of processes could not be kept',
      );
    }
  }

  const soon = () =>
    new Promise<void>((resolve) =>
      setImmediate(() => {
        flush();
        resolve();
      }),
    );

  return {
    add(key, write) {
      // Behind all that was added before, or it could be undone by it.
      pending.delete(key);
      pending.set(key, write);
      next ??= soon();
    },
    saved: () => next ?? Promise.resolve(),
    flush,
  };
}
