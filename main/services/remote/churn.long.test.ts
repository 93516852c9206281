import { expect, test } from 'vitest';
import { churnLine, runChurn } from '../../testing/remote-churn.ts';

test.each(['stubborn', 'built-in'] as const)(
  '200 connections to a %s agent, dropped in the middle of a prompt: no process and no descriptor is left',
  async (agent) => {
    const figures = await runChurn({ connections: 200, wave: 40, agent });
    process.stdout.write(churnLine(figures));
    expect(figures).toMatchObject({ started: 200, left: 0 });
    expect(figures.descriptorsAfter).toBeLessThanOrEqual(figures.descriptorsBefore);
  },
  300_000,
);
