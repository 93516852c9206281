import { expect, test } from 'vitest';
import { sourceCorpus } from './testing/source-corpus.ts';
import { disguiseCampaign, splitCampaign } from './testing/secret-campaign.ts';
import { createOutbound } from './outbound.ts';

test('3,000 secrets of 30 kinds, cut at every position, leak nothing through the stream', () => {
  const result = splitCampaign(100);
  expect(result.leaks).toEqual([]);
  expect(result).toMatchObject({ secrets: 3000, kinds: 30 });
  process.stdout.write(
    `secrets: ${result.secrets} secrets, ${result.splits} splits, ${result.leaks.length} leaks\n`,
  );
});

test('3,000 secrets of 30 kinds in thirteen disguises leak nothing', () => {
  const result = disguiseCampaign(100);
  expect(result.leaks).toEqual([]);
  process.stdout.write(
    `secrets: ${result.secrets} secrets, ${result.splits} disguised texts, ${result.leaks.length} leaks\n`,
  );
});

test('10 MB of source of other people hold less than one false hit', () => {
  const outbound = createOutbound({ hmacKey: new Uint8Array(32) });
  const { files, characters } = sourceCorpus(10 * 2 ** 20);
  const hits = files.flatMap(({ name, text }) => {
    const { hits: found } = outbound.text('file', text);
    return found.map(({ kind }) => `${kind} in ${name}`);
  });
  process.stdout.write(
    `secrets: ${(characters / 2 ** 20).toFixed(1)} MB of source in ${files.length} files, ${hits.length} false hits\n`,
  );
  expect(hits).toEqual([]);
});
