/**
 * Design tokens: the one source of colour, spacing, type and shape for the dashboard and the phone.
 * Plain data, no framework. Every text colour keeps at least 4.5:1 against the surfaces it is used on
 * (WCAG 2.2, 1.4.3); the high-contrast palettes keep 7:1. `tokens.test.ts` measures it.
 */

/** One complete set of colours, each an opaque `#rrggbb`. */
export interface Palette {
  /** Behind everything. */
  readonly background: string;
  /** Cards, bars, rows. */
  readonly surface: string;
  /** A control or row that is pressed, selected or hovered; also input fields. */
  readonly surfaceStrong: string;
  /** Lines that only separate. */
  readonly border: string;
  /** Lines that a control needs in order to be recognised (3:1 against its surroundings). */
  readonly borderStrong: string;
  readonly text: string;
  readonly textMuted: string;
  /** The single accent: links, the primary action, selection. */
  readonly accent: string;
  /** Text on a filled accent. */
  readonly onAccent: string;
  /** Running, allowed, healthy. */
  readonly ok: string;
  readonly okSurface: string;
  /** Waits for a person; exposed to the outside. */
  readonly warning: string;
  readonly warningSurface: string;
  /** Failed, denied, dangerous. */
  readonly danger: string;
  readonly dangerSurface: string;
  /** Text on a filled danger colour. */
  readonly onDanger: string;
  readonly info: string;
  readonly infoSurface: string;
  /** Code, diffs, logs. */
  readonly codeSurface: string;
  readonly codeText: string;
  readonly codeMuted: string;
  readonly addedSurface: string;
  readonly addedText: string;
  readonly removedSurface: string;
  readonly removedText: string;
  /** The ring around what has keyboard focus (3:1). */
  readonly focus: string;
}

export type ThemeName = 'light' | 'dark' | 'contrastLight' | 'contrastDark';

const light: Palette = {
  background: '#f4f5f7',
  surface: '#ffffff',
  surfaceStrong: '#e8ebef',
  border: '#d5dae1',
  borderStrong: '#7b8594',
  text: '#171b21',
  textMuted: '#525c69',
  accent: '#1c5cab',
  onAccent: '#ffffff',
  ok: '#1a6b3c',
  okSurface: '#e3f3e9',
  warning: '#7d4f00',
  warningSurface: '#fbefd5',
  danger: '#a8261f',
  dangerSurface: '#fbe7e5',
  onDanger: '#ffffff',
  info: '#1c5691',
  infoSurface: '#e4eef9',
  codeSurface: '#eef0f3',
  codeText: '#1d232b',
  codeMuted: '#56606c',
  addedSurface: '#ddf2e3',
  addedText: '#12502b',
  removedSurface: '#fbe3e1',
  removedText: '#86201a',
  focus: '#1c5cab',
};

const dark: Palette = {
  background: '#12161b',
  surface: '#1b2027',
  surfaceStrong: '#29303a',
  border: '#323b46',
  borderStrong: '#78838f',
  text: '#e9edf2',
  textMuted: '#a4afbc',
  accent: '#7fb2f0',
  onAccent: '#0b1a2c',
  ok: '#7bcf9a',
  okSurface: '#173325',
  warning: '#edbd5d',
  warningSurface: '#392b10',
  danger: '#f79b92',
  dangerSurface: '#431d1a',
  onDanger: '#2a0907',
  info: '#8fc0f2',
  infoSurface: '#172c42',
  codeSurface: '#0e1216',
  codeText: '#e1e7ee',
  codeMuted: '#9ca7b4',
  addedSurface: '#12301f',
  addedText: '#a5e3bb',
  removedSurface: '#3c1917',
  removedText: '#fbbdb6',
  focus: '#7fb2f0',
};

const contrastLight: Palette = {
  background: '#ffffff',
  surface: '#ffffff',
  surfaceStrong: '#e6e6e6',
  border: '#4a4a4a',
  borderStrong: '#000000',
  text: '#000000',
  textMuted: '#2b2b2b',
  accent: '#003a80',
  onAccent: '#ffffff',
  ok: '#00421d',
  okSurface: '#ffffff',
  warning: '#4d2f00',
  warningSurface: '#ffffff',
  danger: '#750a05',
  dangerSurface: '#ffffff',
  onDanger: '#ffffff',
  info: '#003a70',
  infoSurface: '#ffffff',
  codeSurface: '#ffffff',
  codeText: '#000000',
  codeMuted: '#2b2b2b',
  addedSurface: '#e2ffec',
  addedText: '#003316',
  removedSurface: '#ffeceb',
  removedText: '#5e0602',
  focus: '#003a80',
};

const contrastDark: Palette = {
  background: '#000000',
  surface: '#000000',
  surfaceStrong: '#2a2a2a',
  border: '#b5b5b5',
  borderStrong: '#ffffff',
  text: '#ffffff',
  textMuted: '#dedede',
  accent: '#a8d1ff',
  onAccent: '#000000',
  ok: '#9ff5bf',
  okSurface: '#000000',
  warning: '#ffdb8a',
  warningSurface: '#000000',
  danger: '#ffc2bc',
  dangerSurface: '#000000',
  onDanger: '#000000',
  info: '#b8dcff',
  infoSurface: '#000000',
  codeSurface: '#000000',
  codeText: '#ffffff',
  codeMuted: '#dedede',
  addedSurface: '#00260f',
  addedText: '#b8ffd0',
  removedSurface: '#330503',
  removedText: '#ffd6d2',
  focus: '#ffffff',
};

export const palettes: Readonly<Record<ThemeName, Palette>> = { light, dark, contrastLight, contrastDark };

/** Distances in points (phone) or CSS pixels (dashboard); multiples of 4. */
export const spacing = { none: 0, xs: 4, sm: 8, md: 12, lg: 16, xl: 24, xxl: 32, xxxl: 48 } as const;

export const radii = { none: 0, sm: 4, md: 8, lg: 12, pill: 999 } as const;

/** Sizes of type with the height of a line, in points or CSS pixels; line heights stay on the 4-point grid. */
export const type = {
  caption: { size: 12, line: 16, weight: '400' },
  /** Rows and controls of the dashboard, where a pointer is at hand. */
  dense: { size: 14, line: 20, weight: '400' },
  body: { size: 15, line: 20, weight: '400' },
  bodyStrong: { size: 15, line: 20, weight: '600' },
  heading: { size: 17, line: 24, weight: '600' },
  title: { size: 22, line: 28, weight: '700' },
  display: { size: 40, line: 48, weight: '700' },
  code: { size: 13, line: 20, weight: '400' },
} as const;

export type TypeName = keyof typeof type;

/** The system's own faces: nothing is downloaded. Monospace is for code only. */
export const fonts = {
  text: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  code: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
} as const;

/** Durations in milliseconds. Use `none` wherever reduced motion is asked for. */
export const motion = { none: 0, quick: 80, normal: 140 } as const;

/** The least size of anything a finger (phone) or a pointer (dashboard) has to hit. */
export const targets = { touch: 44, pointer: 28 } as const;

/** The tones a state can have. A tone is never shown without an icon and a word. */
export type Tone = 'neutral' | 'ok' | 'info' | 'warning' | 'danger';

/** Foreground and background of a tone within a palette; every pair keeps the text contrast. */
export function toneColours(
  palette: Palette,
  tone: Tone,
): { readonly text: string; readonly surface: string } {
  switch (tone) {
    case 'ok':
      return { text: palette.ok, surface: palette.okSurface };
    case 'info':
      return { text: palette.info, surface: palette.infoSurface };
    case 'warning':
      return { text: palette.warning, surface: palette.warningSurface };
    case 'danger':
      return { text: palette.danger, surface: palette.dangerSurface };
    case 'neutral':
      return { text: palette.textMuted, surface: palette.surfaceStrong };
  }
}
