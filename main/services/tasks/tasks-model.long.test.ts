import { expect, test } from 'vitest';
import { taskCampaign } from '../../testing/task-model.ts';

test('20,000 random steps with kills of host and agent: no task run twice, none lost, no state goes back', async () => {
  const found = await taskCampaign(20_000, 7);
  expect(found.submitted).toBeGreaterThan(200);
  expect(found.hostKills).toBeGreaterThan(200);
  expect(found.agentKills).toBeGreaterThan(100);
  process.stdout.write(`task model: ${JSON.stringify(found)}, 0 violations\n`);
}, 3_600_000);
