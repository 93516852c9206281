import type { FindLine } from './find-line.ts';

/** What of a line is looked at. A program that prints no line breaks must not fill the memory. */
const MAX_LINE = 8192;

/**
 * Looks for a line in text that arrives in pieces of any size. The unfinished last line counts too: a prompt has no
 * line break. Of a line longer than 8192 characters the beginning is looked at, then the rest in pieces.
 * @returns a function that takes the next piece and answers with the line that fits, or null
 */
export function createLineMatcher(find: FindLine): (text: string) => string | null {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split(/\r?\n/).flatMap(cut);
    rest = lines.at(-1) ?? '';
    // A full last piece was looked at; keeping it would make the next line longer than the bound.
    if (rest.length >= MAX_LINE) rest = '';
    return find(lines);
  };
}

function cut(line: string): string[] {
  if (line.length <= MAX_LINE) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += MAX_LINE) pieces.push(line.slice(at, at + MAX_LINE));
  return pieces;
}
