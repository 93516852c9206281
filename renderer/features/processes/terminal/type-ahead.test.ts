import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTypeAhead } from './type-ahead.ts';

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('keys arrive in order and whole, however they are pressed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ unit: 'grapheme', maxLength: 5 })), async (keys) => {
      const sent: string[] = [];
      const type = createTypeAhead(
        async (text) => {
          await Promise.resolve();
          sent.push(text);
          return true;
        },
        () => expect.unreachable(),
      );
      for (const key of keys) type(key);
      await settled();
      expect(sent.join('')).toBe(keys.join(''));
    }),
  );
});

test('a long paste goes in pieces that cut no character', async () => {
  const sent: string[] = [];
  const type = createTypeAhead(
    (text) => Promise.resolve(sent.push(text) > 0),
    () => expect.unreachable(),
  );
  const text = `a${'😀'.repeat(100_000)}`;
  type(text);
  await settled();
  expect(sent.join('')).toBe(text);
  expect(sent.every((piece) => piece.length <= 65_536 && !/[\ud800-\udbff]$/.test(piece))).toBe(true);
});

test('what did not arrive takes what waits behind it along, and is told', async () => {
  const sent: string[] = [];
  let lost = 0;
  const type = createTypeAhead(
    (text) => Promise.resolve(sent.push(text) !== 1),
    () => (lost += 1),
  );
  type('rm -rf ');
  type('old\r');
  await settled();
  expect([sent, lost]).toEqual([['rm -rf '], 1]);
  type('ls\r');
  await settled();
  expect(sent).toEqual(['rm -rf ', 'ls\r']);
});
