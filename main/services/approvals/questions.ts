import { actionHash, sha256Hex, type Action } from '../../../contract/action.ts';
import type { Approval, ApprovalDetail } from '../../../contract/approvals.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { ApprovalId } from '../../../contract/ids.ts';
import type { PolicyDecision, Rule } from '../../../contract/policy.ts';
import type { PermissionRequest } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import type { ApprovalStore } from './approval-store.ts';
import { rememberableScopes } from './grants.ts';

const EXPIRES_MS = 5 * 60_000;
const TASK_EXPIRES_MS = 30 * 60_000;
const MAX_PENDING_PER_SESSION = 5;
const MAX_PENDING = 200;

export type Pending = Extract<Approval, { state: 'pending' }>;
export type Answer = Exclude<Approval, { state: 'pending' }>;

export interface Questions {
  /** Whether one more question would be a flood. */
  isFull(sessionKey: string | null): boolean;
  /** Asks and waits: for an answer, for the expiry, or for the asker to go away. */
  ask(request: PermissionRequest, decision: PolicyDecision): Promise<Answer>;
  /** Puts an answer on record and hands it over. False when another came first. */
  settle(pending: Pending, to: Answer, facts: Record<string, string>): Promise<boolean>;
  sessionKeyOf(id: string): string | null;
  forgetAll(): void;
}

/** The questions that are open: each is on record and on the disk before anybody sees it, and is answered once. */
export function createQuestions(deps: {
  store: ApprovalStore;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  rules(): readonly Rule[];
}): Questions {
  const { store, clock, random, audit, rules } = deps;
  const waiting = new Map<string, { answer(approval: Answer): void; sessionKey: string | null }>();
  const now = () => instant(clock.now());

  function makePending(request: PermissionRequest, decision: PolicyDecision): Pending {
    const action: Action = { v: 1, id: random.id(), ...request.facts, policySha256: policyHash(rules()) };
    const lifetime = request.taskId === null ? EXPIRES_MS : TASK_EXPIRES_MS;
    return {
      state: 'pending',
      id: ApprovalId.parse(random.id()),
      action,
      actionHash: actionHash(action),
      risk: decision.risk,
      why: decision.why,
      title: request.title.slice(0, 256),
      taskId: request.taskId,
      scopes: rememberableScopes(request.facts, decision.risk, request.sessionKey !== null),
      createdAt: now(),
      expiresAt: instant(clock.now() + lifetime),
    };
  }

  async function settle(pending: Pending, to: Answer, facts: Record<string, string>): Promise<boolean> {
    await audit.append({
      actor: 'decidedBy' in to ? to.decidedBy : 'host',
      type: `approval.${to.state}`,
      object: pending.id,
      facts: { actionHash: pending.actionHash, ...facts },
    });
    if (!store.move(pending, to)) return false;
    const waiter = waiting.get(pending.id);
    waiting.delete(pending.id);
    waiter?.answer(to);
    return true;
  }

  async function cancel(pending: Pending, reason: string): Promise<void> {
    await settle(pending, { ...pending, state: 'cancelled', decidedAt: now(), reason }, { reason });
  }

  async function expire(pending: Pending): Promise<void> {
    await settle(pending, { ...pending, state: 'expired', decidedAt: now() }, {});
  }

  return {
    settle,
    sessionKeyOf: (id) => waiting.get(id)?.sessionKey ?? null,
    forgetAll: () => waiting.clear(),
    isFull(sessionKey) {
      if (waiting.size >= MAX_PENDING) return true;
      if (sessionKey === null) return false;
      const ofSession = [...waiting.values()].filter((entry) => entry.sessionKey === sessionKey);
      return ofSession.length >= MAX_PENDING_PER_SESSION;
    },
    async ask(request, decision) {
      const pending = makePending(request, decision);
      const answered = new Promise<Answer>((resolve) => {
        waiting.set(pending.id, { answer: resolve, sessionKey: request.sessionKey });
      });
      await audit.append({
        actor: request.facts.requester.join(' > '),
        type: 'approval.requested',
        object: pending.id,
        facts: { actionHash: pending.actionHash, kind: request.facts.kind, risk: pending.risk },
      });
      const detail: ApprovalDetail = {
        approvalId: pending.id,
        diffs: request.diffs,
        agentSays: request.agentSays.slice(0, 8192),
      };
      store.insert(pending, detail);
      const withdraw = () => void cancel(pending, 'the asker is gone');
      const cancelExpiry = clock.after(
        Date.parse(pending.expiresAt) - clock.now(),
        () => void expire(pending),
      );
      request.signal?.addEventListener('abort', withdraw, { once: true });
      if (request.signal?.aborted) withdraw();
      request.onAsked?.(pending.id);
      const answer = await answered;
      cancelExpiry();
      request.signal?.removeEventListener('abort', withdraw);
      return answer;
    },
  };
}

/** The rules in force as one hash: it is part of every action, so that a changed policy makes another action. */
export function policyHash(rules: readonly Rule[]): string {
  return sha256Hex(canonicalJson(rules));
}
