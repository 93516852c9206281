import * as z from 'zod';
import { AgentName } from './agents.ts';
import { command, Nothing } from './command.ts';
import { Instant, SessionId, TaskId, WorkspaceId } from './ids.ts';
import { WorkspaceRef } from './workspaces.ts';

/** `read`: may not change anything. `ask`: changes are approved one by one. `auto`: policy alone decides. */
export const TaskMode = z.enum(['read', 'ask', 'auto']);
export type TaskMode = z.infer<typeof TaskMode>;

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
};
const started = { ...shared, sessionId: SessionId.nullable(), startedAt: Instant };
const result = { changedFiles: z.array(z.string()).max(1000), summary: z.string().max(4096) };

/** A task that runs has a start, one that ended says when, one that failed says why. */
export const Task = z.discriminatedUnion('state', [
  z.strictObject({ ...shared, state: z.literal('queued') }),
  z.strictObject({ ...started, state: z.literal('running') }),
  z.strictObject({ ...started, state: z.literal('waiting'), approvals: z.array(z.string()).min(1) }),
  z.strictObject({
    ...started,
    ...result,
    state: z.literal('done'),
    endedAt: Instant,
    stopReason: z.string(),
  }),
  z.strictObject({
    ...shared,
    state: z.literal('failed'),
    sessionId: SessionId.nullable(),
    reason: z.string().max(4096),
    endedAt: Instant,
  }),
  z.strictObject({
    ...shared,
    state: z.literal('cancelled'),
    sessionId: SessionId.nullable(),
    endedAt: Instant,
  }),
  z.strictObject({
    ...shared,
    state: z.literal('interrupted'),
    sessionId: SessionId.nullable(),
    endedAt: Instant,
  }),
]);
export type Task = z.infer<typeof Task>;

export const taskCommands = {
  'tasks.submit': command({
    capability: 'submit',
    risk: 'medium',
    summary: 'Give an agent a task in a workspace. The same idempotency key gives the same task back.',
    input: z.strictObject({
      agent: AgentName,
      workspace: WorkspaceRef,
      mode: TaskMode.default('ask'),
      text: z.string().trim().min(1).max(65_536),
      idempotencyKey: z.string().regex(/^[A-Za-z0-9_-]{8,128}$/),
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
  'tasks.cancel': command({
    capability: 'submit',
    risk: 'low',
    summary: 'Cancel a task: its turn ends, its pending approvals are withdrawn, its agent is stopped.',
    input: z.strictObject({ taskId: TaskId }),
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
