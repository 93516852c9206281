import fc from 'fast-check';
import { expect, test } from 'vitest';
import { diffModel, unifiedDiffModel, type DiffLine, type DiffRow } from './diff-model.ts';

const isLine = (row: DiffRow): row is DiffLine => row.sign !== '…';
const shown = (rows: readonly DiffRow[]) =>
  rows.map((row) => (isLine(row) ? row.sign + row.text : `…${row.skipped}`));

test('a changed line is one taken away and one added, with its neighbours', () => {
  const model = diffModel('a\nb\nc\n', 'a\nB\nc\n');
  expect(shown(model.rows)).toEqual([' a', '-b', '+B', ' c']);
  expect([model.added, model.removed]).toEqual([1, 1]);
});

test('a new file is all added, an emptied one all removed', () => {
  expect(shown(diffModel(null, 'a\nb\n').rows)).toEqual(['+a', '+b']);
  expect(shown(diffModel('a\n', '').rows)).toEqual(['-a']);
});

test('what is far from any change is counted instead of shown', () => {
  const old = Array.from({ length: 20 }, (_, i) => `l${i}`).join('\n') + '\n';
  const model = diffModel(old, old.replace('l10\n', 'new\n'));
  expect(shown(model.rows)[0]).toBe('…7');
  expect(shown(model.rows).at(-1)).toBe('…6');
  expect(model.rows.filter(isLine).find((line) => line.sign === '+')?.after).toBe(11);
});

test('a missing line feed at the end is a difference that can be seen', () => {
  expect(shown(diffModel('a\n', 'a').rows)).toEqual(['-a', '+a ␄ no line feed at the end']);
});

test('a change too large to compare is shown as replaced whole', () => {
  const text = (mark: string) => Array.from({ length: 2100 }, (_, i) => `${mark}${i}`).join('\n') + '\n';
  const model = diffModel(text('a'), text('b'));
  expect([model.added, model.removed]).toEqual([2100, 2100]);
});

test('a unified diff keeps its signs and numbers', () => {
  const model = unifiedDiffModel('--- a/x\n+++ b/x\n@@ -5,2 +5,3 @@\n ctx\n-old\n+new\n+more\n');
  expect(shown(model.rows)).toEqual(['…4', ' ctx', '-old', '+new', '+more']);
  expect(model.rows[3]).toMatchObject({ after: 6 });
});

test('for any two texts, the new one can be read off the lines that stay or are added', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 7 })
    .map((lines) => lines.map((l) => `${l}\n`).join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const { rows } = diffModel(before, after);
      // Nothing is folded when every line is near a change.
      if (rows.some((row) => !isLine(row))) return;
      const read = (gone: string) =>
        rows
          .filter(isLine)
          .filter((row) => row.sign !== gone)
          .map((row) => `${row.text}\n`)
          .join('');
      expect(read('-')).toBe(after);
      expect(read('+')).toBe(before);
    }),
  );
});
