/** What the screens show of agents, their sessions and the tasks they were given. Times are milliseconds since 1970. */

import type { Agent, AgentLogin } from '../../contract/agents.ts';
import type { Session, SessionModes, SessionOption, SessionUsage } from '../../contract/sessions.ts';
import type {
  ChangedFile,
  Delivery,
  FailureCause,
  TaskBudget,
  TaskDiff,
  TaskMode,
} from '../../contract/tasks.ts';

export type TaskStatus = 'queued' | 'working' | 'waiting' | 'done' | 'failed' | 'interrupted' | 'stopped';

/** One instruction to an agent, and what became of it. */
export interface TaskView {
  readonly id: string;
  readonly hostId: string;
  readonly hostName: string;
  /** `null` while it has none yet. */
  readonly sessionId: string | null;
  readonly agent: string;
  readonly folderId: string;
  /** Name of the workspace. */
  readonly folder: string;
  readonly mode: TaskMode;
  /** Its first line. */
  readonly title: string;
  readonly text: string;
  readonly status: TaskStatus;
  /** Its place among the tasks that wait, 1 is next; `null`: it does not wait, or the place is not known. */
  readonly position: number | null;
  /** How far its words are known to have come. */
  readonly delivery: Delivery;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly changedAt: number;
  /** When the agent was heard last; `null`: not yet, or it has ended. */
  readonly agentSeenAt: number | null;
  /** The session that it goes on with. */
  readonly continues: string | null;
  /** The task that it repeats. */
  readonly retryOf: string | null;
  readonly budget: TaskBudget;
  readonly usage: SessionUsage | null;
  readonly toolCalls: number;
  /** Bytes that were left out of the timeline. */
  readonly droppedBytes: number;
  readonly steered: number;
  /** Questions that it waits for. */
  readonly approvals: readonly string[];
  /** What came of it: the agent's summary, or why it failed. */
  readonly result?: string;
  readonly cause?: FailureCause;
  readonly changedFiles: readonly string[];
}

/** A conversation with an agent. */
export interface SessionView {
  readonly id: string;
  readonly hostId: string;
  readonly hostName: string;
  readonly agent: string;
  readonly folderId: string;
  readonly folder: string;
  readonly origin: Session['origin'];
  readonly title: string;
  readonly state: Session['state'];
  /** The task that uses it, or used it last. */
  readonly taskId: string | null;
  /** How the agent may work in it, in the agent's own words; `null`: it has no modes. */
  readonly modes: SessionModes | null;
  /** What else the agent lets be set. */
  readonly options: readonly SessionOption[];
  readonly usage: SessionUsage | null;
  readonly changedAt: number;
}

/** A program that can be given tasks, if it is there. */
export interface AgentView {
  readonly id: string;
  readonly hostId: string;
  readonly name: string;
  readonly state: Agent['state'];
  readonly version: string | null;
  readonly login: AgentLogin;
  readonly loginNote: string;
}

type At = { readonly id: string; readonly at: number };

export interface PlanStep {
  readonly text: string;
  readonly state: 'pending' | 'in_progress' | 'completed';
}

/** What a timeline shows: pieces of one speech are one; each tool call, plan and question stands once, as it is now. */
export type TimelineItem = At &
  (
    | { readonly kind: 'speech'; readonly who: 'you' | 'agent' | 'thought'; readonly text: string }
    | {
        readonly kind: 'tool';
        readonly title: string;
        readonly state: 'pending' | 'in_progress' | 'completed' | 'failed';
        readonly paths: readonly string[];
        readonly output: string;
      }
    | { readonly kind: 'plan'; readonly steps: readonly PlanStep[] }
    | {
        readonly kind: 'permission';
        readonly approvalId: string;
        readonly title: string;
        readonly outcome: 'asked' | 'allowed' | 'denied' | 'cancelled';
      }
    | { readonly kind: 'file'; readonly path: string; readonly diff: string }
    | { readonly kind: 'note'; readonly state: string; readonly detail: string }
  );

export interface TimelineView {
  readonly state: 'loading' | 'ready' | 'failed';
  /** Why it could not be read; else empty. */
  readonly why: string;
  readonly items: readonly TimelineItem[];
  /** There are earlier entries on the host. */
  readonly more: boolean;
  /** Lines that could not be read. */
  readonly unreadable: number;
}

/** A timeline while somebody looks at it. */
export interface TimelineFeed {
  /** Fetches the entries before the first one. */
  earlier(): void;
  /** Reads it anew after it failed. */
  again(): void;
  close(): void;
}

export interface DiffOfTask {
  readonly source: TaskDiff['source'];
  readonly final: boolean;
  readonly files: readonly ChangedFile[];
  readonly diff: string;
  readonly redacted: boolean;
  readonly truncated: boolean;
  readonly note: string;
}

type Failed = { readonly kind: 'failed'; readonly why: string };
export type DiffAnswer = { readonly kind: 'ready'; readonly diff: DiffOfTask } | Failed;
export type SessionAnswer = { readonly kind: 'ready'; readonly session: SessionView } | Failed;
export type SessionsAnswer =
  | {
      readonly kind: 'ready';
      readonly sessions: readonly SessionView[];
      /** Where the next page begins; `null`: this was the last. */
      readonly next: string | null;
      /** What could not be read. */
      readonly notices: readonly string[];
    }
  | Failed;

export interface NewTask {
  readonly hostId: string;
  readonly folderId: string;
  readonly agentId: string;
  readonly mode: TaskMode;
  readonly text: string;
  readonly budget: TaskBudget;
  /** The session that it goes on with. */
  readonly sessionId?: string;
  /** Names the form that it was written in: the same form sent again is the same task. */
  readonly key: string;
}
