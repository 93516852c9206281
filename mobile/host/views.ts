/** What the screens show of a host. Times are milliseconds since 1970. */

import type { ActionKind, ApprovalScope, SandboxProfile } from '../../contract/action.ts';
import type { Approval } from '../../contract/approvals.ts';
import type { WitnessVerdict } from '../../contract/audit-witness.ts';
import type { DeviceScope } from '../../contract/identity.ts';
import type { Need, Rule, RuleProposal } from '../../contract/policy.ts';
import type { ProofKind } from '../../contract/proof.ts';
import type { TextWarning } from '../../contract/visible-text.ts';
import type { ProcessView } from './process-views.ts';
import type { AgentView, NewTask, SessionView, TaskView } from './task-views.ts';

export type LinkState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'online' }
  /** `asOf`: when the host was heard last, so what is shown is that old; null when it was not heard yet. */
  | { readonly kind: 'offline'; readonly asOf: number | null }
  /** Locked down by its owner: it stays away until it is resumed there. This device is not removed. */
  | { readonly kind: 'locked-down'; readonly asOf: number | null }
  /** The host turned this device away, several times or for certain. */
  | { readonly kind: 'refused' }
  /** This device was away for long: the owner compares this code on the host, until then. */
  | { readonly kind: 'renewal'; readonly checkCode: string; readonly until: number }
  /** Nobody compared the code in time, or the owner refused. */
  | { readonly kind: 'renewal-over' }
  /** The host shows an older state than before; nothing is sent to it until the person says that this was meant. */
  | { readonly kind: 'rolled-back' }
  /** The host asks for less than before (`downgraded`), or for a newer app (`outdated`). */
  | { readonly kind: 'downgraded' | 'outdated' };

export type Risk = 'low' | 'medium' | 'high' | 'critical';

/** How an approval ended, and by whom if anybody. */
export interface OutcomeView {
  readonly state: Exclude<Approval['state'], 'pending'>;
  readonly by: 'you' | 'owner' | 'otherDevice' | 'host' | null;
  readonly reason?: string;
  /** How whoever answered proved to be there; absent when no proof was asked for. */
  readonly provenBy?: ProofKind;
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
  readonly kind: ActionKind;
  readonly risk: Risk;
  readonly why: readonly string[];
  readonly argv?: readonly string[];
  readonly folder?: string;
  readonly paths?: readonly string[];
  readonly envNames?: readonly string[];
  readonly sandbox?: SandboxProfile;
  readonly tool?: string;
  /** Hosts that it is known to reach. */
  readonly net: readonly string[];
  readonly writes: readonly WriteView[];
  /** What a person must know before they trust their eyes with it. */
  readonly warnings: readonly TextWarning[];
  /** What a yes needs. */
  readonly need: Need;
  /** How many have said yes so far, where more than one must, and whether this device is one of them. */
  readonly votes: { readonly yes: number; readonly yours: boolean };
  /** How many ask for this very action and wait for the one answer. */
  readonly askers: number;
  /** The host wants its content opened before it is approved. */
  readonly mustOpen: boolean;
  /** How long an answer may be remembered. */
  readonly scopes: readonly ApprovalScope[];
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

export interface TunnelView {
  readonly state: 'off' | 'opening' | 'open' | 'failed';
  readonly address?: string;
  readonly closesAt?: number;
}

export interface Choice {
  readonly id: string;
  readonly name: string;
}

/** How a log failed to continue what was seen of it. */
export type Altered = Exclude<WitnessVerdict['kind'], 'accepted'>;

export type WitnessView =
  /** Nothing was seen of it yet. */
  | { readonly kind: 'none' }
  /** So many records, seen at this time; every later look must continue them. */
  | { readonly kind: 'kept'; readonly size: number; readonly at: number }
  /** The record was altered, or put back to an older state. Says so until the person has taken note. */
  | { readonly kind: 'altered'; readonly how: Altered; readonly size: number; readonly at: number };

/** A host that removed this device: its keys and data were wiped here. */
export interface Farewell {
  readonly hostId: string;
  readonly name: string;
  readonly at: number;
}

export interface HostView {
  readonly id: string;
  readonly name: string;
  readonly link: LinkState;
  readonly scopes: readonly DeviceScope[];
  /** Those that wait and those that were answered lately. */
  readonly approvals: readonly ApprovalView[];
  readonly tasks: readonly TaskView[];
  /** Those that the host keeps at hand; it has more, and so have its agents. */
  readonly sessions: readonly SessionView[];
  readonly processes: readonly ProcessView[];
  readonly tunnel: TunnelView;
  /** The listeners inside of the host: the MCP bridge, and the ACP remote as long as it serves an agent. */
  readonly doors: {
    readonly bridge: boolean;
    readonly remote: { readonly listens: boolean; readonly connections: number } | null;
  };
  readonly bashMode: 'off' | 'safe' | 'full';
  readonly mode: 'running' | 'paused' | 'locked-down';
  /** Commands that wait for the host's answer. */
  readonly waiting: number;
  /** What this device has seen of the host's audit log. */
  readonly witness: WitnessView;
  readonly folders: readonly Choice[];
  readonly agents: readonly AgentView[];
}

/** Ways to make a rule out of a question, narrowest first. */
export type ProposalsAnswer =
  | { readonly kind: 'ready'; readonly proposals: readonly RuleProposal[] }
  | { readonly kind: 'failed'; readonly why: string };

/**
 * What became of something that the person did. `queued`: on this device until the host is there. `sent`: on its way, and
 * sent again under the same name after a lost connection, so that it has its effect once.
 */
export type Delivery =
  | { readonly kind: 'sending' | 'queued' | 'sent' | 'unknown' }
  /** `taskId`: the task that came of it; `runId`: the run of a predefined command. */
  | { readonly kind: 'done'; readonly taskId?: string; readonly runId?: string }
  | { readonly kind: 'refused'; readonly why: string }
  /** Of several answers: how many were taken, and why the first of the others was not. */
  | { readonly kind: 'partly'; readonly taken: number; readonly of: number; readonly why: string };

/** One of several questions that get the same answer. */
export interface Chosen {
  readonly approvalId: string;
  /** Of the action that the person saw. */
  readonly actionHash: string;
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
      readonly scope: ApprovalScope;
    }
  | {
      readonly kind: 'decide-many';
      readonly hostId: string;
      readonly chosen: readonly Chosen[];
      readonly decision: 'allow' | 'deny';
    }
  | { readonly kind: 'add-rule'; readonly hostId: string; readonly rule: Rule }
  | { readonly kind: 'submit'; readonly task: NewTask }
  | { readonly kind: 'cancel-task'; readonly hostId: string; readonly taskId: string }
  | { readonly kind: 'steer-task'; readonly hostId: string; readonly taskId: string; readonly text: string }
  /** `key` names the wish: said twice, it is one new task. */
  | { readonly kind: 'retry-task'; readonly hostId: string; readonly taskId: string; readonly key: string }
  | { readonly kind: 'end-session' | 'cancel-turn'; readonly hostId: string; readonly sessionId: string }
  | {
      readonly kind: 'set-session-mode';
      readonly hostId: string;
      readonly sessionId: string;
      readonly modeId: string;
    }
  | {
      readonly kind: 'set-session-option';
      readonly hostId: string;
      readonly sessionId: string;
      readonly optionId: string;
      readonly value: string | boolean;
    }
  | {
      readonly kind: 'process';
      readonly hostId: string;
      readonly processId: string;
      readonly verb: 'start' | 'stop' | 'restart';
    }
  | { readonly kind: 'start-action'; readonly hostId: string; readonly name: string }
  | { readonly kind: 'stop-action'; readonly hostId: string; readonly runId: string }
  | { readonly kind: 'close-tunnel' | 'pause' | 'lock-down'; readonly hostId: string };
