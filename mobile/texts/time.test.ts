import { en } from './en.ts';
import { chooseTexts } from './t.ts';
import { ago, clock } from './time.ts';

test.each([
  [0, 'just now'],
  [59_000, 'just now'],
  [60_000, '1 min ago'],
  [3_599_000, '59 min ago'],
  [3_600_000, '1 h ago'],
  [86_400_000, 'yesterday'],
  [3 * 86_400_000, '3 days ago'],
  [-5_000, 'just now'],
])('%p ms ago reads %p', (distance, words) => {
  expect(ago(en, 1_000_000_000, 1_000_000_000 + distance)).toBe(words);
});

test.each([
  [-1, '0:00'],
  [1, '0:01'],
  [59_001, '1:00'],
  [90_000, '1:30'],
  [3_661_000, '1:01:01'],
])('%p ms left reads %p', (left, words) => {
  expect(clock(left)).toBe(words);
});

test('an unknown language falls back to English', () => {
  expect(chooseTexts([null, 'tlh'])).toBe(en);
});
