import { expect, test } from 'vitest';
import { motion, palettes, radii, spacing, targets, toneColours, type } from './tokens.ts';
import type { Palette, ThemeName, Tone } from './tokens.ts';

/** Relative luminance of `#rrggbb` as WCAG 2.2 defines it. */
function luminance(colour: string): number {
  const channel = (offset: number): number => {
    const value = Number.parseInt(colour.slice(offset, offset + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

const names = Object.keys(palettes) as ThemeName[];
const plain: (keyof Palette)[] = ['background', 'surface', 'surfaceStrong'];
const words: (keyof Palette)[] = ['text', 'textMuted', 'accent', 'ok', 'warning', 'danger', 'info'];
const tones: Tone[] = ['neutral', 'ok', 'info', 'warning', 'danger'];

function textPairs(palette: Palette): [string, string, string][] {
  const pairs: [string, string, string][] = plain.flatMap((back) =>
    words.map((word): [string, string, string] => [`${word} on ${back}`, palette[word], palette[back]]),
  );
  for (const tone of tones) {
    const colours = toneColours(palette, tone);
    pairs.push([`tone ${tone}`, colours.text, colours.surface]);
    pairs.push([`text on tone ${tone}`, palette.text, colours.surface]);
  }
  pairs.push(['onAccent', palette.onAccent, palette.accent], ['onDanger', palette.onDanger, palette.danger]);
  pairs.push(
    ['code', palette.codeText, palette.codeSurface],
    ['codeMuted', palette.codeMuted, palette.codeSurface],
  );
  for (const word of ['accent', 'ok', 'warning', 'danger'] as const) {
    pairs.push([`${word} on code`, palette[word], palette.codeSurface]);
    pairs.push([`${word} on a line that was found`, palette[word], palette.infoSurface]);
  }
  pairs.push(['added', palette.addedText, palette.addedSurface]);
  pairs.push(['removed', palette.removedText, palette.removedSurface]);
  return pairs;
}

test.each(names)('every text of the %s palette can be read on what it stands on', (name) => {
  const least = name.startsWith('contrast') ? 7 : 4.5;
  const weak = textPairs(palettes[name]).filter(([, text, back]) => contrast(text, back) < least);
  expect(weak.map(([label, text, back]) => `${label} ${contrast(text, back).toFixed(2)}`)).toEqual([]);
});

test.each(names)('controls and focus of the %s palette stand out at 3:1', (name) => {
  const palette = palettes[name];
  for (const back of ['background', 'surface'] as const) {
    expect(contrast(palette.borderStrong, palette[back])).toBeGreaterThanOrEqual(3);
    expect(contrast(palette.focus, palette[back])).toBeGreaterThanOrEqual(3);
  }
});

test('every colour is an opaque six-digit hex value', () => {
  const colours = Object.values(palettes).flatMap((palette) => Object.values(palette) as string[]);
  expect(colours.filter((colour) => !/^#[0-9a-f]{6}$/.test(colour))).toEqual([]);
});

test('distances, corners, line heights and targets stay on the 4-point grid', () => {
  const lengths = [
    ...Object.values(spacing),
    ...Object.values(targets),
    ...Object.values(type).map((t) => t.line),
  ];
  expect(lengths.filter((length) => length % 4 !== 0)).toEqual([]);
  expect([radii.sm, radii.md, radii.lg].filter((radius) => radius % 4 !== 0)).toEqual([]);
});

test('no motion lasts 150 milliseconds or more', () => {
  expect(Math.max(...Object.values(motion))).toBeLessThan(150);
});
