import { expect, test } from 'vitest';
import { taskCampaign } from '../../testing/task-model.ts';

test('whatever is killed when: no task is run twice, none is lost, and no state goes back', async () => {
  const found = await taskCampaign(600, 1);
  expect(found.submitted).toBeGreaterThan(10);
  expect(found.hostKills).toBeGreaterThan(5);
  process.stdout.write(`task model: ${JSON.stringify(found)}, 0 violations\n`);
}, 60_000);
