import { HostError } from '../../../contract/errors.ts';
import type { HandoffRequest, StopReason } from '../../../contract/handoff.ts';
import { askPerson, type AskPersonDeps } from './ask-person.ts';
import { executePlan, type ExecuteDeps, type Leave } from './execute-plan.ts';
import type { Ending, LiveHandoff } from './live-handoff.ts';
import { nextStep, type IterationFacts, type LoopRules } from './loop-machine.ts';
import type { PinnedFiles } from './pinned-files.ts';
import { readPlan, type Plan } from './plan.ts';
import { runReview, runTests, type CheckDeps } from './run-check.ts';

export interface LoopDeps extends ExecuteDeps, CheckDeps, AskPersonDeps {
  completed(live: LiveHandoff, planSha256: string): void;
}

export type LoopRequest = Extract<HandoffRequest, { kind: 'loop' }>;

export interface LoopCommands {
  readonly tests: readonly string[] | null;
  readonly reviewer: { readonly words: readonly string[]; readonly files: PinnedFiles };
}

/** Everything that changes while a loop goes round. */
interface Round {
  plan: Plan;
  /** The plan of the iteration before. */
  before: Plan | null;
  facts: IterationFacts;
  /** How the folder stood when the iteration before had ended. */
  fingerprint: string | null;
  /** Lets this iteration start, where a person was asked. */
  leave: Leave | null;
  /** What went wrong, in words. */
  reason: string;
}

/** Plan, tests, review, and again with the plan that the reviewer has left, until `nextStep` says stop. */
export async function runLoop(
  deps: LoopDeps,
  live: LiveHandoff,
  request: LoopRequest,
  commands: LoopCommands,
): Promise<Ending> {
  const rules: LoopRules = {
    maxIterations: request.maxIterations,
    confirm: request.requireHumanConfirmation,
    tests: commands.tests !== null,
    allowPassOnFailure: request.allowReviewPassOnFailure,
    stopIfNoFilesChanged: request.stopIfNoFilesChanged,
    stopIfSameDiff: request.stopIfSameDiff,
  };
  const plan = await readPlan(live.folder.root);
  const first = freshFacts(1, plan);
  const round: Round = { plan, before: null, facts: first, fingerprint: null, leave: null, reason: '' };
  for (;;) {
    round.facts = { ...round.facts, interrupted: live.signal.aborted };
    const step = nextStep(round.facts, rules);
    switch (step.do) {
      case 'confirm':
        await confirm(deps, live, round, rules);
        break;
      case 'execute':
        await execute(deps, live, round, request.budgetMinutes);
        break;
      case 'test': {
        const { passed, exitCode } = await runTests(deps, live, commands.tests ?? [], request.testTimeoutMs);
        round.facts = { ...round.facts, testsPassed: passed };
        changeLast(live, { testsPassed: passed, testsExitCode: exitCode });
        break;
      }
      case 'review':
        await review(deps, live, round, commands.reviewer, request.reviewTimeoutMs);
        break;
      case 'iterate':
        live.tell('iteration_finished', 'the reviewer has left another plan');
        round.before = round.plan;
        round.plan = await readPlan(live.folder.root);
        round.facts = freshFacts(round.facts.iteration + 1, round.plan);
        round.leave = null;
        break;
      case 'stop':
        return endingOf(deps, live, round, step.reason);
    }
  }
}

const freshFacts = (iteration: number, plan: Plan): IterationFacts => ({
  ...{ iteration, interrupted: false, planUsable: plan.usable, confirmed: null },
  ...{ executor: null, changed: null, sameAsBefore: false, testsPassed: null, review: null },
});

async function confirm(deps: LoopDeps, live: LiveHandoff, round: Round, rules: LoopRules): Promise<void> {
  const { plan, before, facts } = round;
  const title = `Go on with iteration ${facts.iteration} of ${rules.maxIterations}: ${plan.title}`.slice(
    0,
    256,
  );
  const signal = new AbortController().signal;
  const question = { plan, before, title, event: 'confirmation_asked', signal } as const;
  const { answer, factsNow } = await askPerson(deps, live, question);
  if (answer.effect === 'deny') round.reason = answer.reason;
  else round.leave = (submit) => answer.execute(factsNow, submit);
  round.facts = { ...facts, confirmed: answer.effect === 'allow' };
}

async function execute(
  deps: LoopDeps,
  live: LiveHandoff,
  round: Round,
  minutes: number | undefined,
): Promise<void> {
  try {
    const options = { minutes, ...(round.leave && { leave: round.leave }) };
    const { taskId, executor, reason, changed, fingerprint } = await executePlan(
      deps,
      live,
      round.plan,
      options,
    );
    const sameAsBefore = fingerprint !== null && fingerprint === round.fingerprint;
    round.facts = { ...round.facts, executor, changed, sameAsBefore };
    round.fingerprint = fingerprint;
    round.reason = reason;
    live.addIteration({
      ...{ iteration: live.now.iteration, planSha256: round.plan.sha256, taskId, executor, changed },
      ...{ testsExitCode: null, testsPassed: null, reviewExitCode: null, verdict: null },
    });
    if (executor === 'done') deps.completed(live, round.plan.sha256);
  } catch (error) {
    if (!(error instanceof HostError && error.code === 'stale') || round.leave === null) throw error;
    // The plan is another one than the person said yes to: it is shown to them again.
    round.plan = await readPlan(live.folder.root);
    round.leave = null;
    round.facts = { ...round.facts, planUsable: round.plan.usable, confirmed: null };
  }
}

async function review(
  deps: LoopDeps,
  live: LiveHandoff,
  round: Round,
  reviewer: LoopCommands['reviewer'],
  timeoutMs: number,
): Promise<void> {
  const { root } = live.folder;
  // The agent or the tests may have written it: only what the reviewer itself changes is its answer.
  const before = await readPlan(root).catch(() => null);
  const { ended, exitCode, verdict, outcome } = await runReview(deps, live, reviewer, timeoutMs);
  const after = await readPlan(root).catch(() => null);
  const isSame = after !== null && (after.sha256 === before?.sha256 || after.sha256 === round.plan.sha256);
  const plan = isSame ? 'same' : after?.usable === true ? 'usable' : 'unusable';
  round.facts = { ...round.facts, review: { ended, exitCode, verdict, plan } };
  if (!ended) round.reason = outcome;
  const said = verdict === 'PASS' || verdict === 'FAIL' ? verdict : null;
  live.change({ verdict: said });
  changeLast(live, { reviewExitCode: exitCode, verdict: said });
}

/** What is known later of the iteration that runs. */
function changeLast(live: LiveHandoff, part: Partial<LiveHandoff['now']['iterations'][number]>): void {
  const last = live.now.iterations.at(-1);
  if (last) live.change({ iterations: [...live.now.iterations.slice(0, -1), { ...last, ...part }] });
}

const IN_WORDS: Readonly<Record<StopReason, string>> = {
  pass: 'the reviewer passed it',
  max_iters: 'the reviewer did not pass it within the iterations that were allowed',
  human_cancelled: 'a person said no, or nobody answered',
  scaffolded_plan: 'the plan is a form that nobody has filled in',
  no_files_changed: 'the agent changed no file',
  same_diff: 'the files are what they were after the iteration before',
  reviewer_error: 'the reviewer failed',
  executor_failed: 'the reviewer passed it, but the agent had failed',
  tests_failed: 'the reviewer passed it, but the tests had failed',
  unknown_verdict: 'the reviewer gave no verdict that counts',
  no_followup_plan: 'the reviewer did not pass it and left no other plan',
  interrupted: 'it was stopped',
  timed_out: 'the agent took too long',
};

function endingOf(deps: LoopDeps, live: LiveHandoff, round: Round, stopReason: StopReason): Ending {
  if (stopReason === 'pass') deps.completed(live, round.plan.sha256);
  const state =
    stopReason === 'pass'
      ? 'completed'
      : stopReason === 'timed_out' || stopReason === 'interrupted'
        ? stopReason
        : 'failed';
  const more = round.reason === '' || stopReason === 'pass' ? '' : `: ${round.reason}`;
  return { state, stopReason, reason: `${IN_WORDS[stopReason]}${more}` };
}
