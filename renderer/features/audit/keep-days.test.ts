import { expect, test } from 'vitest';
import { commands } from '../../../contract/commands.ts';
import { keepDays } from './keep-days.ts';

test.each([
  ['1', 1],
  [' 90 ', 90],
  ['36500', 36_500],
])('%j is a number of days that the host takes', (typed, days) => {
  expect(keepDays(typed)).toBe(days);
  expect(commands['audit.prune'].input.safeParse({ keepDays: days }).success).toBe(true);
});

test.each(['', '0', '-1', '1.5', '1e3', '0x10', '36501', '99999', '1 2', 'many', '٣'])(
  '%j is none, so nothing can be dropped with it',
  (typed) => expect(keepDays(typed)).toBeNull(),
);
