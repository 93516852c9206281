import { HostError } from '../../../contract/errors.ts';
import { HOST_STOPS } from '../../kernel/approver.ts';

/** What ends a call early: its own client, the end of its principal, or the end of the bridge. */
export interface CallEndings {
  /**
   * A signal for one call; `done` must be called when the call is over, so that nothing is kept of it.
   * @throws HostError `too_many` while the principal has 32 calls at once
   */
  begin(principal: string, gone: AbortSignal | undefined): { readonly signal: AbortSignal; done(): void };
  end(principal: string): void;
  endAll(): void;
}

const MAX_AT_ONCE = 32;

export function createCallEndings(): CallEndings {
  const running = new Map<string, Set<AbortController>>();
  let stopped = false;
  const end = (principal: string, reason?: string): void => {
    for (const controller of running.get(principal) ?? []) controller.abort(reason);
  };
  return {
    begin(principal, gone) {
      const controller = new AbortController();
      const abort = (): void => controller.abort();
      const own = running.get(principal) ?? new Set();
      if (own.size >= MAX_AT_ONCE) {
        throw new HostError('too_many', `more than ${MAX_AT_ONCE} tool calls at once; wait for some to end`);
      }
      running.set(principal, own.add(controller));
      if (stopped || gone?.aborted) abort();
      gone?.addEventListener('abort', abort, { once: true });
      return {
        signal: controller.signal,
        done() {
          gone?.removeEventListener('abort', abort);
          own.delete(controller);
          if (own.size === 0 && running.get(principal) === own) running.delete(principal);
        },
      };
    },
    end: (principal) => end(principal),
    endAll() {
      stopped = true;
      for (const principal of running.keys()) end(principal, HOST_STOPS);
    },
  };
}
