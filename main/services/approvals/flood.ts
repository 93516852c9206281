import { instant, type Clock } from '../../kernel/ports.ts';
import type { ApprovalStore } from './approval-store.ts';

const MAX_PENDING = 200;
const MAX_PENDING_PER_SESSION = 5;
const MAX_PER_HOUR = 30;
const HOUR_MS = 3_600_000;
const COOL_DOWN_MS = 60_000;

/**
 * What keeps a person from being worn down: few questions at a time, few in an hour, and the same question not again
 * right after a no. The hour is counted on the disk, so that a restart forgives nothing.
 */
export interface Flood {
  /** Why one more question is not asked, or null. */
  refuses(question: string, sessionKey: string | null): string | null;
  denied(question: string): void;
}

export function createFlood(deps: {
  clock: Clock;
  store: Pick<ApprovalStore, 'countSince'>;
  /** The sessions of the questions that are open, one entry each. */
  openSessions(): readonly (string | null)[];
}): Flood {
  const { clock, store, openSessions } = deps;
  const deniedAt = new Map<string, number>();

  function coolDown(question: string): string | null {
    for (const [key, at] of deniedAt) if (clock.monotonic() - at >= COOL_DOWN_MS) deniedAt.delete(key);
    const at = deniedAt.get(question);
    if (at === undefined) return null;
    const left = Math.ceil((COOL_DOWN_MS - (clock.monotonic() - at)) / 1000);
    return `too soon: the same was denied less than a minute ago; it is asked again at the earliest in ${left} s`;
  }

  return {
    refuses(question, sessionKey) {
      const soon = coolDown(question);
      if (soon !== null) return soon;
      const open = openSessions();
      if (open.length >= MAX_PENDING)
        return `${MAX_PENDING} requests are waiting already; answer those first`;
      if (sessionKey === null) return null;
      if (open.filter((key) => key === sessionKey).length >= MAX_PENDING_PER_SESSION) {
        return `too many requests of this session are waiting already (${MAX_PENDING_PER_SESSION}); answer those first`;
      }
      return store.countSince(sessionKey, instant(clock.now() - HOUR_MS)) >= MAX_PER_HOUR
        ? `this session has asked ${MAX_PER_HOUR} times within an hour; it is heard again later`
        : null;
    },
    denied: (question) => void deniedAt.set(question, clock.monotonic()),
  };
}
