// Names, titles and output come from agents and clients. In a terminal, control characters are commands.
const COLOUR = /\u001b\[[0-9;]{0,32}m/g;
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const LINE_BREAKS = /[\n\t]/g;

/** Text on several lines with nothing in it that a terminal obeys. Pure. */
export function plainText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(COLOUR, '').replace(UNSAFE, '\ufffd');
}

/** The same on one line, shortened to `max` characters. Pure. */
export function plainLine(text: string, max = 200): string {
  const line = [...plainText(text).replace(LINE_BREAKS, ' ')];
  return line.length > max ? `${line.slice(0, max - 1).join('')}…` : line.join('');
}

/** A table without a frame; the last column is not padded. Pure. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((row) => row.map((cell) => plainLine(cell)));
  const widths = head.map((_, column) => Math.max(...lines.map((line) => [...(line[column] ?? '')].length)));
  const pad = (cell: string, width: number) => cell + ' '.repeat(width - [...cell].length);
  return lines
    .map((line) =>
      line
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Facts one below the other. Pure. */
export function facts(entries: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, value]) => `${name.padEnd(width)}  ${plainLine(value, 2000)}`).join('\n');
}
