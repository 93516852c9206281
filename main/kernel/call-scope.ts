import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<AbortSignal>();

/**
 * Runs one call so that the handler behind the router can learn that its client has gone. The router passes input
 * and caller only, because everything else about a carrier is none of a handler's business; this one fact is.
 */
export function runInCall<T>(signal: AbortSignal, run: () => Promise<T>): Promise<T> {
  return scope.run(signal, run);
}

/** Aborted when the client of the current call has cancelled or gone; undefined when nobody called. */
export function callSignal(): AbortSignal | undefined {
  return scope.getStore();
}
