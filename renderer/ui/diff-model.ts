export interface DiffLine {
  readonly sign: ' ' | '+' | '-';
  readonly text: string;
  /** Line numbers in the old and the new text, from 1; null where the line is not in it. */
  readonly before: number | null;
  readonly after: number | null;
}

export type DiffRow = DiffLine | { readonly sign: '…'; readonly skipped: number };

export interface DiffModel {
  readonly rows: readonly DiffRow[];
  readonly added: number;
  readonly removed: number;
}

const CONTEXT = 3;
/** Above this many cells the middle is shown as replaced whole: the page stays quick, and nothing is left out. */
const MOST_CELLS = 4_000_000;

/** @param oldText null for a new file */
export function diffModel(oldText: string | null, newText: string): DiffModel {
  const before = linesOf(oldText ?? '');
  const after = linesOf(newText);
  const lines = diffLines(before, after);
  return {
    rows: folded(lines),
    added: lines.filter((line) => line.sign === '+').length,
    removed: lines.filter((line) => line.sign === '-').length,
  };
}

/** Reads a unified diff as an agent sent it; lines that are no change are context. */
export function unifiedDiffModel(diff: string): DiffModel {
  let before = 0;
  let after = 0;
  const rows: DiffRow[] = [];
  for (const text of linesOf(diff)) {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(text);
    if (hunk) {
      const skipped = Number(hunk[1]) - before - 1;
      if (skipped > 0) rows.push({ sign: '…', skipped });
      before = Number(hunk[1]) - 1;
      after = Number(hunk[2]) - 1;
    } else if (/^(--- |\+\+\+ |diff |index )/.test(text) && before === 0 && after === 0) {
      continue;
    } else if (text.startsWith('+'))
      rows.push({ sign: '+', text: text.slice(1), before: null, after: ++after });
    else if (text.startsWith('-'))
      rows.push({ sign: '-', text: text.slice(1), before: ++before, after: null });
    else rows.push({ sign: ' ', text: text.replace(/^ /, ''), before: ++before, after: ++after });
  }
  const count = (sign: DiffRow['sign']) => rows.filter((row) => row.sign === sign).length;
  return { rows, added: count('+'), removed: count('-') };
}

/** A last line without a line feed is another line than the same one with it: the difference is what is approved. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push(`${lines.pop() ?? ''} ␄ no line feed at the end`);
  return lines;
}

function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const rest = Math.min(before.length, after.length) - start;
  while (end < rest && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const same = (from: number, to: number, shift: number) =>
    before
      .slice(from, to)
      .map((text, i) => ({ sign: ' ' as const, text, before: from + i + 1, after: from + i + 1 + shift }));
  return [
    ...same(0, start, 0),
    ...middle(before.slice(start, before.length - end), after.slice(start, after.length - end), start),
    ...same(before.length - end, before.length, after.length - before.length),
  ];
}

/** Longest common subsequence by dynamic programming: exact, and the middle of an edit is small. */
function middle(before: readonly string[], after: readonly string[], offset: number): DiffLine[] {
  const width = after.length + 1;
  if (before.length * after.length > MOST_CELLS) return replacedWhole(before, after, offset);
  const longest = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number) => longest[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      longest[i * width + j] =
        before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const [old = '', next = ''] = [before[i], after[j]];
    if (i < before.length && j < after.length && old === next) {
      lines.push({ sign: ' ', text: old, before: offset + ++i, after: offset + ++j });
    } else if (i < before.length && (j === after.length || at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ sign: '-', text: old, before: offset + ++i, after: null });
    } else {
      lines.push({ sign: '+', text: next, before: null, after: offset + ++j });
    }
  }
  return lines;
}

function replacedWhole(before: readonly string[], after: readonly string[], offset: number): DiffLine[] {
  return [
    ...before.map((text, i) => ({ sign: '-' as const, text, before: offset + i + 1, after: null })),
    ...after.map((text, i) => ({ sign: '+' as const, text, before: null, after: offset + i + 1 })),
  ];
}

/** Replaces long runs of unchanged lines by their number. */
function folded(lines: readonly DiffLine[]): DiffRow[] {
  const shown = new Set<number>();
  lines.forEach((line, i) => {
    if (line.sign === ' ') return;
    for (let near = i - CONTEXT; near <= i + CONTEXT; near++) shown.add(near);
  });
  const rows: DiffRow[] = [];
  let skipped = 0;
  lines.forEach((line, i) => {
    if (shown.has(i)) {
      if (skipped > 0) rows.push({ sign: '…', skipped });
      skipped = 0;
      rows.push(line);
    } else skipped += 1;
  });
  if (skipped > 0) rows.push({ sign: '…', skipped });
  return rows;
}
