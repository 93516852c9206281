import { expect, test } from 'vitest';
import { splitDiff } from './split-diff.ts';

const git = `diff --git a/src/a.ts b/src/a.ts
index 1..2 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1 +1 @@
-one
+two
diff --git a/gone.md b/gone.md
deleted file mode 100644
--- a/gone.md
+++ /dev/null
@@ -1 +0,0 @@
-text
diff --git a/logo.png b/logo.png
Binary files a/logo.png and b/logo.png differ
`;

test('each file of a diff is named, also one that is gone and one that is no text', () => {
  const files = splitDiff(git);
  expect(files.map(({ path }) => path)).toEqual(['src/a.ts', 'gone.md', 'logo.png']);
  expect(files.map(({ diff }) => diff).join('')).toBe(git);
});

test('a diff without the header of git is one file', () => {
  expect(splitDiff('--- a/x.txt\n+++ b/x.txt\n@@ -1 +1 @@\n-a\n+b\n')).toMatchObject([{ path: 'x.txt' }]);
  expect(splitDiff('')).toEqual([]);
});
