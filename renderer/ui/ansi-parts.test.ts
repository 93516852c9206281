import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ansiParts } from './ansi-parts.ts';

const plain = { colour: null, bold: false };

test('colours of a line become parts, and end where they end', () => {
  expect(ansiParts('a \u001B[1;31mred\u001B[0m b\u001B[92mgreen\u001B[39m!')).toEqual([
    { text: 'a ', ...plain },
    { text: 'red', colour: 'red', bold: true },
    { text: ' b', ...plain },
    { text: 'green', colour: 'green', bold: false },
    { text: '!', ...plain },
  ]);
});

test('colours that cannot be drawn take no letters with them', () => {
  expect(ansiParts('\u001B[38;5;196mone\u001B[48;2;1;2;3mtwo\u001B[41mthree')).toEqual(
    ['one', 'two', 'three'].map((text) => ({ text, ...plain })),
  );
});

test('nothing but letters and named characters ever comes out, and no more than a line may hold', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.constantFrom('\u001B[', '\u001B]0;x\u0007', '\u009B31m', '\u202E', '\r', '\u001B[8m', '\u0000'),
        ),
      ),
      (pieces) => {
        const text = ansiParts(pieces.join(''))
          .map((part) => part.text)
          .join('');
        expect(text).not.toMatch(/[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u200B]/);
      },
    ),
  );
  expect(ansiParts('x'.repeat(100_000)).map(({ text }) => text.length)).toEqual([4096]);
});
