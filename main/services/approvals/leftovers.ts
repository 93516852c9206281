import type { Kept } from './approval-store.ts';
import { instant } from '../../kernel/ports.ts';
import type { Answer, Approved } from './steps.ts';

/** How long leave that was handed over, but not begun, can still be come back for. */
const BEGIN_WITHIN_MS = 60_000;

/** What becomes of an approval that the last run of the host left open. */
export type Leftover =
  | { readonly then: 'move'; readonly to: Answer }
  /** The question goes on, and waits for its asker as well as for an answer. */
  | { readonly then: 'ask'; readonly leftMs: number }
  /** The answer waits to be picked up. */
  | { readonly then: 'wait'; readonly leftMs: number; readonly answer: Approved };

/**
 * What was being done is unknown and never done again. What can be come back for waits, for what is left of its time
 * by both clocks: a wall clock that was set back never gives more than was left when the host was last seen. All else
 * ends. Pure.
 */
export function leftoverOf(kept: Kept, now: number): Leftover {
  const { approval, comesAgain, taken, leftMs } = kept;
  const left = Math.min(leftMs, Date.parse(approval.expiresAt) - now);
  const decidedAt = instant(now);
  switch (approval.state) {
    case 'pending': {
      const reason = 'the host was restarted, and who asked has gone with it';
      if (!comesAgain) return { then: 'move', to: { ...approval, state: 'cancelled', decidedAt, reason } };
      if (left <= 0) return { then: 'move', to: { ...approval, state: 'expired', decidedAt } };
      return { then: 'ask', leftMs: left };
    }
    case 'approved': {
      const since = now - Date.parse(approval.decidedAt);
      const begin = since < 0 ? 0 : BEGIN_WITHIN_MS - since;
      const waits = taken ? Math.min(begin, left) : left;
      if (comesAgain && waits > 0) return { then: 'wait', leftMs: waits, answer: approval };
      const reason = 'the host was restarted before it was done';
      return { then: 'move', to: { ...approval, state: 'stale', reason } };
    }
    case 'executing':
      return { then: 'move', to: { ...approval, state: 'unknown' } };
    default:
      return { then: 'move', to: approval };
  }
}
