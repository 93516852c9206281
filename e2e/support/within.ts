import { setTimeout as pause } from 'node:timers/promises';

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
