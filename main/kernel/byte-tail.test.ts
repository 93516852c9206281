import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createByteTail } from './byte-tail.ts';

test('whatever the pieces are, the end of them is kept byte for byte', () => {
  const piece = fc.uint8Array({ maxLength: 9000 });
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20_000 }),
      fc.array(piece, { maxLength: 12 }),
      (capacity, pieces) => {
        const tail = createByteTail(capacity);
        for (const one of pieces) tail.add(one);
        const all = Buffer.concat(pieces);
        expect(tail.total()).toBe(all.length);
        expect(tail.bytes().equals(all.subarray(Math.max(0, all.length - capacity)))).toBe(true);
      },
    ),
  );
});

test('what was handed out is a copy', () => {
  const tail = createByteTail(4);
  const given = Buffer.from('abcd');
  tail.add(given);
  const before = tail.bytes();
  given.fill(0);
  tail.add(Buffer.from('e'));
  expect([before.toString(), tail.bytes().toString()]).toEqual(['abcd', 'bcde']);
});
