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
  /**
   * The asker can ask again after a restart of the host (an MCP client, the command line): its question outlives the
   * host, and the answer waits to be picked up by the same action of the same requester. All others end with the host.
   */
  readonly comesAgain?: boolean;
  /** Aborted when the asker is gone: the request is withdrawn. With the reason `HOST_STOPS` it may come again. */
  readonly signal?: AbortSignal;
  /** Called once if a person has to be asked. */
  readonly onAsked?: (approvalId: ApprovalId) => void;
}

/** Reason of an abort that says nothing about the asker: only this host ends. */
export const HOST_STOPS = 'the host stops';

/** Leave to do one thing once. */
export interface Permit {
  readonly effect: 'allow';
  readonly approvalId: ApprovalId | null;
  /**
   * Does it: `now` is built again from what is about to happen and must equal what was asked for, else the approval
   * becomes stale and HostError `stale` is thrown. Given as a function, it is built after the permit was taken into
   * use, and a failure to build it makes the approval stale as well: what cannot be looked at again is not the same.
   * The outcome is put on record. A permit is good for one call.
   */
  execute<T>(now: ActionFacts | (() => Promise<ActionFacts>), run: () => Promise<T>): Promise<T>;
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
