import type { Approval, ApprovalDetail } from '../../../contract/approvals.ts';
import { HostError } from '../../../contract/errors.ts';
import type { PolicyDecision } from '../../../contract/policy.ts';
import type { PermissionRequest } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import type { ApprovalStore, Keeping, Kept } from './approval-store.ts';
import { createDeadlines } from './deadlines.ts';
import { leftoverOf } from './leftovers.ts';
import { lifetimeOf, makePending, questionOf } from './pending-approval.ts';
import { createSteps, type Answer, type Pending, type Step } from './steps.ts';
import { waitFor, type Live, type Told } from './waiting.ts';

export interface Questions {
  /** Asks and waits: for an answer, for the expiry, or for the asker to go away. */
  ask(request: PermissionRequest, decision: PolicyDecision, policySha256: string): Promise<Told>;
  /** An answer or an open question of before that this request comes back for; null when there is none. */
  comeBack(request: PermissionRequest, policySha256: string): Promise<Told> | null;
  /**
   * Takes one step of an open question; steps of one question never overlap. `make` sees it as it is then.
   * @throws HostError `conflict` when it is answered already, `expired` when its time is over, and what `make` throws
   */
  step(id: string, make: (pending: Pending) => Step): Promise<Approval>;
  /** Ends a question with a no that nobody gave. Nothing happens when it has ended already. */
  end(id: string, to: (pending: Pending) => Answer): Promise<void>;
  /** The sessions of the questions that are open. */
  openSessions(): (string | null)[];
  /** Takes up what the last run left behind. */
  start(): void;
  stop(): void;
}

/**
 * The questions that are open: each is on record and on the disk before anybody sees it, and is answered once.
 *
 * The same action asked again by the same requester while it is open joins the one question. One yes is leave for one
 * execution, whoever waits for it: an identical call is most often a retry of one that seemed lost, and doing it twice
 * is not what the person saw. The others are told that the leave is used; with an answer that is remembered they go
 * on by that.
 */
export function createQuestions(deps: {
  store: ApprovalStore;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
}): Questions {
  const { store, clock, random, audit } = deps;
  const live = new Map<string, Live>();
  const deadlines = createDeadlines({ clock, keep: store.keepLeft });
  const now = () => instant(clock.now());

  function handOver(answer: Answer): void {
    const question = live.get(answer.id);
    live.delete(answer.id);
    if (!question || question.waiters.size === 0) {
      // Answered while nobody waited: it is kept until the time of the question is over.
      if (answer.state === 'approved') deadlines.replace(answer.id, () => goStale(answer));
      else deadlines.forget(answer.id);
      return;
    }
    deadlines.forget(answer.id);
    store.take(answer.id, answer.state);
    let mayAct = answer.state === 'approved';
    for (const tell of question.waiters) {
      tell({ answer, mayAct });
      mayAct = false;
    }
  }

  function goStale(approved: Answer): void {
    if (approved.state !== 'approved') return;
    const reason = 'nobody came for the answer in time';
    void audit
      .append({
        actor: 'host',
        type: 'approval.stale',
        object: approved.id,
        facts: { workspaceId: approved.action.workspaceId, reason },
      })
      .catch(() => {});
    store.move(approved, { ...approved, state: 'stale', reason });
  }

  const steps = createSteps({ store, audit, onEnd: handOver });
  const { end } = steps;
  const expire = (id: string) => end(id, (pending) => ({ ...pending, state: 'expired', decidedAt: now() }));
  const cancel = (id: string, reason: string) =>
    end(id, (pending) => ({ ...pending, state: 'cancelled', decidedAt: now(), reason }));

  function showAskers(id: string): void {
    const pending = steps.openOne(id);
    store.move(pending, { ...pending, askers: live.get(id)?.waiters.size ?? 0 });
  }

  const wait = (id: string, question: Live, request: PermissionRequest) =>
    waitFor(id, question, request, {
      store,
      now,
      isOpen: () => live.get(id) === question,
      showAskers,
      cancel,
    });

  function open(id: string, of: Omit<Live, 'waiters'>, leftMs: number): Live {
    const question: Live = { ...of, waiters: new Set() };
    live.set(id, question);
    deadlines.set(id, leftMs, () => void expire(id));
    return question;
  }

  /** One approval that the last run left behind. */
  function resume(kept: Kept): void {
    const { approval } = kept;
    const left = leftoverOf(kept, clock.now());
    if (left.then === 'move') return void store.move(approval, left.to);
    if (left.then === 'ask') {
      const { policySha256 } = approval.action;
      open(approval.id, { ...kept, policySha256, ready: Promise.resolve() }, left.leftMs);
      return showAskers(approval.id);
    }
    store.giveBack(approval.id);
    deadlines.set(approval.id, left.leftMs, () => goStale(left.answer));
  }

  return {
    end,
    openSessions: () => [...live.values()].map((question) => question.sessionKey),
    step: async (id, make) => {
      if (steps.openOne(id).expiresAt <= now() || deadlines.isOver(id)) {
        void expire(id);
        throw new HostError('expired', 'the time to answer this is over');
      }
      return steps.take(id, make);
    },
    comeBack(request, policySha256) {
      const key = questionOf(request);
      for (const [id, question] of live) {
        if (question.question === key && question.policySha256 === policySha256)
          return join(id, question, request);
      }
      for (const { approval } of store.ofQuestion(key)) {
        if (approval.state === 'pending' || approval.action.policySha256 !== policySha256) continue;
        if (approval.state === 'approved' && deadlines.isOver(approval.id)) continue;
        if (approval.expiresAt <= now() || approval.createdAt > now()) continue;
        if (!store.take(approval.id, approval.state)) continue;
        deadlines.forget(approval.id);
        return pickedUp(approval);
      }
      return null;
    },
    async ask(request, decision, policySha256) {
      const pending = makePending(request, decision, policySha256, { clock, random });
      const keeping = {
        question: questionOf(request),
        sessionKey: request.sessionKey,
        origin: request.origin,
        comesAgain: request.comesAgain === true,
      };
      const leftMs = lifetimeOf(request);
      const detail: ApprovalDetail = {
        approvalId: pending.id,
        diffs: request.diffs,
        agentSays: request.agentSays.slice(0, 8192),
      };
      const shown = show({ audit, store }, pending, detail, keeping, leftMs);
      const question = open(pending.id, { ...keeping, policySha256, ready: shown }, leftMs);
      try {
        await shown;
      } catch (error) {
        live.delete(pending.id);
        deadlines.forget(pending.id);
        throw error;
      }
      return wait(pending.id, question, request);
    },
    start() {
      for (const kept of store.open()) resume(kept);
    },
    stop() {
      deadlines.stop();
      live.clear();
    },
  };

  async function join(id: string, question: Live, request: PermissionRequest): Promise<Told> {
    await question.ready;
    const told = wait(id, question, request);
    if (live.get(id) === question) showAskers(id);
    return told;
  }

  async function pickedUp(answer: Answer): Promise<Told> {
    const { workspaceId } = answer.action;
    await audit.append({
      actor: 'host',
      type: 'approval.picked-up',
      object: answer.id,
      facts: { workspaceId },
    });
    return { answer, mayAct: answer.state === 'approved' };
  }
}

/** On record, then on the disk: only then does anybody see the question. */
async function show(
  { audit, store }: { audit: Auditor; store: ApprovalStore },
  pending: Pending,
  detail: ApprovalDetail,
  keeping: Keeping,
  leftMs: number,
): Promise<void> {
  await audit.append({
    actor: pending.action.requester.join(' > '),
    type: 'approval.requested',
    object: pending.id,
    facts: {
      workspaceId: pending.action.workspaceId,
      actionHash: pending.actionHash,
      kind: pending.action.kind,
      risk: pending.risk,
    },
  });
  store.insert(pending, detail, keeping, leftMs);
}
