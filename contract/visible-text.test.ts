import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hasHidden, looksLike, skeletonOf, visibleParts, visibleText, warningsOf } from './visible-text.ts';

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

test('a capped text is never longer than its cap, never cut inside a character or a name, and hides nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 60 }), (text, max) => {
      const shown = visibleText(text, '', max);
      expect(shown.length).toBeLessThanOrEqual(max);
      expect(hasHidden(shown)).toBe(false);
      if (shown !== visibleText(text)) expect(shown.endsWith('…')).toBe(true);
      expect(shown).not.toMatch(/⟦(?:U(?:\+[0-9A-F]*)?)?…$/u);
    }),
    { numRuns: 2000 },
  );
});

test.each([
  ['pаypal', 'paypal', 'a Cyrillic a among Latin letters'],
  ['рор', 'pop', 'all Cyrillic, yet it reads as a Latin word'],
  ['ｇｉｔｈｕｂ', 'github', 'full-width letters'],
  ['gοοgle', 'google', 'Greek omicrons'],
  ['src∕index', 'src/index', 'a slash that parts nothing'],
  ['−−force', '--force', 'minus signs for hyphens'],
])('%s is taken for %s: %s', (word, like) => {
  expect(looksLike(word)).toBe(like);
});

test.each([
  'paypal',
  'größe',
  'naïve',
  '日本語',
  'русский',
  'ελληνικά',
  'עברית',
  'src',
  '--flag',
  'file(1).txt',
])('an honest word is left in peace: %s', (word) => {
  expect(looksLike(word)).toBeNull();
});

test('ASCII is its own skeleton', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) => {
      expect(skeletonOf(text)).toBe(text);
    }),
  );
});

test('an action is warned about wherever its text deceives, and not where it does not', () => {
  const plain = {
    exec: {
      argv: ['git', 'push', 'line\nline'],
      cwd: '.',
      sandbox: 'ws' as const,
      binarySha256: null,
      envNames: ['CI'],
      envSha256: null,
      cwdIdentity: null,
    },
    paths: ['src/größe.ts'],
    writes: [],
    net: ['example.com'],
    tool: null,
  };
  expect(warningsOf(plain)).toEqual([]);
  const bad = {
    ...plain,
    exec: { ...plain.exec, argv: ['rm', 'a\u202Etxt.exe'] },
    paths: ['src/іndex.ts'],
    net: ['xn--pypal-4ve.com', 'gіthub.com:443'],
    tool: { name: 'br\u200Bowser', inputSha256: '0'.repeat(64) },
  };
  expect(warningsOf(bad).map(({ kind, where }) => `${where} ${kind}`)).toEqual([
    'command hidden',
    'path lookalike',
    'host encoded-host',
    'host lookalike',
    'tool hidden',
  ]);
  expect(warningsOf(bad)[1]).toMatchObject({ like: 'index', letters: 'U+0456' });
  for (const warning of warningsOf(bad)) expect(hasHidden(warning.text)).toBe(false);
});
