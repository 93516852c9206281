import { en } from './en.ts';
import { when } from './time.ts';

const noon = new Date(2026, 4, 5, 12, 0).getTime();

test('a time of today is its clock, one of another day has the day with it', () => {
  expect(when(en, noon - 78 * 60_000, noon)).toBe('at 10:42, 1 h ago');
  expect(when(en, noon - 25 * 3_600_000, noon)).toBe('at 2026-05-04 11:00, yesterday');
});
