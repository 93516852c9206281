import { expect, test } from 'vitest';
import type { Task } from '../../../contract/tasks.ts';
import { metersOf } from './task-use.tsx';

const usage = {
  ...{ inputTokens: null, outputTokens: null, cachedTokens: null, totalTokens: 4200 },
  ...{ contextUsed: null, contextSize: null, cost: { amount: 0.5, currency: 'USD' } },
};
const task = (more: object) => ({ state: 'running', budget: {}, usage: null, ...more }) as unknown as Task;

test('what is reported is shown, with the part of its budget', () => {
  expect(metersOf(task({}), 60_000)).toEqual([]);
  expect(metersOf(task({ usage }), null).map(({ text, part }) => [text, part])).toEqual([
    ['4,200 tokens', null],
    ['0.50 USD', null],
  ]);
  const all = metersOf(task({ usage, budget: { tokens: 8400, costUsd: 0.25, minutes: 2 } }), 90_000);
  expect(all.map(({ text, part }) => [text, part])).toEqual([
    ['4,200 tokens of 8,400 tokens', 0.5],
    ['0.50 USD of 0.25 USD', 2],
    ['1.5 min of 2.0 min', 0.75],
  ]);
});

test('a cost in another currency is not compared with a budget in USD', () => {
  const euro = { ...usage, cost: { amount: 9, currency: 'EUR' } };
  expect(metersOf(task({ usage: euro, budget: { costUsd: 1 } }), null)[1]).toMatchObject({ part: null });
});
