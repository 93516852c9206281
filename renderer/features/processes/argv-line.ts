/**
 * Splits what a person typed into tokens the way it reads: spaces part, quotes join. There is no shell behind it, so
 * `$`, `|`, `;` and `*` are letters like any others; the form shows the tokens before anything starts.
 * @returns null while a quote is still open
 */
export function argvOf(line: string): string[] | null {
  const tokens: string[] = [];
  let token: string | null = null;
  let quote: string | null = null;
  for (const character of line) {
    if (quote !== null) {
      if (character === quote) quote = null;
      else token = (token ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      token ??= '';
    } else if (/\s/.test(character)) {
      if (token !== null) tokens.push(token);
      token = null;
    } else token = (token ?? '') + character;
  }
  if (quote !== null) return null;
  if (token !== null) tokens.push(token);
  return tokens;
}
