import * as z from 'zod';
import { AgentName } from './agents.ts';
import { command, Nothing } from './command.ts';
import { Instant, SessionId, TaskId, WorkspaceId } from './ids.ts';

/** A conversation with an agent: what the agent calls it, where it worked, and the task that opened it. */
export const Session = z.strictObject({
  id: SessionId,
  /** The agent's own session id. */
  agentSessionId: z.string().max(256),
  agent: AgentName,
  workspaceId: WorkspaceId,
  taskId: TaskId,
  title: z.string().max(256),
  state: z.enum(['open', 'ended', 'deleted']),
  createdAt: Instant,
  lastActiveAt: Instant,
});
export type Session = z.infer<typeof Session>;

export const PlanEntry = z.strictObject({
  text: z.string().max(2048),
  state: z.enum(['pending', 'in_progress', 'completed']),
});

const at = { seq: z.int().nonnegative(), at: Instant };

/** One line of a session's timeline. Texts were redacted before they were written. */
export const TimelineEntry = z.discriminatedUnion('kind', [
  z.strictObject({ ...at, kind: z.literal('user'), text: z.string() }),
  z.strictObject({ ...at, kind: z.literal('message'), text: z.string() }),
  z.strictObject({ ...at, kind: z.literal('thought'), text: z.string() }),
  z.strictObject({
    ...at,
    kind: z.literal('tool'),
    toolCallId: z.string(),
    title: z.string(),
    toolKind: z.string(),
    state: z.enum(['pending', 'in_progress', 'completed', 'failed']),
    paths: z.array(z.string()),
    output: z.string(),
  }),
  z.strictObject({ ...at, kind: z.literal('plan'), entries: z.array(PlanEntry).max(256) }),
  z.strictObject({
    ...at,
    kind: z.literal('permission'),
    approvalId: z.string(),
    title: z.string(),
    outcome: z.enum(['asked', 'allowed', 'denied', 'cancelled']),
  }),
  z.strictObject({ ...at, kind: z.literal('file'), path: z.string(), diff: z.string() }),
  z.strictObject({ ...at, kind: z.literal('state'), state: z.string(), detail: z.string() }),
]);
export type TimelineEntry = z.infer<typeof TimelineEntry>;

export const sessionCommands = {
  'sessions.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'Conversations with agents, newest first.',
    input: z.strictObject({
      agent: AgentName.optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    output: z.strictObject({ sessions: z.array(Session) }),
  }),
  'sessions.timeline': command({
    capability: 'view',
    risk: 'none',
    summary: 'Entries of one timeline, after a given sequence number.',
    input: z.strictObject({
      sessionId: SessionId,
      afterSeq: z.int().min(-1).default(-1),
      limit: z.int().min(1).max(1000).default(500),
    }),
    output: z.strictObject({ session: Session, entries: z.array(TimelineEntry), more: z.boolean() }),
  }),
  'sessions.delete': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Delete a conversation from the list; its file is kept aside for 30 days.',
    input: z.strictObject({ sessionId: SessionId }),
    output: Nothing,
  }),
};

export const SessionChanged = z.strictObject({ type: z.literal('session.changed'), session: Session });
