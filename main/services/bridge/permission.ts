import { HostError } from '../../../contract/errors.ts';
import type { ActionFacts, Permit, PermissionRequest } from '../../kernel/approver.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { BridgeDeps, Place } from './ports.ts';

/** What an action of a tool call looks like before its kind is filled in. The client is never its own approver. */
export function baseFacts(
  workspaceId: ActionFacts['workspaceId'],
  caller: Caller,
): Omit<ActionFacts, 'kind'> {
  return {
    workspaceId,
    requester: [caller.principal],
    agent: null,
    paths: [],
    exec: null,
    writes: [],
    tool: null,
  };
}

/**
 * Asks for leave and waits for the answer.
 * @throws HostError `refused`, with who said no and why
 */
export async function askLeave(
  { approver }: Pick<BridgeDeps, 'approver'>,
  { caller, signal }: Place,
  request: Pick<PermissionRequest, 'facts' | 'title' | 'diffs'>,
): Promise<Permit> {
  const answer = await approver.decide({
    ...request,
    origin: caller.origin,
    taskId: null,
    sessionKey: `bridge:${caller.principal}`,
    agentSays: '',
    signal,
  });
  if (answer.effect === 'allow') return answer;
  throw new HostError('refused', `${WHO_REFUSED[answer.by]}: ${answer.reason}`, {
    by: answer.by,
    approvalId: answer.approvalId,
  });
}

const WHO_REFUSED = {
  policy: 'The policy of this host does not allow it',
  person: 'The owner said no',
  expiry: 'Nobody answered in time',
  withdrawn: 'The request was withdrawn',
  mode: 'The host does not take it now',
} as const;
