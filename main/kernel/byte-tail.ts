const FIRST_BYTES = 4096;

/** The end of a stream of bytes. */
export interface ByteTail {
  add(bytes: Uint8Array): void;
  /** A copy of what is kept, oldest byte first. */
  bytes(): Buffer;
  /** How many bytes there were in all. */
  total(): number;
}

/** Keeps the last `capacity` bytes. A byte costs one copy, and memory is taken only as far as it is needed. */
export function createByteTail(capacity: number): ByteTail {
  let ring = Buffer.alloc(Math.min(FIRST_BYTES, capacity));
  let total = 0;

  /** As long as it can grow it has not gone round, so what it holds stands at its beginning. */
  function grow(needed: number): void {
    const larger = Buffer.alloc(Math.min(capacity, Math.max(2 * ring.length, needed)));
    ring.copy(larger, 0, 0, total);
    ring = larger;
  }

  return {
    add(bytes) {
      const needed = total + bytes.length;
      if (needed > ring.length && ring.length < capacity) grow(needed);
      const kept = bytes.length > ring.length ? bytes.subarray(bytes.length - ring.length) : bytes;
      const at = (needed - kept.length) % ring.length;
      const untilEnd = Math.min(kept.length, ring.length - at);
      ring.set(kept.subarray(0, untilEnd), at);
      ring.set(kept.subarray(untilEnd), 0);
      total = needed;
    },
    bytes() {
      if (total <= ring.length) return Buffer.from(ring.subarray(0, total));
      const at = total % ring.length;
      return Buffer.concat([ring.subarray(at), ring.subarray(0, at)]);
    },
    total: () => total,
  };
}
