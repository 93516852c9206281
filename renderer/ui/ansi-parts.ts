import { visibleText } from '../../contract/visible-text.ts';
import { LONGEST_LINE } from './ansi.ts';

export type AnsiColour = 'red' | 'green' | 'yellow' | 'blue' | 'magenta' | 'cyan' | 'muted';

/** A piece of a line as it is drawn. Only the colour of letters and their weight: a background could hide them. */
export interface AnsiPart {
  readonly text: string;
  readonly colour: AnsiColour | null;
  readonly bold: boolean;
}

// Strings of ECMA-48 (OSC, DCS, SOS, PM, APC) up to their end or the end of the line; then CSI; then short escapes.
const STRINGS =
  /(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u009C|\u001B\\|$)?/g;
const CSI = /(?:\u001B\[|\u009B)([0-?]*)[ -/]*([@-~]|$)/g;
const SHORT = /\u001B[ -/]*[0-~]?/g;
const COLOURS: readonly (AnsiColour | null)[] = [
  ...['muted', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', null],
] as const;

/**
 * One line of a terminal, in parts of one colour. Sequences other than colours are dropped, a carriage return starts
 * the line over, a tab is two spaces, every other control or invisible character is named. Each line begins plain.
 */
export function ansiParts(line: string): AnsiPart[] {
  const clipped = lastWritten(line.slice(0, LONGEST_LINE * 4).replace(STRINGS, ''));
  const parts: AnsiPart[] = [];
  let look: Omit<AnsiPart, 'text'> = { colour: null, bold: false };
  let room = LONGEST_LINE;
  const add = (raw: string) => {
    const text = visibleText(raw.replace(SHORT, '').replaceAll('\t', '  ')).slice(0, room);
    room -= text.length;
    if (text !== '') parts.push({ ...look, text });
  };
  let at = 0;
  for (const hit of clipped.matchAll(CSI)) {
    add(clipped.slice(at, hit.index));
    at = hit.index + hit[0].length;
    if (hit[2] === 'm') look = select(look, hit[1] ?? '');
  }
  add(clipped.slice(at));
  return parts;
}

function lastWritten(line: string): string {
  const pieces = line.split('\r').filter((piece) => piece !== '');
  return pieces.at(-1) ?? '';
}

/** Select Graphic Rendition. Colours of 256 and of 24 bits are drawn as no colour: their parameters are passed over. */
function select(look: Omit<AnsiPart, 'text'>, parameters: string): Omit<AnsiPart, 'text'> {
  let next = look;
  const codes = parameters.split(/[;:]/).map(Number);
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) next = { colour: null, bold: false };
    else if (code === 1) next = { ...next, bold: true };
    else if (code === 2) next = { ...next, colour: 'muted' };
    else if (code === 22) next = { ...next, bold: false };
    else if (code >= 30 && code <= 37) next = { ...next, colour: COLOURS[code - 30] ?? null };
    else if (code >= 90 && code <= 97) next = { ...next, colour: COLOURS[code - 90] ?? null };
    else if (code === 39) next = { ...next, colour: null };
    else if (code === 38 || code === 48) {
      if (code === 38) next = { ...next, colour: null };
      at += codes[at + 1] === 5 ? 2 : 4;
    }
  }
  return next;
}
