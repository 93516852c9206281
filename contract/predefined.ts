import * as z from 'zod';
import { command, Nothing } from './command.ts';
import { ErrorCode } from './errors.ts';
import { ActionRunId, ApprovalId, Instant, WorkspaceId } from './ids.ts';

/** A name that the owner chose in the configuration file. */
export const PredefinedName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'a name is 1 to 64 letters, digits, "_" or "-"');

/** A command that the owner has written into the configuration file, so that others can run it by its name. */
export const PredefinedAction = z.strictObject({
  name: PredefinedName,
  argv: z.array(z.string().max(4096)).min(1).max(256),
  workspaceId: WorkspaceId,
  /** Relative to the workspace. */
  cwd: z.string().max(4096),
  timeoutMs: z.int(),
  /** Only a low one runs without an approval. */
  risk: z.enum(['low', 'medium', 'high']),
});
export type PredefinedAction = z.infer<typeof PredefinedAction>;

const actionRun = {
  id: ActionRunId,
  name: PredefinedName,
  startedBy: z.string(),
  requestedAt: Instant,
};
const actionStarted = {
  ...actionRun,
  /** Which approval let it run; `null`: its risk is low. */
  approvalId: ApprovalId.nullable(),
  startedAt: Instant,
};

/**
 * One run of a predefined command. `waiting`: for an approval. `refused`: it was not allowed, or could not be started,
 * and never ran.
 */
export const ActionRun = z.discriminatedUnion('state', [
  z.strictObject({ ...actionRun, state: z.literal('waiting') }),
  z.strictObject({ ...actionStarted, state: z.literal('running') }),
  z.strictObject({
    ...actionStarted,
    state: z.literal('ended'),
    endedAt: Instant,
    exitCode: z.int().nullable(),
    signal: z.string().nullable(),
    timedOut: z.boolean(),
    /** Somebody stopped it, or whoever started it left, or the host did. */
    stopped: z.boolean(),
    durationMs: z.number().nonnegative(),
  }),
  z.strictObject({
    ...actionRun,
    state: z.literal('refused'),
    endedAt: Instant,
    code: ErrorCode,
    reason: z.string().max(1024),
  }),
]);
export type ActionRun = z.infer<typeof ActionRun>;

export const LogSource = z.strictObject({
  name: PredefinedName,
  /** `null`: a file outside of every workspace that the owner has named. */
  workspaceId: WorkspaceId.nullable(),
  path: z.string().max(4096),
});
export type LogSource = z.infer<typeof LogSource>;

const Count = z.int().nonnegative();

/** What could not be offered, and why: its workspace is unknown, its folder is outside. */
const Unusable = z.strictObject({ name: z.string().max(64), reason: z.string().max(512) });

/** Commands and logs that the owner has written into the configuration file, so that others can use them by name. */
export const predefinedCommands = {
  'tasks.actions': command({
    capability: 'view',
    risk: 'none',
    summary: 'Commands and log sources that the configuration file defines.',
    input: Nothing,
    output: z.strictObject({
      actions: z.array(PredefinedAction),
      logSources: z.array(LogSource),
      unusable: z.array(Unusable),
    }),
  }),
  'tasks.runAction': command({
    capability: 'submit',
    risk: 'medium',
    summary: 'Run a predefined command. One of medium or high risk waits for an approval first.',
    input: z.strictObject({ name: PredefinedName }),
    output: z.strictObject({
      name: PredefinedName,
      /** Which approval let it run; `null`: its risk is low. */
      approvalId: ApprovalId.nullable(),
      exitCode: z.int().nullable(),
      signal: z.string().nullable(),
      timedOut: z.boolean(),
      /** Standard output and error in the order they came, redacted: the beginning and the end where it was long. */
      output: z.string(),
      droppedBytes: Count,
      durationMs: z.number().nonnegative(),
    }),
  }),
  'tasks.startAction': command({
    capability: 'submit',
    risk: 'medium',
    summary: 'Start a predefined command and answer at once; its output is read while it comes.',
    input: z.strictObject({
      name: PredefinedName,
      /** `stop`: it ends when nobody has read its output for 30 s, so that it does not outlive who wanted it. */
      whenUnread: z.enum(['continue', 'stop']).default('continue'),
    }),
    output: ActionRun,
  }),
  'tasks.actionRuns': command({
    capability: 'view',
    risk: 'none',
    summary: 'Runs of predefined commands, newest first: all that go on and the last that ended.',
    input: Nothing,
    output: z.strictObject({ runs: z.array(ActionRun).max(64) }),
  }),
  'tasks.readActionOutput': command({
    capability: 'view',
    risk: 'none',
    summary: 'Read what a predefined command prints, redacted, while it comes; waits for more when asked to.',
    input: z.strictObject({
      runId: ActionRunId,
      /** `nextOffset` of the answer before; 0 is the beginning. */
      offset: z.int().nonnegative().default(0),
      maxBytes: z.int().min(1024).max(262_144).default(65_536),
      /** Waits, so long at most, until there is more from `offset` on or the state is not `state` any more. */
      wait: z
        .strictObject({
          state: z.enum(['waiting', 'running', 'ended', 'refused']),
          ms: z.int().min(1).max(25_000),
        })
        .optional(),
    }),
    output: z.strictObject({
      run: ActionRun,
      /** Standard output and error in the order they came: whole characters. */
      text: z.string(),
      /** Of the first byte of `text`. More than was asked for: what is in between was not kept. */
      offset: Count,
      nextOffset: Count,
      /** Offset of the end so far: there is more while it is not `nextOffset`. */
      end: Count,
    }),
  }),
  'tasks.stopAction': command({
    capability: 'submit',
    risk: 'low',
    summary: 'Stop a run of a predefined command with all that it started; one that waits is withdrawn.',
    input: z.strictObject({ runId: ActionRunId }),
    output: ActionRun,
  }),
  'tasks.readLogSource': command({
    capability: 'view',
    risk: 'none',
    summary: 'The last lines of a predefined log, redacted.',
    input: z.strictObject({ name: PredefinedName, tail: z.int().min(1).max(2000).default(200) }),
    output: z.strictObject({
      name: PredefinedName,
      text: z.string(),
      /** There is more before these lines. */
      truncated: z.boolean(),
    }),
  }),
};
