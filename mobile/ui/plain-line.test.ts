/** @jest-environment node */
import { plainLine } from './plain-line.ts';

test.each([
  ['\u001b[1;31mred\u001b[0m and plain', 'red and plain'],
  ['\u001b]0;a title\u0007after the title', 'after the title'],
  ['\u001b]8;;https://x.example\u001b\\a link\u001b]8;;\u001b\\', 'a link'],
  ['10 %\r50 %\r100 %\r', '100 %'],
  ['a\tb', 'a    b'],
  ['rm \u202e-rf', 'rm ⟦U+202E⟧-rf'],
  ['half \u001b', 'half ⟦U+001B⟧'],
])('%j is shown as %j', (line, text) => {
  expect(plainLine(line)).toEqual({ text, cut: false });
});

test('of a line that is longer than a phone can show only the beginning is drawn', () => {
  const { cut, text } = plainLine('x'.repeat(1_000_000));
  expect([cut, text.length]).toEqual([true, 2000]);
});
