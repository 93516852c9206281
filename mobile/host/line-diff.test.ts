import { unifiedDiff } from './line-diff.ts';

test('shows changed lines with three lines of context', () => {
  const before = ['1', '2', '3', '4', '5', '6', '7', '8', '9', ''].join('\n');
  expect(unifiedDiff('a', before, before.replace('5', 'five'))).toBe(
    ['--- a', '+++ a', '@@ -2,7 +2,7 @@', ' 2', ' 3', ' 4', '-5', '+five', ' 6', ' 7', ' 8'].join('\n'),
  );
});

test('a new file is added as a whole, and a missing last line break is a difference', () => {
  expect(unifiedDiff('a', null, 'x\n')).toBe('--- /dev/null\n+++ a\n@@ -0,0 +1,1 @@\n+x');
  expect(unifiedDiff('a', 'x\n', 'x')).toContain('+\\ no line break');
});

test('every line of both texts is in the diff of two texts without anything in common', () => {
  const many = (word: string): string =>
    Array.from({ length: 1500 }, (_, n) => `${word}${String(n)}\n`).join('');
  const lines = unifiedDiff('a', many('a'), many('b')).split('\n');
  expect(lines.filter((text) => /^[-+][ab]\d/.test(text))).toHaveLength(3000);
});
