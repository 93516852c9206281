import { ruleBytes, sha256Hex } from '../../contract/action.ts';
import { canonicalJson } from '../../contract/canonical-json.ts';
import type { DeliveryState } from '../../contract/outbox.ts';
import { refused, settled } from './action-deps.ts';
import type { ActionDeps, Outcome } from './action-deps.ts';
import { nextCounters } from './host-book.ts';
import { beginStepUp, signBoth } from './step-up.ts';
import type { HostAction } from './views.ts';

/** Signs and sends a rule. It decides many questions to come, so a person has to prove to be there. */
export async function addRule(
  { approvalKey, book, hostId, inFront, link, now }: ActionDeps,
  { rule }: Extract<HostAction, { kind: 'add-rule' }>,
  told: (state: DeliveryState) => void,
): Promise<Outcome> {
  if (!inFront()) return refused('Unlock the device and open the app first. Nothing was signed.');
  if (link.link().kind !== 'online') return refused('The host is not connected. Nothing was signed.');
  const key = await approvalKey();
  if (!key) return refused('The key that approves is gone. Remove this host and pair again.');
  const purpose = { kind: 'rule', ruleSha256: sha256Hex(canonicalJson(rule)) } as const;
  const challenge = await beginStepUp(link, purpose);
  const [counter = 0] = await nextCounters(book, hostId, 1, now);
  const { signature, presence } = await signBoth(key, ruleBytes(rule, counter), challenge);
  const input = { rule, proof: { counter, signature } };
  return settled(await link.submit('approvals.addRule', presence ? { ...input, presence } : input, told));
}
