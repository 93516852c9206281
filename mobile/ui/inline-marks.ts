/** A piece of a line of text: how it is written, never where it leads. */
export interface Span {
  readonly kind: 'plain' | 'bold' | 'code';
  readonly text: string;
}

// Code first: nothing in it is anything else. Marks that stand alone, as in 2 ** 3, are text.
const MARKS = /`([^`\n]+)`|\*\*(?=\S)([^*\n]*\S)\*\*|__(?=\S)([^_\n]*\S)__/g;

/** A little of Markdown within a line: code and bold; everything else, links included, stays the text that it is. */
export function readSpans(line: string): Span[] {
  const spans: Span[] = [];
  let end = 0;
  for (const found of line.matchAll(MARKS)) {
    if (found.index > end) spans.push({ kind: 'plain', text: line.slice(end, found.index) });
    const [whole, code, ...bold] = found;
    if (code !== undefined) spans.push({ kind: 'code', text: code });
    else spans.push({ kind: 'bold', text: bold.find((text) => text !== undefined) ?? whole });
    end = found.index + whole.length;
  }
  if (end < line.length) spans.push({ kind: 'plain', text: line.slice(end) });
  return spans;
}
