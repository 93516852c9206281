import { expect, test } from 'vitest';
import { bytes, countdown, duration, remaining, spacedCode, when } from './format.ts';

test('a length of time has its two largest units', () => {
  expect([0, 999, 61_000, 3_900_000, 90_000_000].map(duration)).toEqual([
    '0 s',
    '0 s',
    '1 min 1 s',
    '1 h 5 min',
    '1 d 1 h',
  ]);
});

test('a countdown reaches zero and stays there', () => {
  expect([65_000, 7_389_000, 1, 0, -5].map(countdown)).toEqual(['1:05', '2:03:09', '0:01', '0:00', '0:00']);
});

test('what is left is never more than the whole, nor less than nothing', () => {
  const left = (now: string) =>
    countdown(remaining('2026-01-01T00:00:00.400Z', '2026-01-01T00:02:00.400Z', Date.parse(now)));
  expect(left('2025-12-31T23:59:59.500Z')).toBe('2:00');
  expect(left('2026-01-01T00:01:00.400Z')).toBe('1:00');
  expect(left('2026-01-01T00:03:00Z')).toBe('0:00');
});

test('a code is read out in two halves', () => expect(spacedCode('482913')).toBe('482 913'));

test('an instant of another day has its date', () => {
  const now = new Date(2026, 4, 2, 12).getTime();
  expect(when(now, now)).not.toContain('May');
  expect(when(now - 86_400_000, now).length).toBeGreaterThan(when(now, now).length);
});

test('sizes are in binary units', () =>
  expect([12, 2048, 5_242_880].map(bytes)).toEqual(['12 B', '2.0 KiB', '5.0 MiB']));
