import { expect, test } from 'vitest';
import { bundleShim } from '../../testing/bundle.ts';
import { runSupervisorModel } from '../../testing/supervisor-model/campaign.ts';

const SEEDS = [1, 2, 3, 4];
const STEPS = 2500;

test('in 10,000 steps with real processes and killed hosts, nothing runs twice, nothing is left over, and a stop is a stop', async () => {
  const shim = await bundleShim();
  const worlds = SEEDS.map(async (seed) => runSupervisorModel(shim, STEPS, seed));
  const ends = await Promise.allSettled(worlds);
  for (const world of ends) if (world.status === 'fulfilled') process.stdout.write(world.value.figure);
  for (const world of ends) {
    if (world.status === 'rejected') throw world.reason;
    expect(world.value.states).toBe(9);
    expect(world.value.crashes).toBeGreaterThan(100);
  }
});
