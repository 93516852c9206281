/**
 * A small part of Markdown as plain data, for text that agents write. There is no HTML, no image and no live link in
 * it: whatever is not understood stays the text that it was.
 */
export type Inline =
  | { readonly kind: 'text' | 'code' | 'strong' | 'emphasis'; readonly text: string }
  /** Shown as its words and its address, never as something to click. */
  | { readonly kind: 'link'; readonly text: string; readonly address: string };

export type Block =
  | { readonly kind: 'paragraph'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'heading'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'quote'; readonly inlines: readonly Inline[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'list'; readonly ordered: boolean; readonly items: readonly (readonly Inline[])[] };

const ITEM = /^\s{0,8}(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const FENCE = /^\s{0,3}(`{3,}|~{3,})\s*([\w+-]{0,32})\s*$/;

export function markdownBlocks(text: string): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  let i = 0;
  while (i < lines.length) {
    const line = lines[i] ?? '';
    const fence = FENCE.exec(line);
    if (line.trim() === '') i += 1;
    else if (fence) {
      const end = closingFence(lines, i + 1, fence[1] ?? '```');
      blocks.push({ kind: 'code', language: fence[2] ?? '', text: lines.slice(i + 1, end).join('\n') });
      i = end + 1;
    } else if (/^#{1,6}\s/.test(line)) {
      blocks.push({ kind: 'heading', inlines: inlinesOf(line.replace(/^#+\s+/, '')) });
      i += 1;
    } else {
      const end = runEnd(lines, i);
      blocks.push(blockOf(lines.slice(i, end)));
      i = end;
    }
  }
  return blocks;
}

type Shape = 'item' | 'quote' | 'plain';
const shapeOf = (line: string): Shape =>
  ITEM.test(line) ? 'item' : /^\s{0,3}>/.test(line) ? 'quote' : 'plain';

function closingFence(lines: readonly string[], from: number, mark: string): number {
  for (let i = from; i < lines.length; i++) if ((lines[i] ?? '').trim().startsWith(mark)) return i;
  return lines.length;
}

function runEnd(lines: readonly string[], from: number): number {
  const shape = shapeOf(lines[from] ?? '');
  let end = from + 1;
  while (end < lines.length) {
    const line = lines[end] ?? '';
    if (line.trim() === '' || FENCE.test(line) || /^#{1,6}\s/.test(line)) break;
    // A line that is no item goes on with the item above it.
    if (shapeOf(line) !== shape && !(shape === 'item' && shapeOf(line) === 'plain')) break;
    end += 1;
  }
  return end;
}

function blockOf(lines: readonly string[]): Block {
  const first = lines[0] ?? '';
  if (shapeOf(first) === 'quote') {
    return {
      kind: 'quote',
      inlines: inlinesOf(lines.map((line) => line.replace(/^\s*>\s?/, '')).join('\n')),
    };
  }
  if (shapeOf(first) === 'plain') return { kind: 'paragraph', inlines: inlinesOf(lines.join('\n')) };
  const items: string[] = [];
  for (const line of lines) {
    const item = ITEM.exec(line);
    if (item) items.push(item[2] ?? '');
    else items.push(`${items.pop() ?? ''}\n${line.trim()}`);
  }
  return { kind: 'list', ordered: ITEM.exec(first)?.[1] !== undefined, items: items.map(inlinesOf) };
}

// No nested repetition: a hostile text takes time in proportion to its length.
const INLINE =
  /`([^`\n]{1,2000})`|\*\*([^*\n]{1,1000})\*\*|\*([^*\s][^*\n]{0,500})\*|\[([^\]\n]{1,500})\]\(([^)\s]{1,2000})\)/g;

function inlinesOf(text: string): Inline[] {
  const inlines: Inline[] = [];
  let last = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index > last) inlines.push({ kind: 'text', text: text.slice(last, match.index) });
    const [whole, code, strong, emphasis, words, address] = match;
    if (code !== undefined) inlines.push({ kind: 'code', text: code });
    else if (strong !== undefined) inlines.push({ kind: 'strong', text: strong });
    else if (emphasis !== undefined) inlines.push({ kind: 'emphasis', text: emphasis });
    else inlines.push({ kind: 'link', text: words ?? '', address: address ?? '' });
    last = match.index + whole.length;
  }
  if (last < text.length) inlines.push({ kind: 'text', text: text.slice(last) });
  return inlines;
}
