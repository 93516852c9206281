import { expect, test } from 'vitest';
import { disguiseCampaign, splitCampaign } from './testing/secret-campaign.ts';

// A sample of what secrets-campaign.long.test.ts does in full.
test('secrets of 30 kinds, cut at every position, leak nothing through the stream', () => {
  const result = splitCampaign(2, 7);
  expect(result.leaks).toEqual([]);
  expect(result.kinds).toBe(30);
  process.stdout.write(
    `secrets: ${result.secrets} secrets, ${result.splits} splits, ${result.leaks.length} leaks\n`,
  );
});

test('secrets of 30 kinds in thirteen disguises leak nothing', () => {
  const result = disguiseCampaign(4, 8);
  expect(result.leaks).toEqual([]);
  process.stdout.write(
    `secrets: ${result.secrets} secrets, ${result.splits} disguised texts, ${result.leaks.length} leaks\n`,
  );
});
