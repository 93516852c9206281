import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { PolicyDecision, Rule } from '../../../contract/policy.ts';
import type { Approver, Permit, PermissionRequest, Refusal } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import { createAnswers, factsOf } from './answers.ts';
import { createApprovalStore } from './approval-store.ts';
import { evaluate } from './evaluate.ts';
import { createClockWatch } from './clock-watch.ts';
import { createFlood } from './flood.ts';
import { createGrants } from './grants.ts';
import { createPermits } from './permits.ts';
import type { Devices, ModeSource, OwnRules, PresenceVerifier, WorkspaceFolders } from './ports.ts';
import { policyHash, questionOf } from './pending-approval.ts';
import { createPolicyMemory } from './policy-memory.ts';
import { createQuestions } from './questions.ts';
import { createRulesOfNow } from './rules-of-now.ts';
import { createRuleBook } from './rule-book.ts';
import { dropVotes } from './drop-votes.ts';
import { createWorkspaceRules } from './workspace-rules.ts';
import type { Answer } from './steps.ts';
import type { Told } from './waiting.ts';

/**
 * In force for what asks each time, a task in mode `ask` or a command that its owner has marked so: over every rule that
 * allows, under every answer that is remembered.
 */
const ASK_EACH: Rule = {
  id: 'task.ask',
  effect: 'ask',
  note: 'This has to be asked each time',
  when: {},
};

export interface ApprovalsDeps {
  db: Database;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  publish(event: HostEvent): void;
  /** What holds when the owner has written no rule. */
  productRules: readonly Rule[];
  ownRules: OwnRules;
  workspaces: WorkspaceFolders;
  devices: Devices;
  presence: PresenceVerifier;
  host: ModeSource;
  raise(kind: 'policy-changed', message: string): void;
}

export interface Approvals extends Approver {
  readonly handlers: HandlersOf<'approvals'>;
  /**
   * Why the rules, or the state of the host, deny this whoever would be asked; null when they allow it or leave it to a
   * person. Nobody is asked, and nothing is allowed by it. A refusal is on record.
   */
  forbids(request: PermissionRequest): Promise<string | null>;
  /** Whether the owner's rules are still those that held last; others go on record and to the owner. */
  checkRules(): Promise<void>;
  /** Takes up what the last run left open: ends what nobody can come for any more, and shows the newest ones. */
  start(shown: number): void;
  stop(): void;
  /** Denies everything that is pending, for a lock-down. */
  denyAll(by: string, reason: string): Promise<void>;
  /** Forgets what a device answered "always" to, and its votes in what is not decided yet. */
  forgetAnswersOf(principal: string): void;
  /** Withdraws what a client asked that is not let in any more. */
  withdrawOf(principal: string, reason: string): Promise<void>;
}

/** The one place that says yes or no: policy first, then a person, always on record before anything happens. */
export function createApprovals(deps: ApprovalsDeps): Approvals {
  const { db, clock, random, audit, publish, devices, presence, host } = deps;
  const now = () => instant(clock.now());
  const store = createApprovalStore(db, publish);
  const grants = createGrants({ db, clock, random, publish });
  const watch = createClockWatch(clock);
  const moment = () => ({ now: now(), clockJumped: watch.jumped() });
  const workspaceRules = createWorkspaceRules(deps.workspaces);
  const memory = createPolicyMemory({ db, audit, raise: deps.raise });
  const book = createRuleBook({
    memory,
    workspaceRules,
    product: deps.productRules,
    own: deps.ownRules,
    store,
    grants,
    devices,
    presence,
    audit,
    clock,
    moment,
  });
  const { rules } = book;
  const questions = createQuestions({ store, clock, random, audit });
  const flood = createFlood({ clock, store, openSessions: questions.openSessions });
  const held = () => (host.mode() === 'locked-down' ? 'the host is locked down' : null);
  const rulesOfNow = createRulesOfNow({
    ...{ store, questions, workspaceRules },
    judge: (brought, { approval, origin }) =>
      evaluate([...rules(), ...brought], [], { facts: factsOf(approval.action), origin }, moment()),
  });
  const answers = createAnswers({
    ...{ store, questions, grants, flood, devices, presence, clock, rulesOfNow, held },
  });
  const permits = createPermits({ clock, audit, store, held });

  function judge(request: PermissionRequest, inForce: readonly Rule[]): PolicyDecision {
    const all = request.mustAsk === true ? [...inForce, ASK_EACH] : inForce;
    return evaluate(all, grants.inForce(request.sessionKey), request, moment());
  }

  async function forbids(request: PermissionRequest): Promise<string | null> {
    const brought = await workspaceRules.of(request.facts.workspaceId);
    if (host.mode() === 'locked-down') return 'the host is locked down';
    const decision = judge(request, [...rules(), ...brought]);
    if (decision.effect !== 'deny') return null;
    await record(audit, request, decision);
    return decision.why.join('; ');
  }

  async function decide(request: PermissionRequest): Promise<Permit | Refusal> {
    const brought = await workspaceRules.of(request.facts.workspaceId);
    // Asked after every wait: what was locked meanwhile stays locked.
    if (host.mode() === 'locked-down') return refusal(null, 'mode', 'the host is locked down');
    const inForce = [...rules(), ...brought];
    const decision = judge(request, inForce);
    const quiet = request.facts.kind === 'fs.read' || request.facts.kind === 'git.read';
    if (decision.effect === 'ask') return ask(request, decision, policyHash(inForce));
    if (!quiet || decision.effect === 'deny') await record(audit, request, decision);
    if (decision.effect === 'deny') return refusal(null, 'policy', decision.why.join('; '));
    for (const id of decision.ruleIds) grants.use(id);
    return permits.byRule(request.facts);
  }

  async function ask(
    request: PermissionRequest,
    decision: PolicyDecision,
    policySha256: string,
  ): Promise<Permit | Refusal> {
    const earlier = questions.comeBack(request, policySha256);
    if (earlier !== null) return onward(request, await earlier);
    const flooded = flood.refuses(questionOf(request), request.sessionKey);
    if (flooded !== null) return refusal(null, 'mode', flooded);
    return onward(request, await questions.ask(request, decision, policySha256));
  }

  function onward(
    request: PermissionRequest,
    { answer, mayAct }: Told,
  ): Promise<Permit | Refusal> | Permit | Refusal {
    if (answer.state !== 'approved') return refusalOf(answer);
    if (mayAct) return permits.approved(request.facts, answer);
    // An answer that is remembered covers the others too; each is judged by it like any later call.
    if (answer.scope !== 'once') return decide(request);
    return refusal(
      answer.id,
      'withdrawn',
      'the same was asked for by another call, and the one leave that was given is used by that; ask again to do it once more',
    );
  }

  return {
    decide,
    forbids,
    checkRules: () => memory.check(deps.ownRules.get()),
    start(shown) {
      questions.start();
      for (const approval of store.newest(shown)) publish({ type: 'approval.changed', approval });
      for (const grant of grants.list()) publish({ type: 'grant.changed', grant });
    },
    stop: questions.stop,
    async denyAll(by, reason) {
      const end = (id: string) =>
        questions.end(id, (pending) => ({
          ...pending,
          state: 'denied',
          decidedAt: now(),
          decidedBy: by,
          provenBy: null,
          reason,
        }));
      const open = store.open().map(({ approval }) => approval);
      await Promise.all(open.map((approval) => end(approval.id)));
      // Leave that was given and not begun ends as well.
      for (const approval of open) {
        if (approval.state === 'approved') store.move(approval, { ...approval, state: 'stale', reason });
      }
    },
    async withdrawOf(principal, reason) {
      const asked = store.open().filter(({ approval }) => approval.action.requester[0] === principal);
      await Promise.all(
        asked.map(({ approval }) =>
          questions.end(approval.id, (pending) => ({
            ...pending,
            state: 'cancelled',
            decidedAt: now(),
            reason,
          })),
        ),
      );
    },
    forgetAnswersOf(principal) {
      grants.revokeOf(principal);
      dropVotes({ store, questions }, principal);
    },
    handlers: {
      'approvals.list': ({ limit }) => ({ approvals: store.newest(limit) }),
      'approvals.detail': ({ approvalId }, caller) => {
        const approval = store.get(approvalId);
        store.markOpened(approvalId, caller.principal);
        return { approval, detail: store.detail(approvalId) };
      },
      'approvals.decide': answers.decide,
      'approvals.decideMany': answers.decideMany,
      'approvals.listGrants': () => ({ grants: grants.list() }),
      'approvals.revokeGrant': ({ grantId }) => {
        if (!grants.revoke(grantId))
          throw new HostError('not_found', `there is no remembered answer ${grantId}`);
        return {};
      },
      ...book.handlers,
    },
  };
}

function record(
  audit: Auditor,
  { facts, title }: PermissionRequest,
  { effect, ruleIds }: PolicyDecision,
): Promise<void> {
  return audit.append({
    actor: facts.requester.join(' > '),
    type: effect === 'deny' ? 'policy.denied' : 'policy.allowed',
    object: title,
    facts: { workspaceId: facts.workspaceId, kind: facts.kind, rules: ruleIds.join(' ') },
  });
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
