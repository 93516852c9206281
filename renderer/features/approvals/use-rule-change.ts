import { useState } from 'react';
import type { CallResult } from '../../../contract/client.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import type { WireError } from '../../../contract/errors.ts';
import { sha256Hex } from '../../../contract/hash.ts';
import type { Rule } from '../../../contract/policy.ts';
import type { PresenceProof } from '../../../contract/proof.ts';
import { useHost } from '../../host/use-host.tsx';
import { en } from '../../texts/en.ts';
import { useProof } from './use-step-up.ts';

const t = en.rules;
type RuleCommand = 'approvals.addRule' | 'approvals.removeRule';

export interface RuleChange {
  /** True when it is done. */
  add(rule: Rule): Promise<boolean>;
  remove(rule: Rule): Promise<boolean>;
  /** From the first click until the answer, the prompt for a proof included. */
  readonly busy: boolean;
  readonly error: WireError | null;
}

/**
 * Puts a rule in force or takes it out; where the host wants proof that a person is there, that is asked for and the
 * change sent once more.
 */
export function useRuleChange(): RuleChange {
  const { actions, client } = useHost();
  const prove = useProof();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<WireError | null>(null);

  async function attempt(
    kind: 'rule' | 'rule-removal',
    rule: Rule,
    send: (presence?: PresenceProof) => Promise<CallResult<RuleCommand>>,
  ): Promise<WireError | null> {
    const first = await send();
    if (first.ok) return null;
    if (first.error.data?.['stepUp'] === undefined) return first.error;
    const presence = await prove({ kind, ruleSha256: sha256Hex(canonicalJson(rule)) });
    if (!('kind' in presence)) return { code: 'refused', message: `${t.noPresence} ${presence.failed}` };
    const second = await send(presence);
    return second.ok ? null : second.error;
  }

  async function change(trial: () => Promise<WireError | null>, done: string): Promise<boolean> {
    setBusy(true);
    setError(null);
    const failed = await trial();
    setBusy(false);
    setError(failed);
    if (failed === null) actions.say('done', done);
    return failed === null;
  }

  return {
    busy,
    error,
    add: (rule) =>
      change(
        () =>
          attempt('rule', rule, (presence) =>
            client.call('approvals.addRule', { rule, ...(presence && { presence }) }),
          ),
        t.added,
      ),
    remove: (rule) =>
      change(
        () =>
          attempt('rule-removal', rule, (presence) =>
            client.call('approvals.removeRule', { ruleId: rule.id, ...(presence && { presence }) }),
          ),
        t.removed,
      ),
  };
}
