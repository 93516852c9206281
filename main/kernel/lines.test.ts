import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineReader } from './lines.ts';

test('lines come out the same, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(200)), (lines, cuts) => {
      const clean = lines.map((line) => line.replaceAll('\n', ''));
      const bytes = Buffer.from(clean.map((line) => `${line}\n`).join(''));
      const seen: string[] = [];
      const feed = createLineReader(1_000_000, (line) => seen.push(line));
      const points = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
        (a, b) => a - b,
      );
      points.slice(1).forEach((end, index) => feed(bytes.subarray(points[index], end)));
      expect(seen).toEqual(clean);
    }),
  );
});

test('a line that is too long is refused, whole or in pieces', () => {
  expect(() => createLineReader(10, () => {})(Buffer.from('x'.repeat(11)))).toThrow(RangeError);
  const feed = createLineReader(10, () => {});
  feed(Buffer.from('x'.repeat(6)));
  expect(() => feed(Buffer.from('x'.repeat(6)))).toThrow(RangeError);
});
