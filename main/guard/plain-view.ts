/** A text as it reads, with the place in the original of every character. */
export interface PlainView {
  readonly text: string;
  /** The range in the original that a range of the view stands for; null: the view is the original. */
  readonly original: ((start: number, end: number) => { start: number; end: number }) | null;
}

// Terminal sequences, overstruck characters, control characters without a shape, and invisible characters: all of
// them can stand inside a token without being seen.
const unseen =
  /\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[ -/]{0,4}[0-~])|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]|[^\n\x08]\x08|[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/g;

/** Without escape sequences and invisible characters. */
export function plainView(text: string): PlainView {
  return (
    rewritten(
      text,
      cutsOf(text, unseen, () => ''),
    ) ?? { text, original: null }
  );
}

/** The same length, with a letter in the place of everything unseen: for questions about whitespace. */
export function masked(text: string): string {
  return text.replace(unseen, (match) => 'x'.repeat(match.length));
}

const TERMINAL_WIDTH = 72;

/** The lines that a terminal has broken after 72 columns or more, joined; null when there are none. */
export function joinedView(text: string): PlainView | null {
  const cuts: Cut[] = [];
  let from = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    const end = text[at - 1] === '\r' ? at - 1 : at;
    const isOpen = at + 1 < text.length && !isSpace(text.charCodeAt(at + 1));
    if (end - from >= TERMINAL_WIDTH && isOpen) cuts.push({ start: end, end: at + 1, by: '' });
    from = at + 1;
  }
  return rewritten(text, linesOf(text, cuts));
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13) || code === 0xa0;

/** One side of a diff, its lines joined: a token that the markers break is whole in it. */
export function diffSide(text: string, hidden: '+' | '-'): PlainView | null {
  const cuts: Cut[] = [];
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const stop = newline < 0 ? text.length : newline + 1;
    const first = text[at];
    const marker = first === '+' || first === '-' || first === ' ' ? 1 : 0;
    if (first === hidden) cuts.push({ start: at, end: stop, by: '' });
    else {
      if (marker > 0) cuts.push({ start: at, end: at + 1, by: '' });
      const end = newline > at && text[newline - 1] === '\r' ? newline - 1 : newline;
      if (newline >= 0) cuts.push({ start: end, end: stop, by: '' });
    }
    at = stop;
  }
  return rewritten(text, cuts);
}

const escapes = /%[0-9A-Fa-f]{2}|\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|["\\/nrt])/g;

/** The lines with URL or JSON escapes, decoded by one level; null when there are none. */
export function decodedView(text: string): PlainView | null {
  if (!text.includes('%') && !text.includes('\\')) return null;
  return rewritten(text, linesOf(text, cutsOf(text, escapes, decodeEscape)));
}

function decodeEscape(escape: string): string {
  if (escape.startsWith('%')) return String.fromCharCode(Number.parseInt(escape.slice(1), 16));
  const letter = escape.charAt(1);
  if (letter === 'u' || letter === 'x') return String.fromCharCode(Number.parseInt(escape.slice(2), 16));
  return letter === 'n' || letter === 'r' ? '\n' : letter === 't' ? '\t' : letter;
}

interface Cut {
  readonly start: number;
  readonly end: number;
  /** What stands there in the view: nothing, or one character. */
  readonly by: string;
}

function cutsOf(text: string, expression: RegExp, by: (match: string) => string): Cut[] {
  const cuts: Cut[] = [];
  for (const match of text.matchAll(expression)) {
    cuts.push({ start: match.index, end: match.index + match[0].length, by: by(match[0]) });
  }
  return cuts;
}

/** Leaves out the lines without a cut: they are judged in the text itself. No secret can contain what stands for them. */
function linesOf(text: string, cuts: readonly Cut[]): Cut[] {
  const all: Cut[] = [];
  let from = 0;
  let lineEnd = 0;
  const skip = (to: number): void => {
    if (to > from) all.push({ start: from, end: to, by: '\u0000' });
  };
  for (const cut of cuts) {
    if (cut.start >= lineEnd) {
      const lineStart = Math.max(lineEnd, cut.start === 0 ? 0 : text.lastIndexOf('\n', cut.start - 1) + 1);
      from = lineEnd;
      skip(lineStart);
    }
    if (cut.end > lineEnd) {
      const newline = text.indexOf('\n', cut.end);
      lineEnd = newline < 0 ? text.length : newline;
    }
    all.push(cut);
  }
  if (cuts.length > 0) {
    from = lineEnd;
    skip(text.length);
  }
  return all;
}

function rewritten(text: string, cuts: readonly Cut[]): PlainView | null {
  if (cuts.length === 0) return null;
  const parts: string[] = [];
  // Stretches of the view and where each begins in the original; of a replaced character also where it ends.
  const begins: number[] = [];
  const origins: number[] = [];
  const ends: number[] = [];
  let length = 0;
  let from = 0;
  const keep = (part: string, origin: number, end: number): void => {
    if (part === '') return;
    parts.push(part);
    begins.push(length);
    origins.push(origin);
    ends.push(end);
    length += part.length;
  };
  for (const { start, end, by } of cuts) {
    keep(text.slice(from, start), from, -1);
    keep(by, start, end);
    from = end;
  }
  keep(text.slice(from), from, -1);
  const stretch = (index: number): number => {
    let low = 0;
    let high = begins.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((begins[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return low;
  };
  const place = (index: number, at: number): number => (origins[at] ?? 0) + index - (begins[at] ?? 0);
  return {
    text: parts.join(''),
    original(start, end) {
      const last = stretch(end - 1);
      const replaced = ends[last] ?? -1;
      return { start: place(start, stretch(start)), end: replaced < 0 ? place(end - 1, last) + 1 : replaced };
    },
  };
}

// The beginning of a longer sequence also reads as a short one; while more may come it is not complete.
const unseenHere = new RegExp(
  `(?!\\x1b[\\[\\]PX^_]$)(?!\\x1b\\[[0-?]{0,64}[ -/]{0,8}$)(?!\\x1b[\\]PX^_][^\\x07\\x1b]{0,4096}\\x1b?$)(?:${unseen.source})`,
  'y',
);

/** Where an incomplete escape sequence at the end of the text begins, else the length of the text. */
export function openEscape(text: string): number {
  const at = text.lastIndexOf('\x1b');
  if (at < 0 || text.length - at > 4096) return text.length;
  const back = text[at + 1] === '\\' ? text.lastIndexOf('\x1b', at - 1) : at;
  const begin = back < 0 ? at : back;
  unseenHere.lastIndex = begin;
  return unseenHere.test(text) ? text.length : begin;
}
