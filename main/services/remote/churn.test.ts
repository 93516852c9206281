import { expect, test } from 'vitest';
import { churnLine, runChurn } from '../../testing/remote-churn.ts';

test('connections that are dropped in the middle of a prompt leave no process and no descriptor', async () => {
  const figures = await runChurn({ connections: 20, wave: 20, agent: 'stubborn' });
  process.stdout.write(churnLine(figures));
  expect(figures).toMatchObject({ started: 20, left: 0 });
  expect(figures.descriptorsAfter).toBeLessThanOrEqual(figures.descriptorsBefore);
}, 60_000);
