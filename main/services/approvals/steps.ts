import type { Approval } from '../../../contract/approvals.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { ApprovalStore } from './approval-store.ts';
import { createLocks } from './locks.ts';

export type Pending = Extract<Approval, { state: 'pending' }>;
export type Answer = Exclude<Approval, { state: 'pending' }>;
export type Approved = Extract<Approval, { state: 'approved' }>;

/** The next step of a question: another vote, or its end. */
export interface Step {
  readonly to: Approval;
  readonly actor: string;
  /** What it is put on record as, where the new state alone does not say it. */
  readonly type?: string;
  readonly facts: Record<string, string | null>;
  /** Done with the step on the disk and before anybody is told. */
  readonly before?: () => void;
}

export interface Steps {
  /** @throws HostError `conflict` when it is answered already */
  openOne(id: string): Pending;
  /**
   * Takes one step of an open question: on record first, then on the disk, then told. Steps of one question never
   * overlap; `make` sees it as it is then.
   * @throws HostError `conflict` when it is answered already, and what `make` throws
   */
  take(id: string, make: (pending: Pending) => Step): Promise<Approval>;
  /** Ends a question with a no that nobody gave. Nothing happens when it has ended already. */
  end(id: string, to: (pending: Pending) => Answer): Promise<void>;
}

export function createSteps(deps: {
  store: ApprovalStore;
  audit: Auditor;
  onEnd(answer: Answer): void;
}): Steps {
  const { store, audit, onEnd } = deps;
  const locks = createLocks();

  function openOne(id: string): Pending {
    const approval = store.get(id);
    if (approval.state !== 'pending') throw answered(approval);
    return approval;
  }

  function step(id: string, make: (pending: Pending) => Step, withoutRecord: boolean): Promise<Approval> {
    return locks.run(id, async () => {
      const pending = openOne(id);
      const { to, actor, facts, before, type: stated } = make(pending);
      const type = stated ?? (to.state === 'pending' ? 'approval.vote' : `approval.${to.state}`);
      const { actionHash, action } = pending;
      const entry = {
        actor,
        type,
        object: id,
        facts: { workspaceId: action.workspaceId, actionHash, ...facts },
      };
      await audit.append(entry).catch((error: unknown) => {
        if (!withoutRecord) throw error;
      });
      if (!store.move(pending, to)) throw answered(store.get(id));
      before?.();
      if (to.state !== 'pending') onEnd(to);
      return to;
    });
  }

  return {
    openOne,
    take: (id, make) => step(id, make, false),
    async end(id, to) {
      const make = (pending: Pending): Step => {
        const answer = to(pending);
        const reason = 'reason' in answer ? answer.reason : null;
        const actor = 'decidedBy' in answer ? answer.decidedBy : 'host';
        return { to: answer, actor, facts: reason === null ? {} : { reason } };
      };
      // A no needs no record to hold; a yes does.
      await step(id, make, true).catch((error: unknown) => {
        if (!(error instanceof HostError)) throw error;
      });
    },
  };
}

function answered(approval: Approval): HostError {
  return new HostError('conflict', `this was answered already: it is ${approval.state}`, {
    state: approval.state,
    ...('decidedBy' in approval && { by: approval.decidedBy }),
  });
}
