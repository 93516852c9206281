import { expect, test } from 'vitest';
import { ErrorCode } from '../../contract/errors.ts';
import { parseDuration, parseWhole } from './duration.ts';
import { exitCodeOf } from './exit-code.ts';
import { asFailure, Failure } from './failure.ts';

test('every error of the host has an exit code, and none is 0 or "no host"', () => {
  for (const code of ErrorCode.options) expect([1, 2, 4, 5, 6]).toContain(exitCodeOf(code));
});

test.each([
  ['refused', 4],
  ['not_permitted', 4],
  ['locked_down', 4],
  ['paused', 4],
  ['timed_out', 5],
  ['not_found', 6],
  ['invalid_input', 2],
  ['internal', 1],
] as const)('%s exits with %i', (code, exit) => expect(new Failure(code, '').exitCode).toBe(exit));

test('an error that nobody planned is internal and fails', () => {
  expect(asFailure(new TypeError('x'))).toMatchObject({ code: 'internal', exitCode: 1 });
});

test('durations have a unit, or count seconds', () => {
  expect(['500ms', '90s', '15m', '8h', '7d', '2', '1.5h'].map(parseDuration)).toEqual([
    500, 90_000, 900_000, 28_800_000, 604_800_000, 2000, 5_400_000,
  ]);
  for (const bad of ['', '-1', '1w', '1e9', 'NaN', '9999999999999d'])
    expect(() => parseDuration(bad)).toThrow('duration');
});

test('a number out of bounds is refused with its option', () => {
  expect(parseWhole('--port', '80', 1, 65_535)).toBe(80);
  for (const bad of ['0', '65536', '1.5', '-1', ''])
    expect(() => parseWhole('--port', bad, 1, 65_535)).toThrow('--port');
});
