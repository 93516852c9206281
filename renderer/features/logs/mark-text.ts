export interface Mark {
  readonly text: string;
  readonly caseSensitive: boolean;
}

/** The text in pieces, those that were searched for marked. Pure. */
export function markText(text: string, { text: wanted, caseSensitive }: Mark) {
  const pieces: { text: string; isMarked: boolean }[] = [];
  if (wanted === '') return [{ text, isMarked: false }];
  const fold = (one: string) => (caseSensitive ? one : one.toLowerCase());
  const hay = fold(text);
  // Some letters change their length with their case: then places do not fit, and nothing is marked.
  if (hay.length !== text.length) return [{ text, isMarked: false }];
  let at = 0;
  for (let hit = hay.indexOf(fold(wanted)); hit !== -1; hit = hay.indexOf(fold(wanted), at)) {
    if (hit > at) pieces.push({ text: text.slice(at, hit), isMarked: false });
    at = hit + wanted.length;
    pieces.push({ text: text.slice(hit, at), isMarked: true });
  }
  if (at < text.length) pieces.push({ text: text.slice(at), isMarked: false });
  return pieces;
}
