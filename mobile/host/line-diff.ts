const CONTEXT = 3;
/** Above this many pairs of changed lines the middle is shown as removed and added as a whole. */
const MOST_PAIRS = 1_000_000;

interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
}

/** Lengths of the longest common subsequences of the ends of both lists, row by row. */
function commonLengths(before: readonly string[], after: readonly string[]): Uint32Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const [row, below] = [rows[i], rows[i + 1]];
    if (!row || !below) continue;
    for (let j = after.length - 1; j >= 0; j -= 1) {
      row[j] = before[i] === after[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  return rows;
}

function middleEdits(before: readonly string[], after: readonly string[]): Edit[] {
  const removed = (line: string): Edit => ({ sign: '-', line });
  const added = (line: string): Edit => ({ sign: '+', line });
  if (before.length * after.length > MOST_PAIRS) return [...before.map(removed), ...after.map(added)];
  const rows = commonLengths(before, after);
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < before.length && j < after.length) {
    const [left = '', right = ''] = [before[i], after[j]];
    if (left === right) {
      edits.push({ sign: ' ', line: left });
      i += 1;
      j += 1;
    } else if ((rows[i + 1]?.[j] ?? 0) >= (rows[i]?.[j + 1] ?? 0)) {
      edits.push(removed(left));
      i += 1;
    } else {
      edits.push(added(right));
      j += 1;
    }
  }
  return [...edits, ...before.slice(i).map(removed), ...after.slice(j).map(added)];
}

function allEdits(before: readonly string[], after: readonly string[]): Edit[] {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const same = (line: string): Edit => ({ sign: ' ', line });
  return [
    ...before.slice(0, start).map(same),
    ...middleEdits(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ];
}

function hunks(edits: readonly Edit[]): string[] {
  const near = edits.map((_, at) =>
    edits.slice(Math.max(0, at - CONTEXT), at + CONTEXT + 1).some((edit) => edit.sign !== ' '),
  );
  const lines: string[] = [];
  let [oldLine, newLine] = [1, 1];
  let at = 0;
  while (at < edits.length) {
    if (!near[at]) {
      oldLine += 1;
      newLine += 1;
      at += 1;
      continue;
    }
    let end = at;
    while (near[end]) end += 1;
    const part = edits.slice(at, end);
    const olds = part.filter((edit) => edit.sign !== '+').length;
    const news = part.filter((edit) => edit.sign !== '-').length;
    lines.push(
      `@@ -${String(olds && oldLine)},${String(olds)} +${String(news && newLine)},${String(news)} @@`,
    );
    lines.push(...part.map((edit) => edit.sign + edit.line));
    oldLine += olds;
    newLine += news;
    at = end;
  }
  return lines;
}

/** Lines of a text; a missing line break at its end is shown, since it is a difference too. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  return text.endsWith('\n')
    ? text.slice(0, -1).split('\n')
    : [...text.split('\n'), '\\ no line break at the end'];
}

/** A unified diff with three lines of context. `oldText` is null for a new file. */
export function unifiedDiff(path: string, oldText: string | null, newText: string): string {
  const header = [`--- ${oldText === null ? '/dev/null' : path}`, `+++ ${path}`];
  return [...header, ...hunks(allEdits(linesOf(oldText ?? ''), linesOf(newText)))].join('\n');
}
