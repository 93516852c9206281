import type { AuditStatus } from '../../contract/audit.ts';

/** What a host lets in and holds back; each list holds ids. */
export interface Restrictions {
  readonly mode: string;
  readonly rules: readonly string[];
  readonly admitted: readonly string[];
  readonly tokens: readonly string[];
}

/** One restriction: `set` holds somebody back (a rule that denies, a lock-down, a revocation), `lifted` no longer. */
export interface Change {
  readonly kind: 'rule' | 'mode' | 'device' | 'token';
  readonly id: string;
  readonly to: 'set' | 'lifted';
}

/** What the child of the campaign prints, one JSON document a line. */
export type ChildLine =
  | {
      readonly at: 'found';
      readonly found: Restrictions;
      readonly audit: AuditStatus;
      readonly change?: never;
    }
  | { readonly at: 'try' | 'done'; readonly change: Change };

/** What must be in force after a crash: what was acknowledged, and was not being lifted when the host died. */
export interface Expected {
  note(line: Extract<ChildLine, { at: 'try' | 'done' }>): void;
  /** Those that must be in force and are not, by name. */
  missingIn(found: Restrictions): string[];
  /** How many must be in force. */
  readonly count: number;
}

export function expectedRestrictions(): Expected {
  const inForce = new Map<string, Change>();
  const keyOf = ({ kind, id }: Change) => `${kind} ${id}`;
  return {
    note({ at, change }) {
      // What is being lifted may be lifted already; what is being set need not be set yet.
      if (change.to === 'lifted') inForce.delete(keyOf(change));
      else if (at === 'done') inForce.set(keyOf(change), change);
    },
    missingIn: (found) =>
      [...inForce.values()].filter((change) => !isInForce(change, found)).map((change) => keyOf(change)),
    get count() {
      return inForce.size;
    },
  };
}

function isInForce({ kind, id }: Change, found: Restrictions): boolean {
  if (kind === 'rule') return found.rules.includes(id);
  if (kind === 'mode') return found.mode === id;
  return !(kind === 'device' ? found.admitted : found.tokens).includes(id);
}
