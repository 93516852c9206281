import * as z from 'zod';
import { AgentName } from './agents.ts';
import { command, Nothing } from './command.ts';
import { Instant, SessionId, TaskId, WorkspaceId } from './ids.ts';
import { SessionUsage } from './sessions.ts';
import { WorkspaceRef } from './workspaces.ts';

/** `read`: may not change anything. `ask`: changes are approved one by one. `auto`: policy alone decides. */
export const TaskMode = z.enum(['read', 'ask', 'auto']);
export type TaskMode = z.infer<typeof TaskMode>;

/**
 * How far the words of a task are known to have come. It only goes forward.
 * `queued`: with the host. `delivered`: written to the agent. `accepted`: the agent has answered since. `running`: it
 * works on them. `done`: it has answered the whole turn. `unknown`: delivered, but what became of it is not known; they
 * are not sent again. `never`: the task ended before they were delivered.
 */
export const Delivery = z.enum(['queued', 'delivered', 'accepted', 'running', 'done', 'unknown', 'never']);
export type Delivery = z.infer<typeof Delivery>;

/** What a task may use before it is stopped. Tokens and cost count where the agent reports them. */
export const TaskBudget = z.strictObject({
  tokens: z.int().min(1).max(1_000_000_000).optional(),
  costUsd: z.number().positive().max(1_000_000).optional(),
  minutes: z.number().positive().max(10_080).optional(),
});
export type TaskBudget = z.infer<typeof TaskBudget>;

/** What this task alone has used: in a session that is continued, what was used before it is left out. */
export const TaskUsage = SessionUsage;
export type TaskUsage = z.infer<typeof TaskUsage>;

const Count = z.int().nonnegative();

/** What the agent has sent so far. */
export const TaskOutput = z.strictObject({
  /** Bytes of text, before any cap. */
  bytes: Count,
  toolCalls: Count,
  /** Bytes that were left out of the timeline because the cap of a task was reached. */
  droppedBytes: Count,
});
export type TaskOutput = z.infer<typeof TaskOutput>;

/** Who works on a task now: one run of the host. Another run never goes on with it. */
export const TaskLease = z.strictObject({
  ownerEpoch: z.string().max(128),
  heartbeatAt: Instant,
  expiresAt: Instant,
});
export type TaskLease = z.infer<typeof TaskLease>;

/** Why a task failed. `agent`: it said so, or ended. `host`: it could not be begun. The others: it was stopped. */
export const FailureCause = z.enum(['agent', 'host', 'idle', 'time', 'budget']);
export type FailureCause = z.infer<typeof FailureCause>;

const NO_OUTPUT: TaskOutput = { bytes: 0, toolCalls: 0, droppedBytes: 0 };

const shared = {
  id: TaskId,
  agent: AgentName,
  workspaceId: WorkspaceId,
  mode: TaskMode,
  text: z.string().max(65_536),
  submittedBy: z.string(),
  createdAt: Instant,
  /** Grows with every change, so that a late message cannot take a task back. */
  revision: z.int().nonnegative(),
  /** The session it goes on with; `null`: it opens a new one. */
  continues: SessionId.nullable().default(null),
  /** The task it repeats. */
  retryOf: TaskId.nullable().default(null),
  budget: TaskBudget.default({}),
  delivery: Delivery.default('queued'),
  /** `null`: the agent has reported nothing. */
  usage: TaskUsage.nullable().default(null),
  output: TaskOutput.default(NO_OUTPUT),
  /** How often it was steered: its turn was ended and the agent was told something else. */
  steered: Count.default(0),
};
const started = { ...shared, sessionId: SessionId.nullable(), startedAt: Instant };
const ongoing = {
  ...started,
  lease: TaskLease.nullable().default(null),
  /** The last sign of life of the agent; `null`: none yet. */
  agentSeenAt: Instant.nullable().default(null),
};
const result = { changedFiles: z.array(z.string()).max(1000), summary: z.string().max(4096) };
const ended = { ...shared, sessionId: SessionId.nullable(), endedAt: Instant };

/** A task that runs has a start, one that ended says when, one that failed says why. */
export const Task = z.discriminatedUnion('state', [
  z.strictObject({
    ...shared,
    state: z.literal('queued'),
    /** Its place among the tasks that wait, 1 is next; `null` while it is not known. */
    position: z.int().positive().nullable().default(null),
  }),
  z.strictObject({ ...ongoing, state: z.literal('running') }),
  z.strictObject({ ...ongoing, state: z.literal('waiting'), approvals: z.array(z.string()).min(1) }),
  z.strictObject({
    ...started,
    ...result,
    state: z.literal('done'),
    endedAt: Instant,
    stopReason: z.string(),
  }),
  z.strictObject({
    ...ended,
    state: z.literal('failed'),
    cause: FailureCause.default('agent'),
    reason: z.string().max(4096),
  }),
  z.strictObject({ ...ended, state: z.literal('cancelled') }),
  z.strictObject({ ...ended, state: z.literal('interrupted') }),
]);
export type Task = z.infer<typeof Task>;

/** What one file of a task's result is about. */
export const ChangedFile = z.strictObject({
  path: z.string().max(4096),
  change: z.enum(['added', 'modified', 'deleted']),
  /** `null`: not text. */
  added: Count.nullable(),
  removed: Count.nullable(),
});
export type ChangedFile = z.infer<typeof ChangedFile>;

export const TaskDiff = z.strictObject({
  taskId: TaskId,
  /** `git`: the folder now, or when the task ended, against the folder when it began. `writes`: what passed the host. */
  source: z.enum(['git', 'writes', 'none']),
  /** False while the task runs: there may be more. */
  final: z.boolean(),
  takenAt: Instant,
  files: z.array(ChangedFile).max(1000),
  /** Unified diff, redacted. */
  diff: z.string(),
  redacted: z.boolean(),
  truncated: z.boolean(),
  /** Why there is none, or less than there could be; else empty. */
  note: z.string().max(512),
});
export type TaskDiff = z.infer<typeof TaskDiff>;

const IdempotencyKey = z.string().regex(/^[A-Za-z0-9_-]{8,128}$/);
const Words = z.string().trim().min(1).max(65_536);

export const taskCommands = {
  'tasks.submit': command({
    capability: 'submit',
    risk: 'medium',
    summary: 'Give an agent a task in a workspace. The same idempotency key gives the same task back.',
    input: z.strictObject({
      agent: AgentName,
      workspace: WorkspaceRef,
      /** Without it: `ask`; in a session that somebody else or something else began: `read`. */
      mode: TaskMode.optional(),
      text: Words,
      /** Goes on with this session, in the same workspace and with the same agent. */
      session: SessionId.optional(),
      budget: TaskBudget.default({}),
      idempotencyKey: IdempotencyKey,
    }),
    output: Task,
  }),
  'tasks.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'Tasks, newest first.',
    input: z.strictObject({ limit: z.int().min(1).max(500).default(100) }),
    output: z.strictObject({ tasks: z.array(Task) }),
  }),
  'tasks.get': command({
    capability: 'view',
    risk: 'none',
    summary: 'One task.',
    input: z.strictObject({ taskId: TaskId }),
    output: Task,
  }),
  'tasks.diff': command({
    capability: 'view',
    risk: 'none',
    summary: 'What a task has changed: the workspace against its state when the task began.',
    input: z.strictObject({ taskId: TaskId }),
    output: TaskDiff,
  }),
  'tasks.cancel': command({
    capability: 'submit',
    risk: 'low',
    summary: 'Cancel a task: its turn ends, its pending approvals are withdrawn, its agent is stopped.',
    input: z.strictObject({ taskId: TaskId }),
    output: Task,
  }),
  'tasks.steer': command({
    capability: 'submit',
    risk: 'medium',
    summary: 'End the turn of a running task and tell its agent something else, in the same session.',
    input: z.strictObject({ taskId: TaskId, text: Words }),
    output: Task,
  }),
  'tasks.retry': command({
    capability: 'submit',
    risk: 'medium',
    summary: 'Submit an ended task once more, as a new task.',
    input: z.strictObject({ taskId: TaskId, idempotencyKey: IdempotencyKey }),
    output: Task,
  }),
  'tasks.remove': command({
    capability: 'own',
    risk: 'low',
    summary: 'Take an ended task off the list.',
    input: z.strictObject({ taskId: TaskId }),
    output: Nothing,
  }),
};

export const TaskChanged = z.strictObject({ type: z.literal('task.changed'), task: Task });
export const TaskRemoved = z.strictObject({ type: z.literal('task.removed'), taskId: TaskId });
