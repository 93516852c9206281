import type { Action, ApprovalScope } from '../../../contract/action.ts';
import type { Approval } from '../../../contract/approvals.ts';
import type { InputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { PolicyDecision, Rule } from '../../../contract/policy.ts';
import type { ActionFacts, Approver, Permit, PermissionRequest, Refusal } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import { createApprovalStore } from './approval-store.ts';
import { evaluate } from './evaluate.ts';
import { createGrants } from './grants.ts';
import { createPermits } from './permits.ts';
import { createQuestions, policyHash, type Answer, type Pending } from './questions.ts';
import type { Devices, ModeSource } from './ports.ts';

/** In force for a task that runs in mode `ask`: over every rule that allows, under every answer that is remembered. */
const ASK_EACH: Rule = {
  id: 'task.ask',
  effect: 'ask',
  note: 'This task asks before every change',
  when: {},
};

export interface ApprovalsDeps {
  db: Database;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  publish(event: HostEvent): void;
  /** Product defaults and the owner's own, as one set. */
  rules(): readonly Rule[];
  devices: Devices;
  host: ModeSource;
}

export interface Approvals extends Approver {
  readonly handlers: HandlersOf<'approvals'>;
  /** Ends what a crash left open, because nobody waits for it any more, and shows the newest ones. */
  start(shown: number): void;
  stop(): void;
  /** Denies everything that is pending, for a lock-down. */
  denyAll(by: string, reason: string): Promise<void>;
  /** Forgets what a device answered "always" to. */
  revokeGrantsOf(principal: string): void;
}

/** The one place that says yes or no: policy first, then a person, always on record before anything happens. */
export function createApprovals(deps: ApprovalsDeps): Approvals {
  const { db, clock, random, audit, publish, rules, devices, host } = deps;
  const store = createApprovalStore(db, publish);
  const grants = createGrants({ db, clock, random, publish });
  const questions = createQuestions({ store, clock, random, audit, rules });
  const permits = createPermits({ clock, audit, store });
  const now = () => instant(clock.now());

  function judge(request: PermissionRequest): PolicyDecision {
    const inForce = request.mustAsk === true ? [...rules(), ASK_EACH] : rules();
    return evaluate(inForce, grants.inForce(request.sessionKey), request, now());
  }

  async function decide(request: PermissionRequest): Promise<Permit | Refusal> {
    const mode = host.mode();
    if (mode === 'locked-down') return refusal(null, 'mode', 'the host is locked down');
    const decision = judge(request);
    const quiet = request.facts.kind === 'fs.read' || request.facts.kind === 'git.read';
    if (decision.effect === 'ask') {
      if (questions.isFull(request.sessionKey)) {
        return refusal(null, 'mode', 'too many requests are waiting already; answer those first');
      }
      const answered = await questions.ask(request, decision);
      return answered.state === 'approved' ? permits.approved(request.facts, answered) : refusalOf(answered);
    }
    if (!quiet || decision.effect === 'deny') {
      await audit.append({
        actor: request.facts.requester.join(' > '),
        type: decision.effect === 'deny' ? 'policy.denied' : 'policy.allowed',
        object: request.title,
        facts: { kind: request.facts.kind, rules: decision.ruleIds.join(' ') },
      });
    }
    if (decision.effect === 'deny') return refusal(null, 'policy', decision.why.join('; '));
    for (const id of decision.ruleIds) grants.use(id);
    return permits.byRule(request.facts);
  }

  async function answer(input: InputOf<'approvals.decide'>, caller: Caller): Promise<Approval> {
    const approval = store.get(input.approvalId);
    const scope: ApprovalScope = input.scope ?? 'once';
    if (approval.actionHash !== input.actionHash) {
      throw new HostError('stale', 'the answer was for another action than the one that is asked for');
    }
    if (approval.state !== 'pending') {
      throw new HostError('conflict', `this was answered already: it is ${approval.state}`, {
        state: approval.state,
      });
    }
    if (!approval.scopes.includes(scope)) {
      throw new HostError('refused', `this cannot be remembered for "${scope}"; it is asked each time`);
    }
    checkProof(approval, input, scope, caller);
    const sessionKey = questions.sessionKeyOf(approval.id);
    const by = { decidedAt: now(), decidedBy: caller.principal };
    const to: Answer =
      input.decision === 'allow'
        ? { ...approval, ...by, state: 'approved', scope }
        : { ...approval, ...by, state: 'denied', reason: input.reason ?? '' };
    if (!(await questions.settle(approval, to, { scope, risk: String(approval.risk) }))) {
      throw new HostError('conflict', 'somebody else was faster', { state: store.get(approval.id).state });
    }
    if (to.state === 'approved' && scope !== 'once') {
      grants.remember(scope, factsOf(approval.action), sessionKey, caller.principal);
    }
    return to;
  }

  function checkProof(
    approval: Pending,
    input: InputOf<'approvals.decide'>,
    scope: ApprovalScope,
    caller: Caller,
  ): void {
    if (caller.deviceId === null) return;
    if (!input.proof) throw new HostError('not_permitted', 'a device must sign its answer');
    devices.verifyStatement(
      caller.deviceId,
      {
        approvalId: approval.id,
        actionHash: approval.actionHash,
        decision: input.decision,
        scope,
        counter: input.proof.counter,
      },
      input.proof.signature,
    );
  }

  return {
    decide,
    start(shown) {
      for (const approval of store.open()) {
        const at = now();
        if (approval.state === 'pending') {
          store.move(approval, {
            ...approval,
            state: 'cancelled',
            decidedAt: at,
            reason: 'the host was restarted',
          });
        } else if (approval.state === 'approved') {
          store.move(approval, {
            ...approval,
            state: 'stale',
            reason: 'the host was restarted before it was done',
          });
        } else if (approval.state === 'executing') {
          store.move(approval, { ...approval, state: 'unknown' });
        }
      }
      for (const approval of store.newest(shown)) publish({ type: 'approval.changed', approval });
      for (const grant of grants.list()) publish({ type: 'grant.changed', grant });
    },
    stop() {
      questions.forgetAll();
    },
    async denyAll(by, reason) {
      const open = store.open().filter((approval): approval is Pending => approval.state === 'pending');
      await Promise.all(
        open.map((approval) =>
          questions.settle(
            approval,
            { ...approval, state: 'denied', decidedAt: now(), decidedBy: by, reason },
            { reason },
          ),
        ),
      );
    },
    revokeGrantsOf: (principal) => grants.revokeOf(principal),
    handlers: {
      'approvals.list': ({ limit }) => ({ approvals: store.newest(limit) }),
      'approvals.detail': ({ approvalId }) => ({
        approval: store.get(approvalId),
        detail: store.detail(approvalId),
      }),
      'approvals.decide': answer,
      'approvals.listGrants': () => ({ grants: grants.list() }),
      'approvals.revokeGrant': ({ grantId }) => {
        if (!grants.revoke(grantId))
          throw new HostError('not_found', `there is no remembered answer ${grantId}`);
        return {};
      },
      'approvals.showPolicy': () => ({ rules: [...rules()], policySha256: policyHash(rules()) }),
      'approvals.testPolicy': ({ action }) =>
        evaluate(rules(), grants.list(), { facts: action, origin: 'cli' }, now()),
    },
  };
}

/** Why a question did not end in leave, for whoever asked. */
function refusalOf(answer: Answer): Refusal {
  switch (answer.state) {
    case 'denied':
      return refusal(answer.id, 'person', answer.reason || 'denied');
    case 'expired':
      return refusal(answer.id, 'expiry', 'nobody answered in time');
    case 'cancelled':
      return refusal(answer.id, 'withdrawn', answer.reason);
    default:
      return refusal(answer.id, 'withdrawn', `the approval is ${answer.state}`);
  }
}

function refusal(approvalId: Refusal['approvalId'], by: Refusal['by'], reason: string): Refusal {
  return { effect: 'deny', approvalId, by, reason };
}

function factsOf(action: Action): ActionFacts {
  const { kind, workspaceId, requester, agent, paths, exec, writes, tool } = action;
  return { kind, workspaceId, requester, agent, paths, exec, writes, tool };
}
