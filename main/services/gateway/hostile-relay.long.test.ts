import { expect, test } from 'vitest';
import { relayLine, runHostileRelay } from '../../testing/hostile-relay.ts';
import { temporaryFolder } from '../../testing/temporary.ts';

test('100,000 frames through a hostile relay: 0 altered accepted, 0 commands lost, 0 doubled, no stall above 5 s', async () => {
  const figures = await runHostileRelay({ folder: temporaryFolder('relay'), frames: 100_000, rate: 12 });
  process.stdout.write(relayLine(figures));
  expect(figures).toMatchObject({ accepted: 0, lost: 0, doubled: 0 });
  expect(figures.longestStall).toBeLessThanOrEqual(5_000);
  expect(figures.frames).toBeGreaterThanOrEqual(100_000);
});
