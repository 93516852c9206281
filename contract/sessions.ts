import * as z from 'zod';
import { AgentName } from './agents.ts';
import { command, Nothing } from './command.ts';
import { Instant, SessionId, TaskId, WorkspaceId } from './ids.ts';
import { WorkspaceRef } from './workspaces.ts';

/** Agents whose own stores of conversations this host can read, once the owner has switched it on. */
export const OwnStore = z.enum(['codex', 'claude', 'gemini', 'opencode']);
export type OwnStore = z.infer<typeof OwnStore>;

const Label = z.string().max(256);
/** An id that an agent made up for one of its settings. It is handed back to that agent and used for nothing else. */
const AgentsId = z.string().min(1).max(256);

const Choice = z.strictObject({ id: AgentsId, name: Label, description: z.string().max(1024) });

/** How an agent may work in this session, in the agent's own words. */
export const SessionModes = z.strictObject({ current: AgentsId, available: z.array(Choice).max(64) });
export type SessionModes = z.infer<typeof SessionModes>;

const option = {
  id: AgentsId,
  name: Label,
  description: z.string().max(1024),
  /** What the option is about, as the agent reports it: `mode`, `model`, `thought_level`, … */
  category: Label.nullable(),
};
/** A setting of a session that the agent offers to change. */
export const SessionOption = z.discriminatedUnion('type', [
  z.strictObject({
    ...option,
    type: z.literal('select'),
    value: AgentsId,
    choices: z.array(Choice.extend({ group: Label.nullable() })).max(256),
  }),
  z.strictObject({ ...option, type: z.literal('boolean'), value: z.boolean() }),
]);
export type SessionOption = z.infer<typeof SessionOption>;

const Count = z.int().nonnegative();
/** What the agent says that the session has used so far. `null`: it does not say. */
export const SessionUsage = z.strictObject({
  inputTokens: Count.nullable(),
  outputTokens: Count.nullable(),
  cachedTokens: Count.nullable(),
  totalTokens: Count.nullable(),
  /** Tokens in the context now, and how many fit. */
  contextUsed: Count.nullable(),
  contextSize: Count.nullable(),
  cost: z
    .strictObject({ amount: z.number().nonnegative(), currency: z.string().regex(/^[A-Z]{3}$/) })
    .nullable(),
});
export type SessionUsage = z.infer<typeof SessionUsage>;

/** A conversation with an agent: what the agent calls it, where it worked, and the task that opened it. */
export const Session = z.strictObject({
  id: SessionId,
  /** `task`: begun by a task of this host. `agent`: found in the agent's own store. */
  origin: z.enum(['task', 'agent']).default('task'),
  /** The agent's own session id. */
  agentSessionId: z.string().max(256),
  agent: AgentName,
  workspaceId: WorkspaceId,
  /** The folder it works in, relative to the workspace; '.' is the workspace itself. */
  folder: z.string().max(4096).default('.'),
  /** The task that uses it, or used it last. `null`: none of this host has. */
  taskId: TaskId.nullable(),
  /** Who submitted the task that opened it; `null` when that was not done here. */
  startedBy: z.string().max(256).nullable().default(null),
  title: z.string().max(256),
  state: z.enum(['open', 'ended', 'deleted']),
  /** Of the timeline. It changes when entries had to be dropped, so that numbers from before never match. */
  epoch: z.string().max(64).default(''),
  modes: SessionModes.nullable().default(null),
  options: z.array(SessionOption).max(64).default([]),
  usage: SessionUsage.nullable().default(null),
  createdAt: Instant,
  lastActiveAt: Instant,
  /** Only of a deleted one: when it was deleted. It can be restored for 30 days from then. */
  deletedAt: Instant.nullable().default(null),
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

/** Something about stored sessions that a person should know: what could not be read, and where it lies now. */
export const SessionNotice = z.strictObject({
  code: z.enum(['set_aside', 'unreadable', 'capped', 'unsupported', 'outside']),
  /** `host`: our own store. */
  store: z.enum(['host', ...OwnStore.options]),
  message: z.string().max(1024),
  /** How many sessions or files it is about. */
  count: Count,
});
export type SessionNotice = z.infer<typeof SessionNotice>;

export const OwnStoreStatus = z.strictObject({
  store: OwnStore,
  state: z.enum(['off', 'read', 'absent', 'unsupported', 'failed']),
  /** Sessions in workspaces, and those that are left out: outside of every workspace, or part of another session. */
  sessions: Count,
  leftOut: Count,
});
export type OwnStoreStatus = z.infer<typeof OwnStoreStatus>;

const live = { sessionId: SessionId };

export const sessionCommands = {
  'sessions.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'Conversations with agents, newest first.',
    input: z.strictObject({
      agent: AgentName.optional(),
      workspace: WorkspaceRef.optional(),
      origin: z.enum(['task', 'agent']).optional(),
      /** Without it: all but the deleted ones. */
      state: z.enum(['open', 'ended', 'deleted']).optional(),
      /** `next` of the page before. */
      cursor: z.string().max(256).optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    output: z.strictObject({
      sessions: z.array(Session),
      next: z.string().nullable(),
      notices: z.array(SessionNotice),
    }),
  }),
  'sessions.discover': command({
    capability: 'view',
    risk: 'none',
    summary: "Look through the agents' own stores that are switched on, and say what was found.",
    input: Nothing,
    output: z.strictObject({ stores: z.array(OwnStoreStatus), notices: z.array(SessionNotice) }),
  }),
  'sessions.readOwn': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Choose the agents whose own stores of conversations are read. At first none is.',
    input: z.strictObject({ stores: z.array(OwnStore).max(OwnStore.options.length) }),
    output: z.strictObject({ stores: z.array(OwnStoreStatus) }),
  }),
  'sessions.get': command({
    capability: 'view',
    risk: 'none',
    summary: 'One conversation.',
    input: z.strictObject({ sessionId: SessionId }),
    output: Session,
  }),
  'sessions.timeline': command({
    capability: 'view',
    risk: 'none',
    summary:
      'Entries of one timeline, oldest first: those after a sequence number, or the last ones before it.',
    input: z
      .strictObject({
        sessionId: SessionId,
        /** Of the page before. When the timeline has another one by now, the numbers are not used and `reset` is set. */
        epoch: z.string().max(64).optional(),
        afterSeq: z.int().min(-1).optional(),
        /** Backwards: the last `limit` entries before this number. */
        beforeSeq: z.int().nonnegative().optional(),
        /** Backwards from the end. */
        newest: z.literal(true).optional(),
        limit: z.int().min(1).max(1000).default(500),
      })
      .refine(
        ({ afterSeq, beforeSeq, newest }) =>
          [afterSeq, beforeSeq, newest].filter((one) => one !== undefined).length <= 1,
        'afterSeq, beforeSeq and newest exclude each other',
      ),
    output: z.strictObject({
      session: Session,
      epoch: z.string().max(64),
      /** The epoch that was named has passed: what was read before belongs to another timeline. */
      reset: z.boolean(),
      entries: z.array(TimelineEntry),
      /** In the direction that was asked for. */
      more: z.boolean(),
      /** Lines between these entries that could not be read. */
      unreadable: Count,
    }),
  }),
  'sessions.delete': command({
    capability: 'own',
    risk: 'medium',
    summary: 'Delete a conversation; for 30 days it is kept aside and can be restored.',
    input: z.strictObject({ sessionId: SessionId }),
    output: Session,
  }),
  'sessions.restore': command({
    capability: 'own',
    risk: 'low',
    summary: 'Bring a deleted conversation back.',
    input: z.strictObject({ sessionId: SessionId }),
    output: Session,
  }),
  'sessions.setMode': command({
    capability: 'manage',
    risk: 'medium',
    summary: 'Set how the agent works in an open session, to one of the modes that it offers.',
    input: z.strictObject({ ...live, modeId: AgentsId }),
    output: Session,
  }),
  'sessions.setOption': command({
    capability: 'manage',
    risk: 'medium',
    summary: 'Set an option of an open session that its agent offers.',
    input: z.strictObject({ ...live, optionId: AgentsId, value: z.union([AgentsId, z.boolean()]) }),
    output: Session,
  }),
  'sessions.cancel': command({
    capability: 'submit',
    risk: 'low',
    summary: 'End the turn that runs in a session.',
    input: z.strictObject(live),
    output: Session,
  }),
  'sessions.close': command({
    capability: 'submit',
    risk: 'low',
    summary: 'End the turn and close the session; it can be continued later.',
    input: z.strictObject(live),
    output: Session,
  }),
};

/** It was deleted: from now on it is only found among the deleted ones, until it is restored or gone for good. */
export const SessionRemoved = z.strictObject({ type: z.literal('session.removed'), sessionId: SessionId });
export const SessionChanged = z.strictObject({ type: z.literal('session.changed'), session: Session });
