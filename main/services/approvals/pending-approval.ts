import { actionHash, sha256Hex, type Action, type ApprovalScope } from '../../../contract/action.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { ApprovalId } from '../../../contract/ids.ts';
import type { Need, PolicyDecision, RiskLevel, Rule } from '../../../contract/policy.ts';
import type { ActionFacts, PermissionRequest } from '../../kernel/approver.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import { mustBeOpened } from './content-size.ts';
import { rememberableScopes } from './grants.ts';
import { stricter } from './needs.ts';
import type { Pending } from './steps.ts';

const EXPIRES_MS = 5 * 60_000;
const TASK_EXPIRES_MS = 30 * 60_000;

/**
 * A question as people will see it, made from what is asked and what the policy says to it.
 * @param policySha256 of all rules that were looked at
 */
export function makePending(
  request: PermissionRequest,
  { need, risk, why }: PolicyDecision,
  policySha256: string,
  deps: { clock: Clock; random: RandomSource },
): Pending {
  const { clock, random } = deps;
  const action: Action = { v: 1, id: random.id(), ...request.facts, policySha256 };
  return {
    state: 'pending',
    id: ApprovalId.parse(random.id()),
    action,
    actionHash: actionHash(action),
    risk,
    why,
    title: request.title.slice(0, 256),
    taskId: request.taskId,
    need,
    votes: [],
    askers: 1,
    mustOpen: mustBeOpened(request.facts, request.diffs),
    scopes: scopesOf(request.facts, need, risk, request.sessionKey !== null),
    createdAt: instant(clock.now()),
    expiresAt: instant(clock.now() + lifetimeOf(request)),
  };
}

/** What needs several people, or a proof for each, is not remembered. */
function scopesOf(facts: ActionFacts, need: Need, risk: RiskLevel, hasSession: boolean): ApprovalScope[] {
  const once = need.approvers > 1 || need.stepUp === 'each';
  return once ? ['once'] : rememberableScopes(facts, risk, hasSession);
}

/**
 * A question as the rules of now would ask it, where they ask for more than those under which it was asked. What has
 * become easier since changes nothing: of two needs the stricter one holds.
 */
export function tightened(pending: Pending, decision: PolicyDecision, hasSession: boolean): Pending {
  if (decision.effect !== 'ask') return pending;
  const need = stricter(pending.need, decision.need);
  const risk = decision.risk > pending.risk ? decision.risk : pending.risk;
  const allowed = scopesOf(pending.action, need, risk, hasSession);
  const next = { ...pending, need, risk, scopes: pending.scopes.filter((scope) => allowed.includes(scope)) };
  const isSame = canonicalJson(next) === canonicalJson(pending);
  return isSame ? pending : { ...next, why: [...new Set([...pending.why, ...decision.why])] };
}

/** The rules in force as one hash: it is part of every action, so that a changed policy makes another action. */
export function policyHash(rules: readonly Rule[]): string {
  return sha256Hex(canonicalJson(rules));
}

/** The same for the same action of the same requester in the same session, and for nothing else. */
export function questionOf(request: { facts: ActionFacts; sessionKey: string | null }): string {
  return sha256Hex(canonicalJson({ facts: request.facts, session: request.sessionKey }));
}

/** How long a question waits: a task that was queued is answered when its owner looks, a call is waited for. */
export function lifetimeOf(request: PermissionRequest): number {
  return request.taskId === null ? EXPIRES_MS : TASK_EXPIRES_MS;
}
