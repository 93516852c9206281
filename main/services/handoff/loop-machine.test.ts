import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StopReason } from '../../../contract/handoff.ts';
import {
  nextStep,
  type ExecutorEnd,
  type IterationFacts,
  type LoopRules,
  type LoopStep,
} from './loop-machine.ts';
import type { SaidVerdict } from './verdict.ts';

const RULES: LoopRules = {
  ...{ maxIterations: 3, confirm: false, tests: true, allowPassOnFailure: false },
  ...{ stopIfNoFilesChanged: false, stopIfSameDiff: false },
};
const passed = { ended: true, exitCode: 0, verdict: 'PASS', plan: 'same' } as const;
const failed = { ended: true, exitCode: 0, verdict: 'FAIL', plan: 'usable' } as const;
const FACTS: IterationFacts = {
  ...{ iteration: 1, interrupted: false, planUsable: true, confirmed: null, executor: 'done', changed: true },
  ...{ sameAsBefore: false, testsPassed: true, review: passed },
};

type Row = [name: string, expected: string, facts: Partial<IterationFacts>, rules?: Partial<LoopRules>];

const ROWS: Row[] = [
  ['everything is well and the reviewer says PASS', 'pass', {}],
  ['the reviewer refuses the last iteration', 'max_iters', { iteration: 3, review: failed }],
  [
    'a person says no to the next iteration',
    'human_cancelled',
    { iteration: 2, confirmed: false, executor: null, review: null },
    { confirm: true },
  ],
  [
    'somebody cancels the task',
    'human_cancelled',
    { executor: 'cancelled', testsPassed: null, review: null },
  ],
  [
    'the plan is the empty form',
    'scaffolded_plan',
    { planUsable: false, executor: null, testsPassed: null, review: null },
  ],
  [
    'nothing was changed',
    'no_files_changed',
    { changed: false, testsPassed: null, review: null },
    { stopIfNoFilesChanged: true },
  ],
  [
    'the same as an iteration ago',
    'same_diff',
    { iteration: 2, sameAsBefore: true, testsPassed: null, review: null },
    { stopIfSameDiff: true },
  ],
  [
    'the reviewer could not be run',
    'reviewer_error',
    { review: { ended: false, exitCode: null, verdict: 'none', plan: 'same' } },
  ],
  [
    'a reviewer that was ended has no say',
    'reviewer_error',
    { review: { ...passed, ended: false, exitCode: null } },
  ],
  ['a reviewer that failed cannot pass', 'reviewer_error', { review: { ...passed, exitCode: 1 } }],
  [
    'a reviewer that failed cannot pass whatever is allowed',
    'reviewer_error',
    { review: { ...passed, exitCode: 1 } },
    { allowPassOnFailure: true },
  ],
  [
    'a reviewer that failed without a verdict',
    'reviewer_error',
    { review: { ...passed, exitCode: 2, verdict: 'none' } },
  ],
  ['the agent failed and the reviewer passes it', 'executor_failed', { executor: 'failed' }],
  ['the tests failed and the reviewer passes it', 'tests_failed', { testsPassed: false }],
  ['no verdict', 'unknown_verdict', { review: { ...passed, verdict: 'none' } }],
  ['two verdicts', 'unknown_verdict', { review: { ...passed, verdict: 'several' } }],
  ['no other plan', 'no_followup_plan', { review: { ...failed, plan: 'same' } }],
  ['a plan that is no plan', 'no_followup_plan', { iteration: 3, review: { ...failed, plan: 'unusable' } }],
  ['it was stopped, whatever else is known', 'interrupted', { interrupted: true }],
  ['its task was interrupted', 'interrupted', { executor: 'interrupted', testsPassed: null, review: null }],
  ['the agent took too long', 'timed_out', { executor: 'timed_out', testsPassed: null, review: null }],
];

test.each(ROWS)('%s: %s', (_name, reason, facts, rules = {}) => {
  expect(nextStep({ ...FACTS, ...facts }, { ...RULES, ...rules })).toEqual({ do: 'stop', reason });
});

test('every reason to stop has its row', () => {
  expect([...new Set(ROWS.map(([, reason]) => reason))].sort()).toEqual([...StopReason.options].sort());
});

test.each([
  ['execute', { executor: null, testsPassed: null, review: null }, {}],
  ['execute', { executor: null, testsPassed: null, review: null, iteration: 1 }, { confirm: true }],
  ['confirm', { executor: null, testsPassed: null, review: null, iteration: 2 }, { confirm: true }],
  [
    'execute',
    { executor: null, testsPassed: null, review: null, iteration: 2, confirmed: true },
    { confirm: true },
  ],
  ['test', { testsPassed: null, review: null }, {}],
  ['test', { testsPassed: null, review: null, executor: 'failed' }, {}],
  ['test', { testsPassed: null, review: null, changed: null }, { stopIfNoFilesChanged: true }],
  ['review', { testsPassed: null, review: null }, { tests: false }],
  ['review', { testsPassed: false, review: null }, {}],
  ['iterate', { review: failed }, {}],
  ['iterate', { review: { ...failed, exitCode: 1 } }, {}],
] as [string, Partial<IterationFacts>, Partial<LoopRules>][])(
  'the next step is to %s (%j, %j)',
  (step, facts, rules) => {
    expect(nextStep({ ...FACTS, ...facts }, { ...RULES, ...rules })).toEqual({ do: step });
  },
);

test('a PASS over a failure stands only where the owner has allowed it', () => {
  for (const facts of [{ executor: 'failed' }, { testsPassed: false }] as const)
    expect(nextStep({ ...FACTS, ...facts }, { ...RULES, allowPassOnFailure: true })).toEqual({
      do: 'stop',
      reason: 'pass',
    });
});

const rules = fc.record<LoopRules>({
  maxIterations: fc.integer({ min: 1, max: 25 }),
  confirm: fc.boolean(),
  tests: fc.boolean(),
  allowPassOnFailure: fc.boolean(),
  stopIfNoFilesChanged: fc.boolean(),
  stopIfSameDiff: fc.boolean(),
});
/** Mostly what goes well, now and then one of the others. */
const mostly = <T>(well: T, ...others: T[]) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(well) }, { weight: 2, arbitrary: fc.constantFrom(...others) });
/** What the world does in one iteration. */
const world = fc.record({
  stopAfter: mostly<number | null>(null, 0, 1, 2, 3, 4),
  planUsable: mostly(true, false),
  confirmed: mostly(true, false),
  executor: mostly<ExecutorEnd>('done', 'failed', 'failed', 'timed_out', 'cancelled', 'interrupted'),
  changed: mostly<boolean | null>(true, false, null),
  sameAsBefore: mostly(false, true),
  testsPassed: mostly(true, false),
  review: fc.record({
    ended: mostly(true, false),
    exitCode: mostly<number | null>(0, 1, null),
    verdict: fc.constantFrom<SaidVerdict>('PASS', 'FAIL', 'FAIL', 'FAIL', 'none', 'several'),
    plan: mostly<'usable' | 'same' | 'unusable'>('usable', 'same', 'unusable'),
  }),
});

test('in any world a loop ends, does each thing once an iteration and in order, and passes only what may pass', () => {
  let steps = 0;
  let passes = 0;
  fc.assert(
    fc.property(rules, fc.array(world, { minLength: 25, maxLength: 25 }), (asked, worlds) => {
      let facts: IterationFacts = {
        ...FACTS,
        executor: null,
        changed: null,
        testsPassed: null,
        review: null,
      };
      let done: LoopStep['do'][] = [];
      for (let taken = 0; ; taken += 1) {
        // Five things an iteration at most, and one more to stop.
        expect(taken).toBeLessThanOrEqual(asked.maxIterations * 5);
        const now = worlds[facts.iteration - 1] ?? worlds[0];
        if (!now) throw new Error('a world for each iteration');
        if (done.length === 0) facts = { ...facts, planUsable: now.planUsable || facts.iteration > 1 };
        if (now.stopAfter !== null && done.length >= now.stopAfter) facts = { ...facts, interrupted: true };
        const step = nextStep(facts, asked);
        steps += 1;
        if (step.do === 'stop') {
          checkStop(facts, asked, step.reason, done);
          if (step.reason === 'pass') passes += 1;
          return;
        }
        expect(done).not.toContain(step.do);
        done.push(step.do);
        if (step.do === 'confirm') facts = { ...facts, confirmed: now.confirmed };
        if (step.do === 'execute') {
          expect(asked.confirm && facts.iteration > 1 ? facts.confirmed : true).toBe(true);
          facts = {
            ...facts,
            executor: now.executor,
            changed: now.changed,
            sameAsBefore: now.sameAsBefore,
          };
        }
        if (step.do === 'test') {
          expect(asked.tests).toBe(true);
          facts = { ...facts, testsPassed: now.testsPassed };
        }
        if (step.do === 'review') {
          expect(done).toContain('execute');
          expect(done.includes('test')).toBe(asked.tests);
          facts = { ...facts, review: now.review };
        }
        if (step.do === 'iterate') {
          expect(facts.review).toMatchObject({ ended: true, verdict: 'FAIL', plan: 'usable' });
          expect(facts.iteration).toBeLessThan(asked.maxIterations);
          facts = {
            ...FACTS,
            iteration: facts.iteration + 1,
            executor: null,
            changed: null,
            testsPassed: null,
            review: null,
          };
          done = [];
        }
      }
    }),
    { numRuns: 3000 },
  );
  console.info(`loop model: ${steps} steps in 3000 worlds, ${passes} passes`);
  expect(passes).toBeGreaterThan(50);
});

function checkStop(facts: IterationFacts, asked: LoopRules, reason: string, done: readonly string[]): void {
  if (facts.interrupted) return expect(reason).toBe('interrupted');
  if (reason !== 'pass') return;
  expect(facts.review).toMatchObject({ ended: true, exitCode: 0, verdict: 'PASS' });
  expect(done).toContain('review');
  if (asked.allowPassOnFailure) return;
  expect(facts.executor).toBe('done');
  expect(facts.testsPassed).not.toBe(false);
}
