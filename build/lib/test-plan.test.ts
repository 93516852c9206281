import { expect, test } from 'vitest';
import { chooseSteps, missingPrograms, testPlan } from './test-plan.mjs';

const plan = testPlan({ reports: '/reports' });

test('the plan has every step once', () => {
  expect(plan.map((step) => step.name).sort()).toEqual(
    ['dead-code', 'docs', 'e2e', 'format', 'lint', 'mobile', 'size', 'types', 'unit'].sort(),
  );
});

test('steps are chosen by name, and `check` stands for the cheap ones', () => {
  expect(chooseSteps(plan, ['unit', 'e2e']).chosen.map((step) => step.name)).toEqual(['unit', 'e2e']);
  expect(chooseSteps(plan, ['check']).chosen.every((step) => step.kind === 'check')).toBe(true);
  expect(chooseSteps(plan, ['unti']).unknown).toEqual(['unti']);
});

test('the long campaigns are a plan of their own', () => {
  expect(testPlan({ reports: '/reports', long: true }).map((step) => step.name)).toEqual(['long']);
});

test('a program that is not there is named', () => {
  const [step] = plan;
  if (!step) throw new Error('the plan is empty');
  expect(missingPrograms({ ...step, commands: [['build/no-such-tool.mjs'], ['build/test.mjs']] })).toEqual([
    'build/no-such-tool.mjs',
  ]);
});
