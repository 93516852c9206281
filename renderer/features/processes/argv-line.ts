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

/** The line that {@link argvOf} reads as these tokens: only what would part or join is put into quotes. Pure. */
export function lineOf(argv: readonly string[]): string {
  return argv.map(quoted).join(' ');
}

function quoted(token: string): string {
  if (token !== '' && !/[\s"']/.test(token)) return token;
  if (!token.includes('"')) return `"${token}"`;
  if (!token.includes("'")) return `'${token}'`;
  // No quote can stand between its own kind: pieces with one kind each, one right after the other.
  return token
    .split(/("+)/)
    .filter((piece) => piece !== '')
    .map((piece) => (piece.startsWith('"') ? `'${piece}'` : `"${piece}"`))
    .join('');
}
