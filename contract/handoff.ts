import * as z from 'zod';
import { AgentName } from './agents.ts';
import { command } from './command.ts';
import { ApprovalId, HandoffId, Instant, Sha256Hex, TaskId, WorkspaceId } from './ids.ts';
import { TaskMode } from './tasks.ts';
import { WorkspaceRef } from './workspaces.ts';

/** The context directory of a workspace: plans go in, what became of them comes out. */
export const HANDOFF_FOLDER = '.handoff';

const inFolder = <N extends string>(name: N) => `${HANDOFF_FOLDER}/${name}` as const;

/** The files of the context directory, relative to the workspace. */
export const HANDOFF_FILES = {
  plan: inFolder('current-plan.md'),
  status: inFolder('agent-status.md'),
  diff: inFolder('implementation-diff.patch'),
  review: inFolder('loop-review.md'),
  tests: inFolder('loop-tests.txt'),
  log: inFolder('execution-log.jsonl'),
  runState: inFolder('handoff-run-state.json'),
} as const;

/** The whole plan goes to the agent as the text of its task, so it may not be longer than one. */
export const MAX_PLAN_BYTES = 48 * 1024;
export const MAX_ITERATIONS = 25;

/** `run`: the plan once. `watch`: each new plan, after a question. `loop`: the plan, tests and a review, repeatedly. */
export const HandoffKind = z.enum(['run', 'watch', 'loop']);
export type HandoffKind = z.infer<typeof HandoffKind>;

/** `interrupted`: it was stopped, or its host ended; it never goes on by itself. */
export const HandoffState = z.enum(['running', 'completed', 'failed', 'timed_out', 'interrupted']);
export type HandoffState = z.infer<typeof HandoffState>;

export const StopReason = z.enum([
  'pass',
  'max_iters',
  'human_cancelled',
  'scaffolded_plan',
  'no_files_changed',
  'same_diff',
  'reviewer_error',
  'executor_failed',
  'tests_failed',
  'unknown_verdict',
  'no_followup_plan',
  'interrupted',
  'timed_out',
]);
export type StopReason = z.infer<typeof StopReason>;

export const ReviewVerdict = z.enum(['PASS', 'FAIL']);
export type ReviewVerdict = z.infer<typeof ReviewVerdict>;

const CommandText = z.string().trim().min(1).max(8192);
const Timeout = z.int().min(1000).max(86_400_000);

const executor = {
  workspace: WorkspaceRef,
  /** Without it: the one agent of this host, where there is only one. */
  agent: AgentName.optional(),
  mode: TaskMode.default('ask'),
  /** How long the agent may work on one plan; without it the limit of every task. */
  budgetMinutes: z.number().positive().max(1440).optional(),
};

export const HandoffRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), ...executor }),
  z.strictObject({
    kind: z.literal('watch'),
    ...executor,
    /** Ends after one plan; there must be one already. */
    once: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('loop'),
    ...executor,
    /** Program and arguments in one text, split as a shell splits words; no shell reads it. */
    reviewer: CommandText,
    tests: CommandText.optional(),
    maxIterations: z.int().min(1).max(MAX_ITERATIONS).default(3),
    /** A person is asked before each iteration after the first. */
    requireHumanConfirmation: z.boolean().default(false),
    requireCleanGitStart: z.boolean().default(false),
    /** A PASS stands although the agent or the tests failed. Never when the reviewer did. */
    allowReviewPassOnFailure: z.boolean().default(false),
    stopIfNoFilesChanged: z.boolean().default(false),
    stopIfSameDiff: z.boolean().default(false),
    reviewTimeoutMs: Timeout.default(600_000),
    testTimeoutMs: Timeout.default(600_000),
  }),
]);
export type HandoffRequest = z.infer<typeof HandoffRequest>;

const Argv = z.array(z.string().max(8192)).min(1).max(256);
const Iteration = z.int().nonnegative().max(1_000_000);

/** What became of one plan that was executed. */
export const HandoffIteration = z.strictObject({
  iteration: Iteration,
  planSha256: Sha256Hex,
  taskId: TaskId,
  /** How the agent ended. */
  executor: z.enum(['done', 'failed', 'timed_out', 'cancelled', 'interrupted']),
  /** Whether files outside the context directory are different now; `null`: not known. */
  changed: z.boolean().nullable(),
  /** Exit code of the tests; `null`: there were none, or a signal ended them. */
  testsExitCode: z.int().nullable(),
  testsPassed: z.boolean().nullable(),
  reviewExitCode: z.int().nullable(),
  verdict: ReviewVerdict.nullable(),
});
export type HandoffIteration = z.infer<typeof HandoffIteration>;

export const Handoff = z.strictObject({
  id: HandoffId,
  kind: HandoffKind,
  state: HandoffState,
  workspaceId: WorkspaceId,
  agent: AgentName,
  mode: TaskMode,
  startedBy: z.string(),
  startedAt: Instant,
  endedAt: Instant.nullable(),
  /** How many plans it has begun. */
  iteration: Iteration,
  maxIterations: z.int().positive().nullable(),
  tests: Argv.nullable(),
  reviewer: Argv.nullable(),
  /** The plan that it works on or worked on last. */
  planSha256: Sha256Hex.nullable(),
  taskId: TaskId.nullable(),
  /** The question that it waits for. */
  approvalId: ApprovalId.nullable(),
  verdict: ReviewVerdict.nullable(),
  stopReason: StopReason.nullable(),
  /** In words, why it ended as it did. */
  reason: z.string().max(1024),
  /** The newest ones. */
  iterations: z.array(HandoffIteration).max(MAX_ITERATIONS),
});
export type Handoff = z.infer<typeof Handoff>;

export const HandoffEventName = z.enum([
  'handoff_started',
  'plan_found',
  'plan_skipped',
  'plan_asked',
  'plan_refused',
  'iteration_started',
  'task_waits',
  'iteration_executed',
  'tests_finished',
  'review_finished',
  'confirmation_asked',
  'iteration_finished',
  'handoff_finished',
]);
export type HandoffEventName = z.infer<typeof HandoffEventName>;

/** One step of a handoff, for whoever follows it; the execution log has the same. */
export const HandoffEvent = z.strictObject({
  seq: z.int().positive(),
  at: Instant,
  event: HandoffEventName,
  iteration: Iteration,
  /** One line in the host's words. */
  text: z.string().max(1024),
  approvalId: ApprovalId.nullable(),
  taskId: TaskId.nullable(),
});
export type HandoffEvent = z.infer<typeof HandoffEvent>;

/** What would be run; nothing has been. */
export const HandoffPreview = z.strictObject({
  kind: HandoffKind,
  agent: AgentName,
  /** How the agent would be started. */
  argv: z.array(z.string()).min(1),
  workspaceId: WorkspaceId,
  /** Absolute. */
  workspacePath: z.string(),
  mode: TaskMode,
  planSha256: Sha256Hex.nullable(),
  /** The heading of the plan, else its first line. */
  title: z.string().max(256),
  planBytes: z.int().nonnegative(),
  /** Why the plan would not be run; empty when it would. */
  problem: z.string().max(1024),
  tests: Argv.nullable(),
  reviewer: Argv.nullable(),
  maxIterations: z.int().positive().nullable(),
  /** What would be read, and what would be written. */
  reads: z.array(z.string()),
  writes: z.array(z.string()),
});
export type HandoffPreview = z.infer<typeof HandoffPreview>;

export const handoffCommands = {
  'handoff.preview': command({
    capability: 'own',
    risk: 'none',
    summary: 'What a handoff would run, with every check that is made before one starts. Nothing is run.',
    input: z.strictObject({ request: HandoffRequest }),
    output: HandoffPreview,
  }),
  'handoff.start': command({
    capability: 'own',
    risk: 'high',
    summary:
      'Hand the plan of the context directory to an agent: once, whenever there is a new one, or in a loop with tests and a review.',
    input: z.strictObject({ request: HandoffRequest }),
    output: Handoff,
  }),
  'handoff.stop': command({
    capability: 'manage',
    risk: 'low',
    summary: 'Stop a handoff and the task that it runs.',
    input: z.strictObject({ handoffId: HandoffId }),
    output: Handoff,
  }),
  'handoff.list': command({
    capability: 'view',
    risk: 'none',
    summary: 'Handoffs, newest first.',
    input: z.strictObject({ limit: z.int().min(1).max(200).default(50) }),
    output: z.strictObject({ handoffs: z.array(Handoff) }),
  }),
  'handoff.show': command({
    capability: 'view',
    risk: 'none',
    summary:
      'One handoff and its newest steps; waits for the next step when asked to. A watch or a loop ends when whoever started it does not ask for 30 seconds.',
    input: z.strictObject({
      handoffId: HandoffId,
      afterSeq: z.int().nonnegative().default(0),
      /** How long to wait for a step after `afterSeq`. */
      waitMs: z.int().min(0).max(10_000).default(0),
    }),
    output: z.strictObject({ handoff: Handoff, events: z.array(HandoffEvent) }),
  }),
};
