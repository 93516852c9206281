import { HostError } from '../../../contract/errors.ts';
import type { PolicyDecision, Rule } from '../../../contract/policy.ts';
import type { ApprovalStore, Kept } from './approval-store.ts';
import { isMeetable } from './needs.ts';
import { tightened } from './pending-approval.ts';
import type { Questions } from './questions.ts';
import type { Pending } from './steps.ts';
import type { WorkspaceRules } from './workspace-rules.ts';

export interface RulesOfNow {
  /**
   * The question as the rules of now ask it. Everybody sees what is needed now, before anybody can say yes by less.
   * @throws HostError `refused` when a rule of now denies what was asked for under others
   */
  ask(approval: Pending): Promise<{ readonly asked: Pending; isStill(pending: Pending): boolean }>;
}

/** Looks at an open question anew when it is answered: rules may have been added since it was asked. */
export function createRulesOfNow(deps: {
  store: Pick<ApprovalStore, 'kept'>;
  questions: Pick<Questions, 'step'>;
  workspaceRules: WorkspaceRules;
  /** What the rules in force say to a question, with those of its workspace. */
  judge(workspaceRules: readonly Rule[], kept: Kept): PolicyDecision;
}): RulesOfNow {
  const { store, questions, workspaceRules, judge } = deps;

  function needOf(pending: Pending, brought: readonly Rule[]): Pending {
    const kept = store.kept(pending.id);
    const decision = judge(brought, kept);
    const next = tightened(pending, decision, kept.sessionKey !== null);
    if (decision.effect !== 'deny' && isMeetable(next.need)) return next;
    const why = decision.effect === 'deny' ? decision.why.join('; ') : 'they accept no proof in common';
    throw new HostError('refused', `the rules were changed since this was asked, and forbid it now: ${why}`);
  }

  async function show(id: string, brought: readonly Rule[]): Promise<Pending> {
    const shown = await questions.step(id, (pending) => {
      const to = needOf(pending, brought);
      const { approvers, stepUp } = to.need;
      const facts = { risk: String(to.risk), approvers: String(approvers), stepUp };
      return { to, actor: 'host', type: 'approval.tightened', facts };
    });
    if (shown.state === 'pending') return shown;
    throw new HostError('conflict', `this was answered already: it is ${shown.state}`);
  }

  return {
    async ask(approval) {
      const brought = await workspaceRules.of(approval.action.workspaceId);
      const isSame = needOf(approval, brought) === approval;
      return {
        asked: isSame ? approval : await show(approval.id, brought),
        isStill: (pending) => needOf(pending, brought) === pending,
      };
    },
  };
}
