// One token of JSON: a string, a number, a word, or a mark. White space between them carries nothing.
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/g;

/**
 * Whether a JSON text says nothing that its value, written out again, does not: no name twice in an object, no number
 * that JavaScript cannot hold, no order of names that it changes. Pure.
 * @param text valid JSON
 */
export function survivesRewriting(text: string, value: unknown): boolean {
  const before = text.match(TOKEN) ?? [];
  const after = JSON.stringify(value).match(TOKEN) ?? [];
  return before.length === after.length && before.every((token, at) => isSame(token, after[at] ?? ''));
}

function isSame(before: string, after: string): boolean {
  if (before === after) return true;
  if (before.startsWith('"')) return after.startsWith('"') && JSON.parse(before) === JSON.parse(after);
  return /^-?\d/.test(before) && isExact(before) && Number(before) === Number(after);
}

/** 1.0 and 1e3 are other ways to write what a number holds; 0.1234567890123456789 is not. */
function isExact(literal: string): boolean {
  const digits = literal
    .replace(/[eE].*$/, '')
    .replace(/[^\d]/g, '')
    .replace(/^0+|0+$/g, '');
  return digits.length <= 15 && Number.isFinite(Number(literal));
}

/** How a JSON text is laid out, so that it can be written again in the same way. Pure. */
export function layoutOf(text: string): { indent: string | number; end: string } {
  const indent = /^[{[]\r?\n([ \t]+)/.exec(text.trimStart())?.[1] ?? (text.includes('\n') ? 2 : 0);
  return { indent: text.trim() === '' ? 2 : indent, end: /\n\s*$/.test(text) || text === '' ? '\n' : '' };
}
