import { expect, test } from 'vitest';
import { daysOf } from './secrets.ts';

test.each([
  ['30d', 30],
  ['1h', 1],
  ['25h', 2],
  ['365d', 365],
])('%s is allowed for %i days', (duration, days) => {
  expect(daysOf(duration)).toBe(days);
});

test.each(['366d', 'soon'])('%s is refused', (duration) => {
  expect(() => daysOf(duration)).toThrow();
});
