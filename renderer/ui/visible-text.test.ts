import fc from 'fast-check';
import { expect, test } from 'vitest';
import { visibleParts, visibleText } from './visible-text.ts';

test('ordinary text of any language stays as it is', () => {
  for (const text of ['ls -la', 'größer', '日本語', 'עברית', '👍🏽', 'a\u0301'])
    expect(visibleText(text)).toBe(text);
});

test.each([
  ['a right-to-left override', 'rm \u202Etxt.exe', 'rm ⟦U+202E⟧txt.exe'],
  ['a zero-width space', 'pay\u200Bpal', 'pay⟦U+200B⟧pal'],
  ['an escape sequence', '\u001B[2Jok', '⟦U+001B⟧[2Jok'],
  ['a line feed inside one token', 'ls\nrm -rf /', 'ls⟦U+000A⟧rm -rf /'],
  ['a tag character', 'x\u{E0041}', 'x⟦U+E0041⟧'],
  ['a lone surrogate', 'x\uD800', 'x⟦U+D800⟧'],
  ['a Hangul filler', 'a\u3164b', 'a⟦U+3164⟧b'],
  ['a line separator', 'a\u2028b', 'a⟦U+2028⟧b'],
  ['a NUL', 'a\0b', 'a⟦U+0000⟧b'],
])('%s is named, not obeyed', (_what, text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test('line feeds can be kept for texts of several lines', () => {
  expect(visibleText('a\nb\r', '\n')).toBe('a\nb⟦U+000D⟧');
});

test('what was named is told apart from the same letters typed by hand', () => {
  expect(visibleParts('⟦U+202E⟧')).toEqual([{ kind: 'plain', text: '⟦U+202E⟧' }]);
  expect(visibleParts('\u202E')).toEqual([{ kind: 'named', text: '⟦U+202E⟧' }]);
});

test('no text whatever leaves a bidi, control or zero-width character behind, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const parts = visibleParts(text);
      for (const part of parts) expect(part.text).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      const named = parts.filter((part) => part.kind === 'named').length;
      const plain = parts.filter((part) => part.kind === 'plain').flatMap((part) => [...part.text]).length;
      expect(named + plain).toBe([...text].length);
    }),
  );
});
