// How long 1 MB of source takes through the outbound gate, beside the secretlint preset on the same text in the same run.
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { secretLintProfiler } from '@secretlint/profiler';
import { createOutbound } from '../main/guard/outbound.ts';
import { secretSamples } from '../main/guard/testing/secret-samples.ts';
import { sourceCorpus } from '../main/guard/testing/source-corpus.ts';
import { report, spread } from './lib/measure.mjs';

const MEGABYTE = 2 ** 20;
const RUNS = 9;
const PIECE = 4096;
const LIMIT_MS = 50;

// The peer keeps every mark for ever and searches all of them at each lint: without this its figure would grow.
secretLintProfiler.mark = () => {};

const source = sourceCorpus(2 * MEGABYTE)
  .files.map(({ text }) => text)
  .join('\n')
  .slice(0, MEGABYTE);
const id = '@secretlint/secretlint-rule-preset-recommend';
const options = { config: { rules: [{ id, rule: creator }] }, noPhysicFilePath: true };
const lint = (content: string) =>
  lintSource({ source: { filePath: 'bench.txt', content, contentType: 'text', ext: '.txt' }, options });

const outbound = createOutbound({ hmacKey: new Uint8Array(32) });
const knowing = createOutbound({ hmacKey: new Uint8Array(32) });
for (let index = 0; index < 10_000; index += 1) {
  knowing.addSecret(`value-${index}-${(index * 7919).toString(36)}-x`);
}

async function times(run: () => unknown): Promise<number[]> {
  for (let warm = 0; warm < 3; warm += 1) await run();
  const taken: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const from = performance.now();
    await run();
    taken.push(performance.now() - from);
  }
  return taken;
}

const ours = await times(() => outbound.text('file', source));
const known = await times(() => knowing.text('file', source));
const streamed = await times(() => {
  const stream = outbound.stream();
  for (let at = 0; at < source.length; at += PIECE) stream.push(source.slice(at, at + PIECE));
  stream.end();
});
const theirs = await times(() => lint(source));

const samples = secretSamples(10);
let oursFound = 0;
let theirsFound = 0;
for (const { text } of samples) {
  if (outbound.text('file', `a ${text} b`).hits.length > 0) oursFound += 1;
  if ((await lint(`a ${text} b`)).messages.length > 0) theirsFound += 1;
}
const percent = (found: number): number => (found / samples.length) * 100;

const limit = { name: 'limit', limit: LIMIT_MS };
const peer = { name: '@secretlint preset', spread: spread(theirs) };
report(
  'secrets',
  [
    { what: '1 MB whole', unit: 'ms', ours: spread(ours), peer: limit, goal: 1, better: 'less' },
    { what: '1 MB whole', unit: 'ms', ours: spread(ours), peer, better: 'less' },
    {
      what: '1 MB, 10000 known values',
      unit: 'ms',
      ours: spread(known),
      peer: limit,
      goal: 1,
      better: 'less',
    },
    {
      what: '1 MB in pieces of 4 kB',
      unit: 'ms',
      ours: spread(streamed),
      peer: limit,
      goal: 2,
      better: 'less',
    },
    {
      what: 'secrets found',
      unit: '%',
      ours: spread([percent(oursFound)]),
      peer: { name: '@secretlint preset', spread: spread([percent(theirsFound)]) },
      better: 'more',
    },
  ],
  { runs: RUNS, samples: samples.length },
);
