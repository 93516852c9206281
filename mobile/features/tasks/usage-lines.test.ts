import { en } from '../../texts/en.ts';
import { task } from '../sample-views.ts';
import { runFor, usageLines } from './usage-lines.ts';

const none = {
  ...{ inputTokens: null, outputTokens: null, cachedTokens: null, totalTokens: null },
  ...{ contextUsed: null, contextSize: null, cost: null },
};
const lines = (change: object, now = 120_000) =>
  usageLines({ ...task, startedAt: 60_000, ...change }, now, en).map(({ share, text }) => [text, share]);

test('nothing is shown of what nobody reports, and a budget is shown before it is touched', () => {
  expect(lines({})).toEqual([]);
  expect(lines({ usage: none })).toEqual([]);
  expect(lines({ budget: { tokens: 2000, costUsd: 1, minutes: 4 } })).toEqual([
    ['0 of 2,000 tokens', 0],
    ['0.00 USD of 1.00 USD', 0],
    ['1:00 of 4 minutes', 0.25],
  ]);
});

test('a cost in another currency is not held against a budget in dollars', () => {
  const usage = { ...none, cost: { amount: 3, currency: 'EUR' } };
  expect(lines({ usage, budget: { costUsd: 1 } })).toEqual([['3.00 EUR', null]]);
});

test('a sum of the agent counts before its parts, and a share ends at the whole', () => {
  const usage = { ...none, inputTokens: 5, outputTokens: 5, totalTokens: 4000 };
  expect(lines({ usage, budget: { tokens: 2000 } })).toEqual([['4,000 of 2,000 tokens', 1]]);
});

test('a task runs from its start to its end', () => {
  expect(runFor({ startedAt: null, endedAt: null }, 9)).toBeNull();
  expect(runFor({ startedAt: 2, endedAt: null }, 9)).toBe(7);
  expect(runFor({ startedAt: 2, endedAt: 5 }, 9)).toBe(3);
});
