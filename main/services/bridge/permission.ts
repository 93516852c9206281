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
    net: [],
  };
}

/**
 * Asks for leave and waits for the answer.
 * @throws HostError `refused`, with who said no and why
 */
export async function askLeave(
  { approver }: Pick<BridgeDeps, 'approver'>,
  { caller, signal }: Pick<Place, 'caller' | 'signal'>,
  request: Pick<PermissionRequest, 'facts' | 'title'> & Partial<Pick<PermissionRequest, 'diffs' | 'mustAsk'>>,
): Promise<Permit> {
  const answer = await approver.decide({
    diffs: [],
    ...request,
    origin: caller.origin,
    taskId: null,
    sessionKey: `bridge:${caller.principal}`,
    agentSays: '',
    // A client of the bridge asks again when its host is back.
    comesAgain: true,
    signal,
  });
  if (answer.effect === 'allow') return answer;
  throw new HostError('refused', `${WHO_REFUSED[answer.by]}: ${answer.reason}`, {
    by: answer.by,
    approvalId: answer.approvalId,
  });
}

/** Leave to let the content of one file out. By default the policy gives it without asking anybody. */
export async function leaveToRead(
  context: Pick<BridgeDeps, 'approver'>,
  place: Place,
  path: string,
): Promise<void> {
  const facts = { ...baseFacts(place.workspace.id, place.caller), kind: 'fs.read' as const, paths: [path] };
  const permit = await askLeave(context, place, { facts, title: `Read ${path}`.slice(0, 256) });
  await permit.execute(facts, () => Promise.resolve());
}

/** Leave to let content out that holds secrets, which are replaced. Only a person gives it, whatever the rules allow. */
export async function leaveDespiteSecrets(
  context: Pick<BridgeDeps, 'approver'>,
  place: Place,
  kind: 'fs.read' | 'git.read',
  what: string,
): Promise<void> {
  const facts = {
    ...baseFacts(place.workspace.id, place.caller),
    kind,
    paths: kind === 'fs.read' ? [what] : [],
  };
  const title = `Hand out ${what}, in which secrets are replaced`.slice(0, 256);
  const permit = await askLeave(context, place, { facts, title, mustAsk: true });
  await permit.execute(facts, () => Promise.resolve());
}

/**
 * The same for a file among many: a person is not asked for each hit of a search, so what would need asking is left
 * out like what is refused.
 */
export async function mayReadUnasked(
  context: Pick<BridgeDeps, 'approver'>,
  place: Place,
  path: string,
): Promise<boolean> {
  const asked = new AbortController();
  const facts = { ...baseFacts(place.workspace.id, place.caller), kind: 'fs.read' as const, paths: [path] };
  const answer = await context.approver.decide({
    facts,
    title: `Show a search hit in ${path}`.slice(0, 256),
    origin: place.caller.origin,
    taskId: null,
    sessionKey: null,
    diffs: [],
    agentSays: '',
    signal: asked.signal,
    onAsked: () => asked.abort(),
  });
  if (answer.effect === 'deny') return false;
  await answer.execute(facts, () => Promise.resolve());
  return true;
}

const WHO_REFUSED = {
  policy: 'The policy of this host does not allow it',
  person: 'The owner said no',
  expiry: 'Nobody answered in time',
  withdrawn: 'The request was withdrawn',
  mode: 'The host does not take it now',
} as const;
