import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import type { Command } from 'commander';
import type { InputOf } from '../../../contract/commands.ts';
import type { Handoff, HandoffPreview } from '../../../contract/handoff.ts';
import type { TaskMode } from '../../../contract/tasks.ts';
import { workspaceRef, type Cli, type Verbs } from '../cli.ts';
import { parseDuration, parseWhole } from '../duration.ts';
import { Exit } from '../exit-code.ts';
import { usage } from '../failure.ts';
import { facts, table } from '../plain-text.ts';

type Request = InputOf<'handoff.start'>['request'];

interface ExecutorOptions {
  agent?: string;
  workspace?: string;
  mode?: TaskMode;
  budgetMinutes?: string;
  dryRun?: boolean;
}

interface LoopOptions extends ExecutorOptions {
  reviewer: string;
  tests?: string;
  maxIters?: string;
  requireHumanConfirmation?: boolean;
  requireCleanGitStart?: boolean;
  allowReviewPassOnFailure?: boolean;
  stopIfNoFilesChanged?: boolean;
  stopIfSameDiff?: boolean;
  reviewTimeout?: string;
  testTimeout?: string;
}

/** Plans from the context directory, handed to agents. */
export function addHandoffVerbs(program: Command, verbs: Verbs): void {
  const handoff = verbs.group(program, 'handoff', 'hand the plan of a workspace to an agent, and review it');
  addStarting(handoff, verbs);
  addLoop(handoff, verbs);
  addWatching(handoff, verbs);
}

function addStarting(handoff: Command, { verb }: Verbs): void {
  verb<ExecutorOptions>(
    handoff,
    'run',
    'hand the plan in .handoff/current-plan.md to an agent, once',
    async (cli, _args, options) =>
      startAndFollow(cli, { kind: 'run', ...(await executorOf(cli, options)) }, options),
    withExecutor,
  );
  verb<ExecutorOptions & { once?: boolean }>(
    handoff,
    'watch',
    'follow the plan: each new one is a question first, and runs when you say yes',
    async (cli, _args, options) => {
      const once = options.once === true;
      return startAndFollow(cli, { kind: 'watch', once, ...(await executorOf(cli, options)) }, options);
    },
    (command) => withExecutor(command).option('--once', 'run the plan that is there, once, and end'),
  );
}

function addLoop(handoff: Command, { verb }: Verbs): void {
  verb<LoopOptions>(
    handoff,
    'loop',
    'agent, tests, reviewer, and again with the plan that the reviewer has left, until it says PASS',
    async (cli, _args, options) => startAndFollow(cli, await loopRequest(cli, options), options),
    (command) =>
      withExecutor(command)
        .requiredOption('--reviewer <command>', 'a program with arguments that prints the verdict')
        .option('--tests <command>', 'a program with arguments that is run before each review')
        .option('--max-iters <count>', 'how often at most, 1 to 25 (default: 3)')
        .option('--require-human-confirmation', 'ask before each iteration after the first')
        .option('--require-clean-git-start', 'refuse to start when files are not committed')
        .option('--allow-review-pass-on-failure', 'a PASS counts although the agent or the tests failed')
        .option('--stop-if-no-files-changed', 'end when the agent has changed no file')
        .option('--stop-if-same-diff', 'end when the files are what they were an iteration ago')
        .option('--review-timeout <duration>', 'how long the reviewer may take (default: 600s)')
        .option('--test-timeout <duration>', 'how long the tests may take (default: 600s)'),
  );
}

function addWatching(handoff: Command, { verb }: Verbs): void {
  verb(handoff, 'list', 'handoffs, newest first', async (cli) => {
    const answer = await cli.call('handoff.list', {});
    const rows = answer.handoffs.map((one) => [
      ...[one.id, one.kind, one.state, one.agent, String(one.iteration), one.startedAt],
      one.stopReason ?? '',
    ]);
    const head = ['ID', 'KIND', 'STATE', 'AGENT', 'PLANS', 'STARTED', 'WHY'];
    cli.answer(answer, rows.length === 0 ? 'no handoff yet' : table(head, rows));
  });
  verb(handoff, 'show <id>', 'one handoff and its newest steps', async (cli, [id = '']) => {
    const { handoff: one, events } = await cli.call('handoff.show', { handoffId: id });
    const steps = events.map(({ at, event, text }) => `${at}  ${event}  ${text}`);
    cli.answer({ ...one, events }, [handoffText(one), ...steps].join('\n'));
  });
  verb(handoff, 'stop <id>', 'stop a handoff and the task that it runs', async (cli, [id = '']) => {
    const one = await cli.call('handoff.stop', { handoffId: id });
    cli.answer(one, `${one.id} is ${one.state}`);
  });
}

function withExecutor(command: Command): Command {
  return command
    .option('--agent <name>', 'which agent: signalbox agents list')
    .option('--workspace <workspace>', 'where: path, name or id (default: the one this folder is in)')
    .addOption(
      command
        .createOption('--mode <mode>', 'what the agent may do without being asked')
        .choices(['read', 'ask', 'auto']),
    )
    .option('--budget-minutes <minutes>', 'how long the agent may work on one plan')
    .option('--dry-run', 'say what would be run, and run nothing');
}

async function startAndFollow(cli: Cli, request: Request, { dryRun }: ExecutorOptions): Promise<number> {
  if (dryRun === true) {
    const preview = await cli.call('handoff.preview', { request });
    cli.answer(preview, previewText(preview));
    return preview.problem === '' ? Exit.done : Exit.failed;
  }
  const { followHandoff } = await import('./handoff-follow.ts');
  const started = await cli.call('handoff.start', { request });
  cli.note(`${started.id}: ${started.kind} with ${started.agent}; Ctrl+C stops it`);
  const ended = await followHandoff(cli, started);
  cli.answer(ended, handoffText(ended));
  return exitCodeOf(ended);
}

/** A watch has no end of its own, so that it was stopped is none that failed. */
function exitCodeOf({ kind, state }: Handoff): number {
  if (state === 'completed' || (kind === 'watch' && state === 'interrupted')) return Exit.done;
  return kind !== 'loop' && state === 'timed_out' ? Exit.timedOut : Exit.failed;
}

async function executorOf(cli: Cli, options: ExecutorOptions) {
  const { agent, mode, budgetMinutes } = options;
  const minutes = budgetMinutes === undefined ? undefined : Number(budgetMinutes);
  if (minutes !== undefined && !(minutes > 0 && minutes <= 1440))
    throw usage('--budget-minutes must be a number of minutes above 0, 1440 at most');
  return {
    workspace:
      options.workspace === undefined ? await workspaceOfFolder(cli) : workspaceRef(options.workspace),
    ...(agent !== undefined && { agent }),
    ...(mode && { mode }),
    ...(minutes !== undefined && { budgetMinutes: minutes }),
  };
}

async function loopRequest(cli: Cli, options: LoopOptions): Promise<Request> {
  const { reviewer, tests, maxIters, reviewTimeout, testTimeout } = options;
  return {
    kind: 'loop',
    ...(await executorOf(cli, options)),
    reviewer,
    ...(tests !== undefined && { tests }),
    ...(maxIters !== undefined && { maxIterations: parseWhole('--max-iters', maxIters, 1, 25) }),
    requireHumanConfirmation: options.requireHumanConfirmation === true,
    requireCleanGitStart: options.requireCleanGitStart === true,
    allowReviewPassOnFailure: options.allowReviewPassOnFailure === true,
    stopIfNoFilesChanged: options.stopIfNoFilesChanged === true,
    stopIfSameDiff: options.stopIfSameDiff === true,
    ...(reviewTimeout !== undefined && { reviewTimeoutMs: parseDuration(reviewTimeout) }),
    ...(testTimeout !== undefined && { testTimeoutMs: parseDuration(testTimeout) }),
  };
}

/** The workspace that this folder is, or is in; the innermost one where they are nested. */
async function workspaceOfFolder(cli: Cli): Promise<string> {
  const here = realpathSync('.');
  const { workspaces } = await cli.call('workspaces.list', {});
  const [found] = workspaces
    .filter(({ path }) => here === path || here.startsWith(`${path}${sep}`))
    .sort((a, b) => b.path.length - a.path.length);
  if (!found)
    throw usage(`${here} is in no workspace; name one with --workspace, or: signalbox workspace add .`);
  return found.id;
}

function handoffText(one: Handoff): string {
  return facts([
    ['handoff', `${one.id} (${one.kind})`],
    ['state', one.stopReason === null ? one.state : `${one.state} (${one.stopReason})`],
    ...(one.reason === '' ? [] : [['why', one.reason] as const]),
    ['agent', `${one.agent}, mode ${one.mode}`],
    ['plans', `${one.iteration}${one.maxIterations === null ? '' : ` of ${one.maxIterations}`}`],
    ...(one.verdict === null ? [] : [['verdict', one.verdict] as const]),
    ...(one.taskId === null ? [] : [['task', one.taskId] as const]),
    ...(one.approvalId === null ? [] : [['waits for', one.approvalId] as const]),
  ]);
}

function previewText(one: HandoffPreview): string {
  return facts([
    ['would run', `${one.kind} with ${one.agent}, mode ${one.mode}`],
    ['agent', one.argv.join(' ')],
    ['workspace', one.workspacePath],
    ['plan', one.planSha256 === null ? 'none' : `${one.title} (${one.planBytes} bytes)`],
    ...(one.planSha256 === null ? [] : [['sha256', one.planSha256] as const]),
    ...(one.tests === null ? [] : [['tests', one.tests.join(' ')] as const]),
    ...(one.reviewer === null ? [] : [['reviewer', one.reviewer.join(' ')] as const]),
    ...(one.maxIterations === null ? [] : [['iterations', `at most ${one.maxIterations}`] as const]),
    ['reads', one.reads.join(', ')],
    ['writes', one.writes.join(', ')],
    ...(one.problem === '' ? [] : [['but', one.problem] as const]),
  ]);
}
