import type { Action } from '../../contract/action.ts';
import type { ApprovalDetail } from '../../contract/approvals.ts';
import type { ApprovalId, TaskId } from '../../contract/ids.ts';
import type { Origin } from '../../contract/policy.ts';

/** What is about to be done; the approver adds version, id and the hash of the policy. */
export type ActionFacts = Omit<Action, 'v' | 'id' | 'policySha256'>;

export interface PermissionRequest {
  readonly facts: ActionFacts;
  /** One line in the host's words. */
  readonly title: string;
  readonly origin: Origin;
  readonly taskId: TaskId | null;
  /** Answers "for this session" are remembered under this key; null when there is none. */
  readonly sessionKey: string | null;
  readonly diffs: ApprovalDetail['diffs'];
  readonly agentSays: string;
  /** A rule that allows is not enough, only a person's answer is, now or remembered: a task that runs in mode `ask`. */
  readonly mustAsk?: boolean;
  /** Aborted when the asker is gone: the request is withdrawn. */
  readonly signal?: AbortSignal;
  /** Called once if a person has to be asked. */
  readonly onAsked?: (approvalId: ApprovalId) => void;
}

/** Leave to do one thing once. */
export interface Permit {
  readonly effect: 'allow';
  readonly approvalId: ApprovalId | null;
  /**
   * Does it: `now` is built again from what is about to happen and must equal what was asked for, else the approval
   * becomes stale and HostError `stale` is thrown. The outcome is put on record. A permit is good for one call.
   */
  execute<T>(now: ActionFacts, run: () => Promise<T>): Promise<T>;
}

export interface Refusal {
  readonly effect: 'deny';
  readonly approvalId: ApprovalId | null;
  readonly by: 'policy' | 'person' | 'expiry' | 'withdrawn' | 'mode';
  readonly reason: string;
}

/** The one place that says yes or no. Never rejects for a "no". */
export interface Approver {
  decide(request: PermissionRequest): Promise<Permit | Refusal>;
}
