/** What the screens show of a host. Times are milliseconds since 1970. */

import type { SandboxProfile } from '../../contract/action.ts';
import type { Approval } from '../../contract/approvals.ts';
import type { DeviceScope } from '../../contract/identity.ts';
import type { TaskMode } from '../../contract/tasks.ts';

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online' }
  /** `asOf`: when the host was heard last, so what is shown is that old; null when it was not heard yet. */
  | { readonly kind: 'offline'; readonly asOf: number | null }
  /** The host turned this device away, several times or for certain. */
  | { readonly kind: 'refused' };

export type Risk = 'low' | 'medium' | 'high' | 'critical';

/** How an approval ended, and by whom if anybody. */
export interface OutcomeView {
  readonly state: Exclude<Approval['state'], 'pending'>;
  readonly by: 'you' | 'owner' | 'otherDevice' | 'host' | null;
  readonly reason?: string;
}

/** A file that the action replaces, as the fingerprint covers it. */
export interface WriteView {
  readonly path: string;
  readonly bytes: number;
  readonly isNew: boolean;
}

/** A decision that the host waits for, or waited for. Everything here comes from the canonical action that is signed. */
export interface ApprovalView {
  readonly id: string;
  readonly hostId: string;
  readonly hostName: string;
  readonly agent: string;
  readonly workspace?: string;
  /** One line that the host made from the action, never the agent's words. */
  readonly title: string;
  readonly risk: Risk;
  readonly why: readonly string[];
  readonly argv?: readonly string[];
  readonly folder?: string;
  readonly paths?: readonly string[];
  readonly envNames?: readonly string[];
  readonly sandbox?: SandboxProfile;
  readonly tool?: string;
  readonly writes: readonly WriteView[];
  /** SHA-256 of the action, as this device computed it from what it shows. */
  readonly actionHash: string;
  /** False when the host's hash is another one: what is shown is not what would be signed. */
  readonly genuine: boolean;
  readonly askedAt: number;
  readonly expiresAt: number;
  /** Absent while it waits. */
  readonly outcome?: OutcomeView;
}

/** How far a text of the host was checked against the action. */
export type DiffCheck = 'verified' | 'redacted' | 'truncated' | 'unbound' | 'differs';

export interface ContentDiff {
  readonly path: string;
  /** Unified diff. */
  readonly diff: string;
  readonly check: DiffCheck;
}

/** What stands behind the hashes of an action. */
export interface ApprovalContent {
  readonly diffs: readonly ContentDiff[];
  /** Files of the action for which the host sent no text. */
  readonly notShown: readonly string[];
  readonly agentSays: string;
}

export type ContentAnswer =
  | { readonly kind: 'ready'; readonly content: ApprovalContent }
  | { readonly kind: 'failed'; readonly why: string };

export type SessionStatus = 'waiting' | 'working' | 'done' | 'failed' | 'stopped';

export interface TimelineEntry {
  readonly id: string;
  readonly at: number;
  readonly kind: 'you' | 'agent' | 'tool' | 'plan' | 'diff' | 'note';
  readonly text: string;
}

/** A task and, once it has begun, its conversation. */
export interface SessionView {
  /** The id of the task. */
  readonly id: string;
  readonly sessionId: string | null;
  readonly hostId: string;
  readonly hostName: string;
  readonly agent: string;
  readonly title: string;
  readonly status: SessionStatus;
  readonly changedAt: number;
  /** What came of it: the agent's summary, or why it failed. */
  readonly result?: string;
  readonly changedFiles: readonly string[];
}

export type ProcessState = 'starting' | 'running' | 'stopping' | 'stopped' | 'failed' | 'waiting';

export interface ProcessView {
  readonly id: string;
  readonly name: string;
  readonly state: ProcessState;
  /** For example `port 3000` or `exit code 1`. */
  readonly detail?: string;
}

export interface TunnelView {
  readonly state: 'off' | 'opening' | 'open' | 'failed';
  readonly address?: string;
  readonly closesAt?: number;
}

export interface Choice {
  readonly id: string;
  readonly name: string;
}

export interface HostView {
  readonly id: string;
  readonly name: string;
  readonly link: LinkState;
  readonly scopes: readonly DeviceScope[];
  /** Those that wait and those that were answered lately. */
  readonly approvals: readonly ApprovalView[];
  readonly sessions: readonly SessionView[];
  readonly processes: readonly ProcessView[];
  readonly tunnel: TunnelView;
  readonly bashMode: 'off' | 'safe' | 'full';
  readonly paused: boolean;
  readonly folders: readonly Choice[];
  readonly agents: readonly Choice[];
}

/** What became of something that the person did. */
export type Delivery =
  | { readonly kind: 'sending' | 'sent' | 'done' | 'unknown' }
  | { readonly kind: 'refused'; readonly why: string };

export interface NewTask {
  readonly hostId: string;
  readonly folderId: string;
  readonly agentId: string;
  readonly mode: TaskMode;
  readonly text: string;
}

/** Everything that a screen may ask of a host. */
export type HostAction =
  | {
      readonly kind: 'decide';
      readonly hostId: string;
      readonly approvalId: string;
      /** Of the action that the person saw. */
      readonly actionHash: string;
      readonly decision: 'allow' | 'deny';
    }
  | { readonly kind: 'submit'; readonly task: NewTask }
  | { readonly kind: 'cancel-task'; readonly hostId: string; readonly taskId: string }
  | {
      readonly kind: 'process';
      readonly hostId: string;
      readonly processId: string;
      readonly verb: 'start' | 'stop' | 'restart';
    }
  | { readonly kind: 'close-tunnel' | 'pause' | 'lock-down'; readonly hostId: string };
