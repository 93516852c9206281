/** @jest-environment node */
import { readSpans } from './inline-marks.ts';

test.each([
  [
    'The **slow** part is `a **b** c`.',
    ['plain:The ', 'bold:slow', 'plain: part is ', 'code:a **b** c', 'plain:.'],
  ],
  ['2 ** 3 ** 4', ['plain:2 ** 3 ** 4']],
  ['__init__ and **open', ['bold:init', 'plain: and **open']],
  ['[text](https://x.example) <b>x</b>', ['plain:[text](https://x.example) <b>x</b>']],
  ['', []],
])('“%s” is told apart without a character more or less', (line, spans) => {
  expect(readSpans(line).map(({ kind, text }) => `${kind}:${text}`)).toEqual(spans);
});

test('a long line of marks is read in time that grows with its length', () => {
  const line = '**a '.repeat(20_000) + '`'.repeat(1001);
  const read = readSpans(line);
  expect(read.map(({ text }) => text).join('').length).toBeLessThanOrEqual(line.length);
});
