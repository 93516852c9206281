import { expect, test } from 'vitest';
import { hostileLine, runHostile } from '../../testing/remote-hostile.ts';

test('mutated frames and requests get an error; the host lives on and nothing is written', async () => {
  const figures = await runHostile({ frames: 800, requests: 200, seed: 7 });
  process.stdout.write(hostileLine(figures));
  expect(figures.strayed).toEqual([]);
  expect(figures.answers['error -32700']).toBeGreaterThan(0);
  expect(figures.answers['error -32600']).toBeGreaterThan(0);
  expect(figures.answers['200'] ?? 0).toBeLessThan(figures.requests / 2);
}, 60_000);
