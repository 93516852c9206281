import { expect, test } from 'vitest';
import { customProperties, parseAppearance, themeOf } from './appearance.ts';

const system = { dark: true, highContrast: false, reducedMotion: false };

test('what was chosen wins over the system, and what was not follows it', () => {
  expect(themeOf(parseAppearance(null), system).theme).toBe('dark');
  expect(themeOf(parseAppearance('{"scheme":"light"}'), system).theme).toBe('light');
  expect(themeOf(parseAppearance('{"scheme":"light","contrast":"high"}'), system).theme).toBe(
    'contrastLight',
  );
  expect(themeOf(parseAppearance(null), { ...system, highContrast: true }).theme).toBe('contrastDark');
});

test('a damaged choice counts as none', () => {
  for (const text of ['{', 'null', '[]', '{"scheme":"url(x)"}'])
    expect(parseAppearance(text).scheme).toBe('system');
});

test('reduced motion takes every duration away', () => {
  expect(customProperties('light', true)['--sb-motion']).toBe('0ms');
  expect(customProperties('light', false)['--sb-motion']).not.toBe('0ms');
});
