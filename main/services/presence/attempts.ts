import { HostError } from '../../../contract/errors.ts';
import type { Clock } from '../../kernel/ports.ts';
import { createRateWindow, type RateWindow } from '../../kernel/rate-window.ts';

const MOST = 5;
const PER_MS = 60_000;

/** Failed proofs are counted by principal, so that a new connection is no new start. */
export function createAttempts(clock: Clock) {
  const windows = new Map<string, RateWindow>();
  return {
    /** @throws HostError `too_many` after five failures within a minute */
    check(principal: string): void {
      if (windows.get(principal)?.isFull() ?? false) {
        throw new HostError('too_many', 'five proofs failed within a minute; wait a minute and try again');
      }
    },
    failed(principal: string): void {
      const window = windows.get(principal) ?? createRateWindow({ clock, max: MOST, perMs: PER_MS });
      windows.set(principal, window);
      window.take();
    },
  };
}
