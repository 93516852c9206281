import type { StopReason } from '../../../contract/handoff.ts';
import type { SaidVerdict } from './verdict.ts';

export type ExecutorEnd = 'done' | 'failed' | 'timed_out' | 'cancelled' | 'interrupted';

/** What the owner has asked for. */
export interface LoopRules {
  readonly maxIterations: number;
  readonly confirm: boolean;
  readonly tests: boolean;
  readonly allowPassOnFailure: boolean;
  readonly stopIfNoFilesChanged: boolean;
  readonly stopIfSameDiff: boolean;
}

/** What is known of one iteration so far; null is what has not happened yet. */
export interface IterationFacts {
  /** The first is 1. */
  readonly iteration: number;
  /** The owner stopped the loop, or whoever started it left, or the host ends. */
  readonly interrupted: boolean;
  readonly planUsable: boolean;
  /** What a person said to this iteration. */
  readonly confirmed: boolean | null;
  readonly executor: ExecutorEnd | null;
  /** Files are different from before the agent worked; null where that is not known. */
  readonly changed: boolean | null;
  /** Files are what they were at the end of the iteration before. */
  readonly sameAsBefore: boolean;
  readonly testsPassed: boolean | null;
  readonly review: {
    /** It ran and ended by itself. */
    readonly ended: boolean;
    readonly exitCode: number | null;
    readonly verdict: SaidVerdict;
    /** The plan after the review, compared with the one right before it. */
    readonly plan: 'same' | 'usable' | 'unusable';
  } | null;
}

export type LoopStep =
  | { readonly do: 'confirm' | 'execute' | 'test' | 'review' | 'iterate' }
  | { readonly do: 'stop'; readonly reason: StopReason };

const stop = (reason: StopReason): LoopStep => ({ do: 'stop', reason });

/** What a loop does next. Every rule of it is here and nowhere else. Pure. */
export function nextStep(facts: IterationFacts, rules: LoopRules): LoopStep {
  if (facts.interrupted) return stop('interrupted');
  if (facts.executor === null) return beforeExecution(facts, rules);
  const ended = executorStop(facts, rules);
  if (ended !== null) return ended;
  if (rules.tests && facts.testsPassed === null) return { do: 'test' };
  return facts.review === null ? { do: 'review' } : afterReview(facts, facts.review, rules);
}

function beforeExecution({ planUsable, iteration, confirmed }: IterationFacts, rules: LoopRules): LoopStep {
  if (!planUsable) return stop('scaffolded_plan');
  if (confirmed === false) return stop('human_cancelled');
  if (iteration > 1 && rules.confirm && confirmed === null) return { do: 'confirm' };
  return { do: 'execute' };
}

/** An agent that only failed is still reviewed: the next plan may be what mends it. */
function executorStop(facts: IterationFacts, rules: LoopRules): LoopStep | null {
  if (facts.executor === 'interrupted') return stop('interrupted');
  if (facts.executor === 'cancelled') return stop('human_cancelled');
  if (facts.executor === 'timed_out') return stop('timed_out');
  // Once the tests or the reviewer have run, this was judged.
  if (facts.testsPassed !== null || facts.review !== null) return null;
  if (rules.stopIfNoFilesChanged && facts.changed === false) return stop('no_files_changed');
  if (rules.stopIfSameDiff && facts.iteration > 1 && facts.sameAsBefore) return stop('same_diff');
  return null;
}

function afterReview(
  facts: IterationFacts,
  review: NonNullable<IterationFacts['review']>,
  rules: LoopRules,
): LoopStep {
  if (!review.ended) return stop('reviewer_error');
  if (review.verdict === 'several') return stop('unknown_verdict');
  if (review.verdict === 'none') return stop(review.exitCode === 0 ? 'unknown_verdict' : 'reviewer_error');
  if (review.verdict === 'PASS') return stop(rejectionOf(facts, review.exitCode, rules) ?? 'pass');
  if (review.plan !== 'usable') return stop('no_followup_plan');
  return facts.iteration >= rules.maxIterations ? stop('max_iters') : { do: 'iterate' };
}

/** Why a PASS does not stand. That of a reviewer that failed never does. */
function rejectionOf(facts: IterationFacts, exitCode: number | null, rules: LoopRules): StopReason | null {
  if (exitCode !== 0) return 'reviewer_error';
  if (rules.allowPassOnFailure) return null;
  if (facts.executor === 'failed') return 'executor_failed';
  return facts.testsPassed === false ? 'tests_failed' : null;
}
