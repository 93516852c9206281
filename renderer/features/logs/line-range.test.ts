import { describe, expect, test } from 'vitest';
import { heightOf, lastFirst, LINE, scrollTo, shownAt, topOf } from './line-range.ts';

const viewport = 480;
const ROWS = viewport / LINE;

describe.each([false, true])('wrapped: %s', (wrap) => {
  const box = { viewport, wrap };
  test.each([0, 1, 1000, 700_000, 5_000_000, 80_000_000])('every line of %d can be reached', (count) => {
    expect(heightOf(count, box)).toBeLessThan(20_000_000);
    for (const index of [0, 1, Math.floor(count / 3), count - 2, count - 1]) {
      if (index < 0) continue;
      const { first } = shownAt(scrollTo(index, count, box), count, box);
      expect(first).toBeLessThanOrEqual(index);
      expect(first + (wrap ? 3 : ROWS)).toBeGreaterThan(index - 1);
      const top = topOf(index, count, box);
      expect(shownAt(top, count, box).first).toBe(Math.min(index, lastFirst(count, box)));
      expect(top).toBeLessThanOrEqual(heightOf(count, box) - viewport);
    }
    const bottom = heightOf(count, box) - viewport;
    expect(shownAt(bottom, count, box).first).toBe(Math.max(0, count - (wrap ? 1 : ROWS)));
  });
});

test('a log that fits scrolls by the pixel, one with wrapped lines by the line', () => {
  expect(shownAt(25, 1000, { viewport, wrap: false })).toEqual({ first: 1, offset: 5 });
  expect(shownAt(25, 1000, { viewport, wrap: true })).toEqual({ first: 1, offset: 0 });
});
