import type { HandoffId } from '../../../contract/ids.ts';
import type { Clock } from '../../kernel/ports.ts';

/** Two unanswered looks of a client that follows. */
const LEASE_MS = 30_000;

/** How long each handoff may go on without its starter looking. */
export interface Leases {
  renew(id: HandoffId): void;
  end(id: HandoffId): void;
}

/** @param over whoever started it has not looked for 30 s */
export function createLeases(clock: Clock, over: (id: HandoffId) => void): Leases {
  const timers = new Map<HandoffId, () => void>();
  const end = (id: HandoffId) => {
    timers.get(id)?.();
    timers.delete(id);
  };
  return {
    end,
    renew(id) {
      end(id);
      timers.set(
        id,
        clock.after(LEASE_MS, () => over(id)),
      );
    },
  };
}
