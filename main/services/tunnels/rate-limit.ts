import { HostError } from '../../../contract/errors.ts';
import type { Clock } from '../../kernel/ports.ts';

const FIRST_PAUSE_MS = 600_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Cloudflare limits new quick tunnels per address, and asking again soon makes it worse: 10 minutes, then up to an hour. */
export function createRateLimit(clock: Clock) {
  let until = -Infinity;
  let pauseMs = FIRST_PAUSE_MS;
  return {
    /** @throws HostError `too_many` while the pause lasts; `data.retryAfterMs` says how long that is */
    check(): void {
      const retryAfterMs = Math.ceil(until - clock.monotonic());
      if (retryAfterMs <= 0) return;
      const minutes = Math.ceil(retryAfterMs / 60_000);
      throw new HostError(
        'too_many',
        `Cloudflare limits new quick tunnels from this address; try again in ${minutes} min or use a named tunnel`,
        { retryAfterMs },
      );
    },
    /** It was refused: starts the next pause and returns the reason to show. */
    hit(): string {
      const minutes = pauseMs / 60_000;
      until = clock.monotonic() + pauseMs;
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      return `Cloudflare gives this address no more quick tunnels for now (429); try again in ${minutes} min`;
    },
    /** It worked. */
    clear(): void {
      pauseMs = FIRST_PAUSE_MS;
    },
  };
}
