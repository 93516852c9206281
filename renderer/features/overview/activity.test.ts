import { expect, test } from 'vitest';
import { emptyHostState } from '../../../contract/apply-event.ts';
import { activityOf, callsMayBeMissing } from './activity.ts';

const now = Date.parse('2026-05-02T12:30:00.000Z');
const call = (minutesAgo: number) => ({
  id: 'c',
  tool: 'read',
  client: 'x',
  outcome: 'ok' as const,
  detail: '',
  durationMs: 1,
  calledAt: new Date(now - minutesAgo * 60_000).toISOString(),
});
const stateWith = (...ages: number[]) => ({
  ...emptyHostState,
  bridge: { ...emptyHostState.bridge, recentCalls: ages.map(call) },
});

test('things are counted in the stretch in which they began', () => {
  const { calls, at } = activityOf(stateWith(0, 1, 20, 61), now, 3_600_000, 6);
  expect(calls).toEqual([0, 0, 0, 1, 1, 1]);
  expect(calls.length).toBe(at.length);
});

test('what is older than the span is not counted', () => {
  expect(activityOf(stateWith(600), now, 3_600_000, 6).calls).toEqual([0, 0, 0, 0, 0, 0]);
});

test('a full list of calls inside the span says that more may be missing', () => {
  expect(callsMayBeMissing(stateWith(...Array.from({ length: 50 }, () => 1)), now, 3_600_000)).toBe(true);
  expect(callsMayBeMissing(stateWith(1), now, 3_600_000)).toBe(false);
});
