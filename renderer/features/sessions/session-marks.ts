import type { OwnStoreStatus, Session } from '../../../contract/sessions.ts';
import { en } from '../../texts/en.ts';
import type { Mark } from '../../ui/state-mark.tsx';

const t = en.sessions;

const sessionMarks: Record<Session['state'], Mark> = {
  open: { tone: 'info', icon: 'play', word: t.states.open },
  ended: { tone: 'neutral', icon: 'square', word: t.states.ended },
  deleted: { tone: 'warning', icon: 'cross', word: t.states.deleted },
};
export const sessionMark = (state: Session['state']): Mark => sessionMarks[state];

const storeMarks: Record<OwnStoreStatus['state'], Mark> = {
  off: { tone: 'neutral', icon: 'circle', word: t.storeStates.off },
  read: { tone: 'ok', icon: 'check', word: t.storeStates.read },
  absent: { tone: 'neutral', icon: 'square', word: t.storeStates.absent },
  unsupported: { tone: 'warning', icon: 'warning', word: t.storeStates.unsupported },
  failed: { tone: 'danger', icon: 'cross', word: t.storeStates.failed },
};
export const storeMark = (state: OwnStoreStatus['state']): Mark => storeMarks[state];

/** What a session has used, in words; null when its agent does not say. */
export function usageText(usage: Session['usage']): string | null {
  if (!usage) return null;
  const parts = [
    usage.totalTokens !== null && t.tokens(usage.totalTokens),
    usage.inputTokens !== null && t.tokensIn(usage.inputTokens),
    usage.outputTokens !== null && t.tokensOut(usage.outputTokens),
    usage.cachedTokens !== null && usage.cachedTokens > 0 && t.tokensCached(usage.cachedTokens),
    usage.contextUsed !== null &&
      usage.contextSize !== null &&
      t.context(usage.contextUsed, usage.contextSize),
    usage.cost !== null && t.cost(usage.cost.amount, usage.cost.currency),
  ].filter((part) => part !== false);
  return parts.length === 0 ? null : parts.join(' · ');
}
