import type { Approval } from '../../../contract/approvals.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ActionFacts, Permit } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { ApprovalStore } from './approval-store.ts';

/** An answer that was not carried out by then is void: the world has moved on. */
const EXECUTE_WITHIN_MS = 60_000;

type Approved = Extract<Approval, { state: 'approved' }>;

/** Leave to do exactly one thing exactly once, compared again at the moment it is done. */
export function createPermits(deps: { clock: Clock; audit: Auditor; store: ApprovalStore }) {
  const { clock, audit, store } = deps;

  async function refuse(approved: Approved, reason: string): Promise<never> {
    await audit.append({ actor: 'host', type: 'approval.stale', object: approved.id, facts: { reason } });
    store.move(approved, { ...approved, state: 'stale', reason });
    throw new HostError('stale', `what was approved is not what would happen now: ${reason}`, {
      approvalId: approved.id,
    });
  }

  async function finish<T>(approved: Approved, run: () => Promise<T>): Promise<T> {
    const executing = { ...approved, state: 'executing' } as const;
    await audit.append({ actor: 'host', type: 'approval.executing', object: approved.id });
    if (!store.move(approved, executing)) {
      throw new HostError('stale', 'this approval was used or has run out', { approvalId: approved.id });
    }
    try {
      const result = await run();
      store.move(executing, { ...executing, state: 'done' });
      return result;
    } catch (error) {
      const reason = error instanceof HostError ? error.message : 'it failed';
      const stale = error instanceof HostError && error.code === 'stale';
      store.move(executing, { ...executing, state: stale ? 'stale' : 'failed', reason });
      throw error;
    }
  }

  return {
    approved(facts: ActionFacts, approved: Approved): Permit {
      const cancel = clock.after(EXECUTE_WITHIN_MS, () => {
        store.move(approved, {
          ...approved,
          state: 'stale',
          reason: 'it was not carried out within a minute',
        });
      });
      return {
        effect: 'allow',
        approvalId: approved.id,
        async execute(current, run) {
          cancel();
          const reason = difference(facts, current);
          return reason === null ? finish(approved, run) : refuse(approved, reason);
        },
      };
    },

    /** Leave that needed no person: by rule or by an earlier answer. Still compared, still good for one call. */
    byRule(facts: ActionFacts): Permit {
      let used = false;
      return {
        effect: 'allow',
        approvalId: null,
        async execute(current, run) {
          const reason = used ? 'a permit is good for one call' : difference(facts, current);
          used = true;
          if (reason === null) return run();
          throw new HostError('stale', `what was allowed is not what would happen now: ${reason}`);
        },
      };
    },
  };
}

/** Which part of an action is no longer what was approved; null when all of it is. */
function difference(approved: ActionFacts, current: ActionFacts): string | null {
  for (const key of Object.keys(approved) as (keyof ActionFacts)[]) {
    if (canonicalJson(approved[key]) !== canonicalJson(current[key])) return `"${key}" has changed`;
  }
  return null;
}
