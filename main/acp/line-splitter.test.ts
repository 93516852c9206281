import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

test('lines are cut the same however the bytes are divided', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 20 })),
      fc.array(fc.nat(10), { minLength: 1 }),
      (texts, cuts) => {
        const wanted = texts.map((text) => text.replace(/[\r\n]/g, '')).filter((text) => text !== '');
        const bytes = Buffer.from(wanted.map((text) => `${text}\r\n\n`).join(''));
        const lines: string[] = [];
        const split = createLineSplitter({
          maxBytes: 1000,
          onLine: (line) => lines.push(line.toString()),
          onTooLong: () => {},
        });
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = 1 + (cuts[n % cuts.length] ?? 0);
          split(bytes.subarray(at, at + size));
          at += size;
        }
        expect(lines).toEqual(wanted);
      },
    ),
  );
});

test('a line that is too long is given up once, and nothing follows', () => {
  const lines: string[] = [];
  let tooLong = 0;
  const split = createLineSplitter({
    maxBytes: 4,
    onLine: (line) => lines.push(line.toString()),
    onTooLong: () => (tooLong += 1),
  });
  for (const piece of ['ok\n', '123', '45', '\nmore\n']) split(Buffer.from(piece));
  expect(lines).toEqual(['ok']);
  expect(tooLong).toBe(1);
});
