import type { HostStorage, PairedHost } from './host-record.ts';

/** The paired hosts of this device, with changes that wait for each other. */
export interface HostBook {
  list(): Promise<PairedHost[]>;
  put(host: PairedHost): Promise<void>;
  /** Changes the stored record; resolves with the new one when it is on disk, undefined when the host is gone. */
  update(hostId: string, change: (host: PairedHost) => Partial<PairedHost>): Promise<PairedHost | undefined>;
  remove(hostId: string): Promise<void>;
}

export function createHostBook(storage: HostStorage): HostBook {
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const result = last.then(act, act);
    last = result.catch(() => undefined);
    return result;
  }
  return {
    list: () => storage.list(),
    put: (host) => inTurn(() => storage.put(host)),
    update: (hostId, change) =>
      inTurn(async () => {
        const known = (await storage.list()).find((host) => host.hostId === hostId);
        if (!known) return undefined;
        const changed = { ...known, ...change(known) };
        await storage.put(changed);
        return changed;
      }),
    remove: (hostId) => inTurn(() => storage.remove(hostId)),
  };
}

/**
 * Counters for the next signed answers: each greater than every one before, on disk before they are used.
 *
 * @param count how many, at least one
 */
export async function nextCounters(
  book: HostBook,
  hostId: string,
  count: number,
  now: () => number,
): Promise<number[]> {
  // The time is a floor, so that a second tab or a restored record cannot count the same number again.
  const host = await book.update(hostId, ({ counter }) => ({
    counter: Math.max(counter, now() - 1) + count,
  }));
  if (!host) throw new Error('This host is no longer paired.');
  return Array.from({ length: count }, (_, at) => host.counter - count + 1 + at);
}
