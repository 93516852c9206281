export type Block =
  | { readonly kind: 'code'; readonly lines: readonly string[] }
  | { readonly kind: 'heading' | 'text' | 'item'; readonly text: string };

function plain(line: string): Block {
  const heading = /^#{1,6}\s+(.+)$/.exec(line)?.[1];
  if (heading !== undefined) return { kind: 'heading', text: heading };
  const item = /^\s*[-*]\s+(.+)$/.exec(line)?.[1];
  return item === undefined ? { kind: 'text', text: line } : { kind: 'item', text: `• ${item}` };
}

/** Without the empty lines at its end, which would be room below the code. */
function codeBlock(lines: readonly string[]): Block {
  const last = lines.findLastIndex((line) => line.trim() !== '');
  return { kind: 'code', lines: lines.slice(0, last + 1) };
}

/** A little of Markdown: fenced code, headings and list items; everything else stays text, empty lines are dropped. */
export function readBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let code: string[] | undefined;
  for (const line of text.split(/\r?\n/)) {
    const fence = /^\s*```/.test(line);
    if (fence && code) {
      blocks.push(codeBlock(code));
      code = undefined;
    } else if (fence) code = [];
    else if (code) code.push(line);
    else if (line.trim() !== '') blocks.push(plain(line));
  }
  if (code && code.length > 0) blocks.push(codeBlock(code));
  return blocks;
}
