import { countDiff, readDiff } from './diff-lines.ts';

const diff = `diff --git a/notes.sql b/notes.sql
--- a/notes.sql
+++ b/notes.sql
@@ -1,3 +1,3 @@
 select 1;
--- an old comment
+++ counter
 select 2;
@@ -9 +9 @@
-x
+y
\\ No newline at end of file
`;

test('tells headers from content by the length of the hunk', () => {
  const kinds = readDiff(diff).map((line) => line.kind);
  expect(kinds).toEqual([
    ...['file', 'file', 'file', 'hunk', 'same', 'removed', 'added', 'same'],
    ...['hunk', 'removed', 'added', 'same'],
  ]);
});

test('counts what is added and removed', () => {
  expect(countDiff(readDiff(diff))).toEqual({ added: 2, removed: 2 });
});

test('text that is no diff is shown as it is', () => {
  expect(readDiff('hello\n- a list')).toEqual([
    { kind: 'same', text: 'hello' },
    { kind: 'same', text: '- a list' },
  ]);
});
