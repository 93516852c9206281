import { expect, test } from 'vitest';
import { reconnectLine, runReconnects } from '../../testing/reconnect-campaign.ts';
import { temporaryFolder } from '../../testing/temporary.ts';

test('150 reconnects with a cut at every message boundary: each command once, each event and byte once', async () => {
  const figures = await runReconnects({ folder: temporaryFolder('reconnect'), rounds: 150 });
  process.stdout.write(reconnectLine(figures));
  expect(figures).toMatchObject({ wrong: 0, gaps: 0, logComplete: true, mirrorComplete: true });
  expect(figures.once).toBeGreaterThan(0.7 * figures.commands);
  expect(figures.boundaries).toBeGreaterThan(12);
  expect(figures.medianMs).toBeLessThan(150);
  expect(figures.p99Ms).toBeLessThan(1_000);
});
