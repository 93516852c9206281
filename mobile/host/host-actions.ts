import { approvalBytes } from '../../contract/action.ts';
import { TaskId } from '../../contract/ids.ts';
import { hashOf } from './approval-view.ts';
import { toBase64url } from './base64url.ts';
import { nextCounter } from './host-book.ts';
import type { HostBook } from './host-book.ts';
import type { CallOutcome, HostLink } from './host-link.ts';
import type { ApprovalKey } from './key-types.ts';
import type { DrawBytes } from './random.ts';
import type { Delivery, HostAction } from './views.ts';

export interface ActionDeps {
  readonly link: HostLink;
  readonly hostId: string;
  readonly book: HostBook;
  readonly random: DrawBytes;
  readonly approvalKey: () => Promise<ApprovalKey | undefined>;
  now(): number;
}

type Decide = Extract<HostAction, { kind: 'decide' }>;
type Outcome = { readonly kind: 'done' | 'unknown' } | { readonly kind: 'refused'; readonly why: string };

const refused = (why: string): Outcome => ({ kind: 'refused', why });
const settled = (outcome: CallOutcome<'host.pause'> | { readonly kind: 'done' }): Outcome =>
  outcome.kind === 'done' ? { kind: 'done' } : outcome;

/**
 * Signs and sends one answer. The action is hashed again here and must be the one that the person saw; the counter is on
 * disk before the signature leaves.
 */
async function decide(deps: ActionDeps, action: Decide, sent: () => void): Promise<Outcome> {
  const { link, book, hostId, now } = deps;
  const approval = link.state().approvals[action.approvalId];
  if (approval?.state !== 'pending') return refused('It no longer waits for an answer.');
  const { id: approvalId, actionHash } = approval;
  const genuine = actionHash === action.actionHash && hashOf(approval.action) === actionHash;
  // A no is always safe, also to something that is not what it claims to be.
  if (action.decision === 'allow' && !genuine) {
    return refused('The action is not the one that was shown. Nothing was signed.');
  }
  if (link.link().kind !== 'online') return refused('The host is not connected. Nothing was signed.');
  const key = await deps.approvalKey();
  if (!key) return refused('The key that approves is gone. Remove this host and pair again.');
  const counter = await nextCounter(book, hostId, now);
  const { decision } = action;
  const statement = { approvalId, actionHash, decision, scope: 'once', counter } as const;
  const signature = toBase64url(await key.sign(approvalBytes(statement)));
  sent();
  const input = { approvalId, actionHash, decision, scope: 'once', proof: { counter, signature } } as const;
  return settled(await link.call('approvals.decide', input));
}

async function carryOut(deps: ActionDeps, action: HostAction, sent: () => void): Promise<Outcome> {
  const { link, random } = deps;
  if (action.kind === 'decide') return decide(deps, action, sent);
  sent();
  switch (action.kind) {
    case 'submit': {
      const { agentId: agent, folderId: workspace, mode, text } = action.task;
      const idempotencyKey = toBase64url(random(16));
      return settled(await link.call('tasks.submit', { agent, workspace, mode, text, idempotencyKey }));
    }
    case 'cancel-task':
      return settled(await link.call('tasks.cancel', { taskId: TaskId.parse(action.taskId) }));
    case 'process':
      return settled(await link.call(`supervisor.${action.verb}`, { name: action.processId }));
    case 'close-tunnel':
      return settled(await link.call('tunnels.close', {}));
    case 'pause':
      return settled(await link.call('host.pause', {}));
    case 'lock-down':
      return settled(await link.call('host.lockDown', {}));
  }
}

/** Carries an action out and reports its steps. A command whose answer is lost is `unknown` and never sent again. */
export async function act(
  deps: ActionDeps,
  action: HostAction,
  report: (delivery: Delivery) => void,
): Promise<void> {
  report({ kind: 'sending' });
  try {
    report(
      await carryOut(deps, action, () => {
        report({ kind: 'sent' });
      }),
    );
  } catch (cause) {
    report({ kind: 'refused', why: cause instanceof Error ? cause.message : 'Nothing was sent.' });
  }
}
