import { approvalBytes } from '../../contract/action.ts';
import type { ApprovalScope } from '../../contract/action.ts';
import type { Approval } from '../../contract/approvals.ts';
import type { OutputOf } from '../../contract/commands.ts';
import type { DeliveryState } from '../../contract/outbox.ts';
import type { ActionDeps, Outcome } from './action-deps.ts';
import { refused, settled } from './action-deps.ts';
import { hashOf } from './approval-view.ts';
import { toBase64url } from './base64url.ts';
import { nextCounters } from './host-book.ts';
import type { ApprovalKey } from './key-types.ts';
import { beginStepUp, NotSent, signBoth } from './step-up.ts';
import type { Chosen, HostAction } from './views.ts';

type Pending = Extract<Approval, { state: 'pending' }>;
type Decision = 'allow' | 'deny';
type Told = (state: DeliveryState) => void;

/** From here on a person must prove to be there, whatever the policy says. */
const HIGH_RISK = 3;

/**
 * The question as it stands now. The action is hashed again here and must be the one that the person saw. A no is always
 * safe, also to something that is not what it claims to be.
 */
function questionOf({ link }: ActionDeps, chosen: Chosen, decision: Decision): Pending {
  const approval = link.mirror().state.approvals[chosen.approvalId];
  if (approval?.state !== 'pending') throw new NotSent('It no longer waits for an answer.');
  const genuine =
    approval.actionHash === chosen.actionHash && hashOf(approval.action) === approval.actionHash;
  if (decision === 'allow' && !genuine) {
    throw new NotSent('The action is not the one that was shown. Nothing was signed.');
  }
  return approval;
}

/** The key that signs, when everything is as it must be to use it. */
async function keyFor({ approvalKey, inFront, link }: ActionDeps): Promise<ApprovalKey> {
  if (!inFront()) throw new NotSent('Unlock the device and open the app to answer. Nothing was signed.');
  if (link.link().kind !== 'online') throw new NotSent('The host is not connected. Nothing was signed.');
  const key = await approvalKey();
  if (!key) throw new NotSent('The key that approves is gone. Remove this host and pair again.');
  return key;
}

const needsPresence = ({ need, risk }: Pending, decision: Decision): boolean =>
  decision === 'allow' && (risk >= HIGH_RISK || need.stepUp !== 'none');

/** Signs and sends one answer; the counter is on disk before the signature leaves. */
export async function decide(
  deps: ActionDeps,
  action: Extract<HostAction, { kind: 'decide' }>,
  told: Told,
): Promise<Outcome> {
  const { book, hostId, link, now } = deps;
  const { decision } = action;
  const scope: ApprovalScope = decision === 'allow' ? action.scope : 'once';
  const question = questionOf(deps, action, decision);
  if (!question.scopes.includes(scope)) return refused('This answer cannot be remembered that long.');
  const key = await keyFor(deps);
  const { id: approvalId, actionHash } = question;
  const challenge = needsPresence(question, decision)
    ? await beginStepUp(link, { kind: 'approval', approvalId, actionHash })
    : undefined;
  const [counter = 0] = await nextCounters(book, hostId, 1, now);
  const statement = approvalBytes({ approvalId, actionHash, decision, scope, counter });
  const { signature, presence } = await signBoth(key, statement, challenge);
  const answer = { approvalId, actionHash, decision, scope, proof: { counter, signature } };
  return settled(await link.submit('approvals.decide', presence ? { ...answer, presence } : answer, told));
}

function outcomeOf({ results }: OutputOf<'approvals.decideMany'>): Outcome {
  const failed = results.filter((result) => !result.ok);
  const [first] = failed;
  if (!first) return { kind: 'done' };
  const taken = results.length - failed.length;
  return { kind: 'partly', taken, of: results.length, why: first.error.message };
}

/** Signs every answer on its own, with one look at the person, and sends them together. */
export async function decideMany(
  deps: ActionDeps,
  { chosen, decision }: Extract<HostAction, { kind: 'decide-many' }>,
  told: Told,
): Promise<Outcome> {
  const { book, hostId, link, now } = deps;
  const questions = chosen.map((one) => questionOf(deps, one, decision));
  if (questions.some((question) => needsPresence(question, decision))) {
    return refused('One of these needs a look of its own. Nothing was signed.');
  }
  const key = await keyFor(deps);
  const counters = await nextCounters(book, hostId, questions.length, now);
  const statements = questions.map(({ id, actionHash }, at) => ({
    ...{ approvalId: id, actionHash, decision, scope: 'once' as const, counter: counters[at] ?? 0 },
  }));
  const signatures = await key.sign(statements.map(approvalBytes));
  const answers = statements.map(({ actionHash, approvalId, counter }, at) => ({
    ...{ approvalId, actionHash },
    proof: { counter, signature: toBase64url(signatures[at] ?? new Uint8Array()) },
  }));
  const outcome = await link.submit('approvals.decideMany', { decision, answers }, told);
  return outcome.kind === 'done' ? outcomeOf(outcome.value) : outcome;
}
