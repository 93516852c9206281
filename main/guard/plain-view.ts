/** A text as it reads, with the place in the original of every character. */
export interface PlainView {
  readonly text: string;
  /** `original[i]` is the index of `text[i]`; one entry more for the end. Null: the view is the original. */
  readonly original: Uint32Array | null;
}

// Terminal sequences, overstruck characters, control characters without a shape, and invisible characters: all of
// them can stand inside a token without being seen.
const unseen =
  /\x1b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[ -/]{0,4}[0-~])|\x9b[0-?]{0,64}[ -/]{0,8}[@-~]|[^\n\x08]\x08|[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]/g;

/** Without escape sequences and invisible characters. */
export function plainView(text: string): PlainView {
  unseen.lastIndex = 0;
  return unseen.test(text) ? without(text, unseen) : { text, original: null };
}

/** Lines that a terminal or a diff has broken are joined: after 72 columns or more, or at every diff marker. */
export function joinedView(text: string, diff: boolean): PlainView | null {
  if (!text.includes('\n')) return null;
  const broken = diff ? /\r?\n[+\- ]?/g : /(?<=[^\n]{72})\r?\n(?=\S)/g;
  broken.lastIndex = 0;
  return broken.test(text) ? without(text, broken) : null;
}

function without(text: string, expression: RegExp): PlainView {
  expression.lastIndex = 0;
  const original = new Uint32Array(text.length + 1);
  const parts: string[] = [];
  let length = 0;
  let from = 0;
  const keep = (to: number): void => {
    parts.push(text.slice(from, to));
    for (let index = from; index < to; index += 1) original[length++] = index;
  };
  for (const match of text.matchAll(expression)) {
    keep(match.index);
    from = match.index + match[0].length;
  }
  keep(text.length);
  original[length] = text.length;
  return { text: parts.join(''), original: original.subarray(0, length + 1) };
}

/** Where an incomplete escape sequence at the end of the text begins, else the length of the text. */
export function openEscape(text: string): number {
  const at = text.lastIndexOf('\x1b');
  if (at < 0 || text.length - at > 4096) return text.length;
  const back = text[at + 1] === '\\' ? text.lastIndexOf('\x1b', at - 1) : at;
  const begin = back < 0 ? at : back;
  unseen.lastIndex = begin;
  const match = unseen.exec(text);
  return match?.index === begin ? text.length : begin;
}
