import * as z from 'zod';
import type { Rule } from '../../../contract/policy.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { text, type Database } from '../../kernel/database.ts';
import { policyHash } from './pending-approval.ts';

const KEY = 'policy.own';
const SET =
  'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value';

/** `next`: what a change was about to write; a host that fell over it finds either of the two in the file. */
const Remembered = z.strictObject({
  sha256: z.string(),
  next: z.string().nullable(),
  ruleIds: z.array(z.string()),
});

export interface PolicyMemory {
  /** Before the rules are written to the file. */
  changing(to: readonly Rule[]): void;
  /** The rules that hold from now on. */
  changed(to: readonly Rule[]): void;
  /**
   * Compares the owner's rules with those that held last. Others came past the host, by hand or by a program that can
   * write the file: that goes on record and to the owner.
   */
  check(now: readonly Rule[]): Promise<void>;
}

/** What the owner's rules were when this host last had them in force. */
export function createPolicyMemory(deps: {
  db: Database;
  audit: Auditor;
  raise(kind: 'policy-changed', message: string): void;
}): PolicyMemory {
  const { db, audit, raise } = deps;

  function remembered(): z.infer<typeof Remembered> | null {
    const row = db.get('SELECT value FROM meta WHERE key = ?', KEY);
    return row ? Remembered.parse(JSON.parse(text(row, 'value'))) : null;
  }

  function keep(rules: readonly Rule[]): void {
    const kept = { sha256: policyHash(rules), next: null, ruleIds: rules.map(({ id }) => id) };
    db.run(SET, KEY, JSON.stringify(kept));
  }

  return {
    changing(to) {
      const before = remembered();
      if (before) db.run(SET, KEY, JSON.stringify({ ...before, next: policyHash(to) }));
    },
    changed: keep,
    async check(now) {
      const before = remembered();
      const after = policyHash(now);
      if (before !== null && before.sha256 !== after && before.next !== after) {
        const ids = now.map(({ id }) => id);
        const gone = before.ruleIds.filter((id) => !ids.includes(id));
        const facts = {
          before: before.sha256,
          after,
          rulesBefore: before.ruleIds.length,
          rulesAfter: ids.length,
          gone: gone.join(' ').slice(0, 1024),
        };
        const lost = gone.length === 0 ? '' : ` Gone: ${gone.slice(0, 8).join(', ')}.`;
        raise(
          'policy-changed',
          `The rules in config.yaml are not those that held when this host last ran: ${before.ruleIds.length} then, ${ids.length} now.${lost} If that was not you, look at them before agents go on.`,
        );
        await audit.append({
          actor: 'unknown',
          type: 'policy.changed-outside',
          object: 'config.yaml',
          facts,
        });
      }
      keep(now);
    },
  };
}
