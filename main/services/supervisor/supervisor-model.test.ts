import { expect, test } from 'vitest';
import { bundleShim } from '../../testing/bundle.ts';
import { runSupervisorModel } from '../../testing/supervisor-model/campaign.ts';

test('whatever is done to it in whatever order, nothing runs twice, nothing is left over, and a stop is a stop', async () => {
  const { states, crashes, figure } = await runSupervisorModel(await bundleShim(), 80, 20_261_121);
  process.stdout.write(figure);
  expect(states).toBe(9);
  expect(crashes).toBeGreaterThan(5);
}, 60_000);
