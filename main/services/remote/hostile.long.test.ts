import { expect, test } from 'vitest';
import { hostileLine, runHostile } from '../../testing/remote-hostile.ts';

test('10,000 mutated frames and requests: an error each, the host alive, nothing written outside', async () => {
  const figures = await runHostile({ frames: 7_000, requests: 3_000, seed: 20_261 });
  process.stdout.write(hostileLine(figures));
  expect(figures.strayed).toEqual([]);
  expect(figures.frames + figures.requests).toBe(10_000);
}, 600_000);
