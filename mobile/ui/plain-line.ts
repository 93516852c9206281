import { visible } from './code.tsx';

/** More characters of one line than this are not drawn on a phone. */
const LONGEST = 2000;

// ECMA-48: control sequences (colours, cursor), strings ended by BEL or ST (titles, links), and the short ones.
const SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]P^_X][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])/g;

export interface PlainLine {
  readonly text: string;
  /** There is more of it than is shown. */
  readonly cut: boolean;
}

/** A carriage return starts the line over. */
function lastWritten(line: string): string {
  const written = line.replace(/\r+$/, '');
  return written.slice(written.lastIndexOf('\r') + 1);
}

/** A line of a terminal as text: what only moves or colours is left out, what is hidden is named, a tab is four blanks. */
export function plainLine(line: string): PlainLine {
  const bare = lastWritten(line.replaceAll(SEQUENCES, '')).replaceAll('\t', '    ');
  return { text: visible(bare.slice(0, LONGEST)), cut: bare.length > LONGEST };
}
