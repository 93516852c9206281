import { expect, test } from 'vitest';
import { runClockCampaign } from '../../testing/identity/clock-campaign.ts';

test('in 10,000 windings no clock makes a code, an approval or a device valid for longer', async () => {
  const figure = await runClockCampaign(10_000);
  process.stdout.write(figure);
  expect(figure).not.toMatch(/: 0 ends seen/);
});
