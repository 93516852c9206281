import { setTimeout as pause } from 'node:timers/promises';

const BETWEEN_LOOKS_MS = 25;

/**
 * Looks again and again until `look` answers something, for what gives no event to wait on (another process's files,
 * the process table).
 * @param what for the error: what did not happen
 * @param look answers null, undefined or false for "not yet"; throwing counts as not yet
 * @throws when it has not happened within `timeoutMs`, with what was seen last
 */
export async function eventually<T>(
  what: string,
  look: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = 15_000,
): Promise<T> {
  const until = performance.now() + timeoutMs;
  let last: unknown = null;
  for (;;) {
    try {
      const found = await look();
      if (found !== null && found !== undefined && found !== false) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > until) {
      throw new Error(`it did not happen within ${timeoutMs} ms: ${what} (last seen: ${String(last)})`);
    }
    await pause(BETWEEN_LOOKS_MS);
  }
}

/** The same promise, but it fails when it takes too long. */
export async function within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = pause(timeoutMs, undefined, { signal: late.signal }).then(() => {
    throw new Error(`it took longer than ${timeoutMs} ms: ${what}`);
  });
  timer.catch(() => {});
  try {
    return await Promise.race([promise, timer]);
  } finally {
    late.abort();
  }
}
