import { visibleText } from '../../contract/visible-text.ts';

// ECMA-48: OSC, DCS, SOS, PM and APC strings up to their end (or the end of the line), CSI sequences, two-character
// escapes; each also in its one-byte C1 form. A sequence that was cut off takes the rest of the line with it.
const STRINGS =
  /(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u009C|\u001B\\|$)?/g;
const CSI = /(?:\u001B\[|\u009B)[0-?]*[ -/]*(?:[@-~]|$)/g;
const SHORT = /\u001B[ -/]*[0-~]?/g;

/** The longest line that is kept; the rest is counted, not shown. In UTF-16 units. */
export const LONGEST_LINE = 4096;

/**
 * One line of a terminal as plain text: escape sequences are dropped, a carriage return starts the line over (progress
 * bars), a tab is two spaces, and every other control or invisible character is named.
 */
export function plainLine(line: string): string {
  const clipped = line.length > LONGEST_LINE * 4 ? line.slice(0, LONGEST_LINE * 4) : line;
  const stripped = clipped.replace(STRINGS, '').replace(CSI, '').replace(SHORT, '');
  const text = visibleText(lastWritten(stripped).replaceAll('\t', '  '));
  if (text.length <= LONGEST_LINE && clipped.length === line.length) return text;
  return `${text.slice(0, LONGEST_LINE)} … ${line.length - Math.min(text.length, LONGEST_LINE)} more characters`;
}

function lastWritten(line: string): string {
  const pieces = line.split('\r').filter((piece) => piece !== '');
  return pieces.at(-1) ?? '';
}
