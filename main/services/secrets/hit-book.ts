import type { SecretHit } from '../../../contract/secrets.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import type { HeldSecret } from './ports.ts';

const MAX_TAGS = 1000;

export interface HitBook {
  note(held: HeldSecret, where: string): void;
  /** Newest first. */
  list(): SecretHit[];
  find(tag: string): { kind: string; mayLeave: boolean } | null;
}

/** Counts of what was held back since the start, by tag. In memory; of too many the longest unseen is dropped. */
export function createHitBook(clock: Pick<Clock, 'now'>): HitBook {
  // In the order in which they were last seen.
  const hits = new Map<string, { hit: SecretHit; mayLeave: boolean }>();
  return {
    note({ tag, kind, origin }, where) {
      const now = instant(clock.now());
      const before = hits.get(tag);
      const mayLeave = (before?.mayLeave ?? true) && (origin === 'known' || origin === 'pattern');
      hits.delete(tag);
      hits.set(tag, {
        mayLeave,
        hit: {
          ...(before?.hit ?? { tag, kind, firstAt: now }),
          count: (before?.hit.count ?? 0) + 1,
          lastAt: now,
          where,
        },
      });
      const oldest = hits.keys().next().value;
      if (hits.size > MAX_TAGS && oldest !== undefined) hits.delete(oldest);
    },
    list: () => [...hits.values()].map(({ hit }) => hit).reverse(),
    find(tag) {
      const known = hits.get(tag);
      return known ? { kind: known.hit.kind, mayLeave: known.mayLeave } : null;
    },
  };
}
