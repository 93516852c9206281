const CONTEXT = 3;

/**
 * A unified diff with one hunk: from the first line that differs to the last, with three lines around it. Empty when
 * the texts are equal.
 * @param oldText null for a file that did not exist
 */
export function lineDiff(path: string, oldText: string | null, newText: string): string {
  const before = linesOf(oldText ?? '');
  const after = linesOf(newText);
  const shorter = Math.min(before.length, after.length);
  let head = 0;
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before[before.length - 1 - tail] === after[after.length - 1 - tail])
    tail += 1;
  if (oldText !== null && head === before.length && head === after.length) return '';
  const start = Math.max(0, head - CONTEXT);
  const trailing = Math.min(tail, CONTEXT);
  const removed = before.slice(head, before.length - tail);
  const added = after.slice(head, after.length - tail);
  const around = {
    before: before.slice(start, head),
    after: before.slice(before.length - tail, before.length - tail + trailing),
  };
  const oldCount = around.before.length + removed.length + around.after.length;
  const newCount = around.before.length + added.length + around.after.length;
  return [
    oldText === null ? '--- /dev/null' : `--- a/${path}`,
    `+++ b/${path}`,
    `@@ -${oldCount === 0 ? 0 : start + 1},${oldCount} +${newCount === 0 ? 0 : start + 1},${newCount} @@`,
    ...around.before.map((line) => ` ${line}`),
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    ...around.after.map((line) => ` ${line}`),
    '',
  ].join('\n');
}

/** Lines as a diff shows them; a last line without an end says so, as diff(1) does. */
function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
}
