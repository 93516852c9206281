import { expect, test } from 'vitest';
import { relayLine, runHostileRelay } from '../../testing/hostile-relay.ts';
import { temporaryFolder } from '../../testing/temporary.ts';

test('a hostile relay alters nothing, loses no command, doubles none and stops nobody for long', async () => {
  const figures = await runHostileRelay({ folder: temporaryFolder('relay'), frames: 4_000, rate: 12 });
  process.stdout.write(relayLine(figures));
  expect(figures).toMatchObject({ accepted: 0, lost: 0, doubled: 0 });
  expect(figures.longestStall).toBeLessThanOrEqual(5_000);
  expect(Object.keys(figures.attacks)).toHaveLength(9);
});
