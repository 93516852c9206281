import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHeadAndTail } from '../../guard/head-and-tail.ts';
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

test('of a long output both ends are kept and the middle is counted, in whole characters', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 60 })),
      fc.integer({ min: 16, max: 80 }),
      (pieces, limit) => {
        const whole = Buffer.from(pieces.join(''));
        const output = createHeadAndTail(limit);
        for (const piece of pieces) output.add(piece);
        const half = Math.floor(limit / 2);
        expect(output.end).toBe(whole.length);
        const text = output.text();
        const kept = whole.length - output.droppedBytes;
        expect(kept).toBeLessThanOrEqual(2 * half);
        expect(kept).toBeGreaterThanOrEqual(Math.min(whole.length, 2 * half - 6));
        const [first = '', last = ''] = text.split(`\n… ${output.droppedBytes} bytes left out …\n`);
        expect(whole.toString().startsWith(first)).toBe(true);
        expect(whole.toString().endsWith(last)).toBe(true);
        expect(Buffer.byteLength(first + last)).toBe(kept);
      },
    ),
  );
});

test('whoever reads an output from place to place gets each kept character once and is told of every gap', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.boolean())),
      fc.integer({ min: 16, max: 80 }),
      fc.integer({ min: 16, max: 40 }),
      (pieces, limit, most) => {
        const output = createHeadAndTail(limit);
        let whole = Buffer.alloc(0);
        let at = 0;
        const readOn = () => {
          for (;;) {
            const { text, offset, nextOffset, end } = output.read(at, most);
            expect(end).toBe(whole.length);
            expect(offset).toBeGreaterThanOrEqual(at);
            expect(whole.subarray(offset, nextOffset).toString()).toBe(text);
            expect(nextOffset - offset).toBeLessThanOrEqual(most);
            at = nextOffset;
            if (nextOffset === end) return;
            expect(text).not.toBe('');
          }
        };
        for (const [piece, reads] of pieces) {
          output.add(piece);
          whole = Buffer.concat([whole, Buffer.from(piece)]);
          if (reads) readOn();
        }
        readOn();
      },
    ),
  );
});
