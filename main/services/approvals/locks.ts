export interface Locks {
  /** Runs pieces of work under one key one after the other, in the order in which they came. */
  run<T>(key: string, work: () => Promise<T>): Promise<T>;
}

export function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, work) {
      const before = tails.get(key);
      const mine = before === undefined ? work() : before.then(work, work);
      const tail = mine.then(forget, forget);
      function forget(): void {
        if (tails.get(key) === tail) tails.delete(key);
      }
      tails.set(key, tail);
      return mine;
    },
  };
}
