import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

test('waits double from half a second and stop growing at 15 seconds', () => {
  expect([1, 2, 3, 10, 1000].map((failures) => backoffMs(failures, 1))).toEqual([
    500, 1000, 2000, 15_000, 15_000,
  ]);
});

test('jitter takes away at most half of a wait', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const full = backoffMs(failures, 1);
        expect(backoffMs(failures, random)).toBeGreaterThanOrEqual(Math.floor(full / 2));
        expect(backoffMs(failures, random)).toBeLessThanOrEqual(full);
      },
    ),
  );
});
