import { HostError } from '../../../contract/errors.ts';
import type { Clock } from '../../kernel/ports.ts';

const MOST = 5;
const PER_MS = 60_000;

/** One try, counted from the moment at which it begins. */
export interface Attempt {
  /** It did not hold: it counts for a minute. */
  failed(): void;
  /** It held: it counts no longer. */
  held(): void;
}

interface Counted {
  open: number;
  failures: number[];
}

/** Tries are counted by principal, so that a new connection is no new start. */
export function createAttempts(clock: Clock) {
  const byPrincipal = new Map<string, Counted>();

  function countedOf(principal: string): Counted {
    const since = clock.monotonic() - PER_MS;
    const counted = byPrincipal.get(principal) ?? { open: 0, failures: [] };
    counted.failures = counted.failures.filter((at) => at > since);
    byPrincipal.set(principal, counted);
    return counted;
  }

  return {
    /**
     * Takes one of the tries before anything is waited for: tries that run side by side count like failures until
     * they have ended, so that no more than five of a minute can ever fail.
     * @throws HostError `too_many` after five failures within a minute, those that are under way among them
     */
    begin(principal: string): Attempt {
      const counted = countedOf(principal);
      if (counted.open + counted.failures.length >= MOST)
        throw new HostError('too_many', 'five proofs failed within a minute; wait a minute and try again');
      counted.open += 1;
      let isOpen = true;
      const end = (): boolean => {
        const was = isOpen;
        isOpen = false;
        if (was) counted.open -= 1;
        return was;
      };
      return {
        failed() {
          if (end()) counted.failures.push(clock.monotonic());
        },
        held: () => void end(),
      };
    },
  };
}
