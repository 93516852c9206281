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
type Now = Parameters<Permit['execute']>[0];

/** Leave to do exactly one thing exactly once, compared again at the moment it is done. */
export function createPermits(deps: {
  clock: Clock;
  audit: Auditor;
  store: ApprovalStore;
  /** Why nothing may begin now, or null. */
  held(): string | null;
}) {
  const { clock, audit, store, held } = deps;

  const note = (approved: Approved, type: string, facts: Record<string, string> = {}) =>
    audit.append({
      actor: 'host',
      type,
      object: approved.id,
      facts: { workspaceId: approved.action.workspaceId, ...facts },
    });

  async function refuse(approved: Approved, reason: string): Promise<never> {
    await note(approved, 'approval.stale', { reason });
    store.move(approved, { ...approved, state: 'stale', reason });
    throw stale(`what was approved is not what would happen now: ${reason}`, approved.id);
  }

  async function finish<T>(approved: Approved, run: () => Promise<T>): Promise<T> {
    const executing = { ...approved, state: 'executing' } as const;
    await note(approved, 'approval.executing');
    if (!store.move(approved, executing)) {
      throw stale('this approval was used or has run out', approved.id);
    }
    try {
      const result = await run();
      store.move(executing, { ...executing, state: 'done' });
      return result;
    } catch (error) {
      const reason = error instanceof HostError ? error.message : 'it failed';
      if (error instanceof HostError && error.code === 'stale') {
        // A last look saw a difference. Nothing has been done, so this is on record like every other stale one.
        await note(approved, 'approval.stale', { reason });
        store.move(executing, { ...executing, state: 'stale', reason });
      } else store.move(executing, { ...executing, state: 'failed', reason });
      throw error;
    }
  }

  return {
    approved(facts: ActionFacts, approved: Approved): Permit {
      const until = clock.now() + EXECUTE_WITHIN_MS;
      const late = 'it was not carried out within a minute';
      let used = false;
      const cancel = clock.after(EXECUTE_WITHIN_MS, () => {
        store.move(approved, { ...approved, state: 'stale', reason: late });
      });
      return {
        effect: 'allow',
        approvalId: approved.id,
        async execute(now, run) {
          if (used) throw stale('a permit is good for one call', approved.id);
          used = true;
          cancel();
          // The timer does not run while the machine sleeps; the wall clock does.
          if (clock.now() > until) return refuse(approved, late);
          const reason = held() ?? (await difference(facts, now));
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
        async execute(now, run) {
          if (used) throw stale('a permit is good for one call', null);
          used = true;
          const reason = held() ?? (await difference(facts, now));
          if (reason === null) return run();
          throw stale(`what was allowed is not what would happen now: ${reason}`, null);
        },
      };
    },
  };
}

/** Which part of an action is no longer what was approved; null when all of it is. */
async function difference(approved: ActionFacts, now: Now): Promise<string | null> {
  let current: ActionFacts;
  try {
    current = typeof now === 'function' ? await now() : now;
  } catch (error) {
    return error instanceof HostError ? error.message : 'it could not be looked at again';
  }
  const keys = [...Object.keys(approved), ...Object.keys(current)] as (keyof ActionFacts)[];
  const key = keys.find((each) => canonicalJson(approved[each]) !== canonicalJson(current[each]));
  return key === undefined ? null : `"${partOf(key, approved, current)}" has changed`;
}

/** `exec.argv` rather than `exec`, where both have the part. */
function partOf(key: keyof ActionFacts, approved: ActionFacts, current: ActionFacts): string {
  const [before, after] = [approved.exec, current.exec];
  if (key !== 'exec' || before === null || after === null) return key;
  const parts = Object.keys(before) as (keyof typeof before)[];
  const part = parts.find((each) => canonicalJson(before[each]) !== canonicalJson(after[each]));
  return part === undefined ? key : `exec.${part}`;
}

function stale(message: string, approvalId: string | null): HostError {
  return new HostError('stale', message, approvalId === null ? undefined : { approvalId });
}
