import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LONGEST_LINE, plainLine } from './ansi.ts';

test.each([
  ['colours', '\u001B[1;31merror\u001B[0m: no', 'error: no'],
  ['a clipboard write (OSC 52)', 'a\u001B]52;c;c2VjcmV0\u0007b', 'ab'],
  [
    'a link (OSC 8), leaving its text',
    '\u001B]8;;https://evil.example\u001B\\click\u001B]8;;\u001B\\',
    'click',
  ],
  ['a window title', '\u001B]0;pwned\u0007prompt', 'prompt'],
  ['a string that never ends', 'ok\u001B]0;rest of the line', 'ok'],
  ['a sequence that was cut off', 'ok\u001B[38;5', 'ok'],
  ['a one-byte C1 sequence', 'a\u009B2Jb', 'ab'],
  ['a progress bar', '10%\r50%\r100%', '100%'],
  ['a Windows line end', 'done\r', 'done'],
  ['a backspace, which is named', 'ab\b', 'ab⟦U+0008⟧'],
])('%s', (_what, line, shown) => {
  expect(plainLine(line)).toBe(shown);
});

test('a line of a megabyte is cut and says so', () => {
  const shown = plainLine('x'.repeat(1_000_000));
  expect(shown.length).toBeLessThan(LONGEST_LINE + 40);
  expect(shown).toContain(`${1_000_000 - LONGEST_LINE} more characters`);
});

test('no line whatever leaves a control character behind', () => {
  const unit = fc.constantFrom(
    '\u001B',
    '[',
    ']',
    '0',
    ';',
    'm',
    '\u0007',
    '\u009B',
    '\\',
    'a',
    '\r',
    '\u202E',
  );
  fc.assert(
    fc.property(fc.string({ unit }), (line) => {
      expect(plainLine(line)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
    }),
  );
});
