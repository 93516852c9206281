import { expect, test } from 'vitest';
import { heightOf, LINE, scrollTo, shownAt } from './line-range.ts';

const VIEWPORT = 480;
const ROWS = VIEWPORT / LINE;

test.each([0, 1, 1000, 700_000, 5_000_000, 80_000_000])('every line of %d can be reached', (count) => {
  expect(heightOf(count, VIEWPORT)).toBeLessThan(20_000_000);
  for (const index of [0, 1, Math.floor(count / 3), count - 2, count - 1]) {
    if (index < 0) continue;
    const { first } = shownAt(scrollTo(index, count, VIEWPORT), count, VIEWPORT);
    expect(first).toBeLessThanOrEqual(index);
    expect(first + ROWS).toBeGreaterThan(index - 1);
  }
  const bottom = heightOf(count, VIEWPORT) - VIEWPORT;
  expect(shownAt(bottom, count, VIEWPORT).first).toBe(Math.max(0, count - ROWS));
});

test('a log that fits scrolls by the pixel', () => {
  expect(shownAt(25, 1000, VIEWPORT)).toEqual({ first: 1, offset: 5 });
});
