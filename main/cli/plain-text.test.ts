import fc from 'fast-check';
import { expect, test } from 'vitest';
import { halfBlocks } from './qr-text.ts';
import { plainLine, plainText, table } from './plain-text.ts';

test('no text of an agent can command the terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(plainText(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/u);
      expect(plainLine(text)).not.toMatch(/[\n\t\u001b\u009b]/u);
    }),
  );
  expect(plainText('\u001b[31mred\u001b[0m')).toBe('red');
});

test('a table is aligned', () => {
  expect(table(['A', 'B'], [['long', 'x']])).toBe('A     B\nlong  x');
});

test('two rows of a QR code are one line', () => {
  expect(
    halfBlocks(
      [
        [true, false],
        [false, false],
        [true, true],
      ],
      false,
    ),
  ).toBe('▄█\n▄▄');
});
