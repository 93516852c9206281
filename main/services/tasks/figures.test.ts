import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHeadAndTail } from './head-and-tail.ts';
import { createOutputBuffer } from './output-buffer.ts';
import { judge, nextLook, type Watched } from './task-watch.ts';
import { createUsageMeter, tokensIn } from './usage-meter.ts';

const limits = { idleMs: 1_800_000, maxMs: 14_400_000 };
const watched = fc.record({
  startedAt: fc.nat(1_000_000),
  seenAt: fc.nat(20_000_000),
  budget: fc.record({ minutes: fc.integer({ min: 1, max: 300 }) }, { requiredKeys: [] }),
  usage: fc.constant(null),
}) as fc.Arbitrary<Watched>;

test('nothing is stopped before the next look is due, and something always is at that moment', () => {
  fc.assert(
    fc.property(watched, fc.nat(20_000_000), (run, now) => {
      if (judge(run, limits, now) !== null) return;
      const due = now + nextLook(run, limits, now);
      expect(judge(run, limits, due - 1)).toBeNull();
      expect(judge(run, limits, due)).not.toBeNull();
    }),
  );
});

test('a cost in another currency is no reason to stop, and a session that is continued counts from where it was', () => {
  const meter = createUsageMeter({ cost: { amount: 3, currency: 'USD' } });
  meter.context(5000, 10_000, { amount: 3.5, currency: 'USD' });
  meter.context(5600, 10_000, { amount: 4, currency: 'USD' });
  const usage = meter.usage();
  expect(usage).toMatchObject({ contextUsed: 5600, totalTokens: 600, cost: { amount: 1, currency: 'USD' } });
  const run = { startedAt: 0, seenAt: 0, usage };
  expect(judge({ ...run, budget: { costUsd: 1 } }, limits, 1)?.cause).toBe('budget');
  expect(judge({ ...run, budget: { costUsd: 1.1, tokens: 601 } }, limits, 1)).toBeNull();
  const euro = createUsageMeter();
  euro.context(1, 2, { amount: 100, currency: 'EUR' });
  expect(judge({ ...run, usage: euro.usage(), budget: { costUsd: 1 } }, limits, 1)).toBeNull();
});

test('whatever an agent reports of its use becomes figures or nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.anything(), { maxLength: 6 }), (reports) => {
      const meter = createUsageMeter();
      for (const report of reports) {
        meter.context(report, report, report);
        meter.prompt(tokensIn(report));
        meter.prompt(tokensIn({ usage: report, _meta: report }));
      }
      const usage = meter.usage();
      if (usage === null) return;
      for (const value of [
        usage.totalTokens,
        usage.inputTokens,
        usage.contextUsed,
        usage.cost?.amount ?? null,
      ])
        if (value !== null) expect(value).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('a buffer keeps the end of any text whole, whichever way it comes in pieces', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }),
      fc.nat(60),
      (text, cuts, limit) => {
        const bytes = Buffer.from(text);
        const whole = bytes.toString();
        const buffer = createOutputBuffer(limit);
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          buffer.add(bytes.subarray(at, at + cut));
          at += cut;
        }
        const kept = buffer.text();
        expect(whole.endsWith(kept)).toBe(true);
        expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(limit);
        expect(buffer.truncated).toBe(kept.length < whole.length);
      },
    ),
  );
});

test('of a long output both ends are kept and the middle is counted', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 60 })), fc.integer({ min: 2, max: 80 }), (pieces, limit) => {
      const whole = Buffer.from(pieces.join('').replace(/[^\x20-\x7e]/g, '.'));
      const output = createHeadAndTail(limit);
      for (let at = 0; at < whole.length; at += 7) output.add(whole.subarray(at, at + 7));
      const half = Math.floor(limit / 2);
      const dropped = Math.max(0, whole.length - 2 * half);
      expect(output.droppedBytes).toBe(dropped);
      const text = output.text();
      expect(text.startsWith(whole.subarray(0, half).toString())).toBe(true);
      expect(text.endsWith(whole.subarray(Math.max(half, whole.length - half)).toString())).toBe(true);
    }),
  );
});
