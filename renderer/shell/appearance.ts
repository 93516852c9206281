import { createStore } from 'zustand/vanilla';
import {
  fonts,
  motion,
  palettes,
  radii,
  spacing,
  type,
  type Palette,
  type ThemeName,
} from '../../contract/design/tokens.ts';

export interface Appearance {
  readonly scheme: 'system' | 'light' | 'dark';
  readonly contrast: 'system' | 'high';
  readonly motion: 'system' | 'reduced';
}

/** What the operating system asks for. */
export interface SystemWishes {
  readonly dark: boolean;
  readonly highContrast: boolean;
  readonly reducedMotion: boolean;
}

const KEY = 'signalbox.appearance';
const standard: Appearance = { scheme: 'system', contrast: 'system', motion: 'system' };

export const appearanceStore = createStore<Appearance>(() => standard);

export function themeOf(
  appearance: Appearance,
  system: SystemWishes,
): { theme: ThemeName; dark: boolean; still: boolean } {
  const dark = appearance.scheme === 'system' ? system.dark : appearance.scheme === 'dark';
  const high = appearance.contrast === 'high' || system.highContrast;
  const theme = high ? (dark ? 'contrastDark' : 'contrastLight') : dark ? 'dark' : 'light';
  return { theme, dark, still: appearance.motion === 'reduced' || system.reducedMotion };
}

/** Reads what was chosen; anything else than a choice counts as not chosen. */
export function parseAppearance(text: string | null): Appearance {
  try {
    const value = JSON.parse(text ?? '{}') as Partial<Record<keyof Appearance, unknown>> | null;
    return {
      scheme: value?.scheme === 'light' || value?.scheme === 'dark' ? value.scheme : 'system',
      contrast: value?.contrast === 'high' ? 'high' : 'system',
      motion: value?.motion === 'reduced' ? 'reduced' : 'system',
    };
  } catch {
    return standard;
  }
}

/** The tokens as custom properties: `--sb-text-muted`, `--sb-space-md`, `--sb-size-body` … */
export function customProperties(theme: ThemeName, still: boolean): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const [name, colour] of Object.entries(palettes[theme]) as [keyof Palette, string][]) {
    properties[`--sb-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`] = colour;
  }
  for (const [name, size] of Object.entries(spacing)) properties[`--sb-space-${name}`] = `${size}px`;
  for (const [name, size] of Object.entries(radii)) properties[`--sb-radius-${name}`] = `${size}px`;
  for (const [name, { size, line }] of Object.entries(type)) {
    properties[`--sb-size-${name}`] = `${size}px`;
    properties[`--sb-line-${name}`] = `${line}px`;
  }
  properties['--sb-font'] = fonts.text;
  properties['--sb-font-code'] = fonts.code;
  properties['--sb-motion'] = `${still ? motion.none : motion.quick}ms`;
  return properties;
}

/** Follows the choice and the system; sets properties one by one, which a strict content policy allows. */
export function startAppearance(page: Window, onTheme: (dark: boolean) => void): void {
  const queries = {
    dark: page.matchMedia('(prefers-color-scheme: dark)'),
    highContrast: page.matchMedia('(prefers-contrast: more)'),
    reducedMotion: page.matchMedia('(prefers-reduced-motion: reduce)'),
  };
  function apply(): void {
    const { theme, dark, still } = themeOf(appearanceStore.getState(), {
      dark: queries.dark.matches,
      highContrast: queries.highContrast.matches,
      reducedMotion: queries.reducedMotion.matches,
    });
    const root = page.document.documentElement;
    for (const [name, value] of Object.entries(customProperties(theme, still)))
      root.style.setProperty(name, value);
    root.style.colorScheme = dark ? 'dark' : 'light';
    root.dataset['theme'] = theme;
    onTheme(dark);
  }
  appearanceStore.setState(parseAppearance(readStored(page, KEY)));
  appearanceStore.subscribe((appearance) => {
    writeStored(page, KEY, JSON.stringify(appearance));
    apply();
  });
  for (const query of Object.values(queries)) query.addEventListener('change', apply);
  apply();
}

/** Storage may be switched off; then a choice lasts as long as the window. */
export function readStored(page: Window, key: string): string | null {
  try {
    return page.localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function writeStored(page: Window, key: string, value: string): void {
  try {
    page.localStorage.setItem(key, value);
  } catch {
    // Nothing to do: the choice is in effect, it is only not remembered.
  }
}
