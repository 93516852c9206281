import { expect, test } from 'vitest';
import { createKnownValues } from './known-values.ts';
import { isSettled } from './settled-text.ts';

const known = createKnownValues();
known.add('correct horse battery staple', 'known');
known.add('Tr0ub4dor', 'known');

test.each([
  ...['', 'Done', 'Done.', 'see README', 'createHost', '(42)', 'main/host.ts', '**bold**', 'a blank '],
  ...['naïve', '测试完成。', '実行します', 'the correct answer', 'Tr'],
])('%s can be shown to its end', (text) => {
  expect(isSettled(text, known)).toBe(true);
});

test.each([
  ...['ghp_', 'ghp_a', 'sk-ant', 'AKIA1B2C', 'a1b2', 'aBcD', '12345', 'x@example', 'TOKEN=', 'https://user'],
  ...['the password', 'password:', 'password: ', 'Authorization: Bearer ', 'it is correct', 'correct hor'],
  ...['correct horse ', 'Tr0', '\u001b[3', 'a'.repeat(33), 'x'.repeat(500)],
])('%s waits for more', (text) => {
  expect(isSettled(text, known)).toBe(false);
});

test.each([
  ...['ghp_', 'sk-ant', 'two-part', 'x=1', '{"a":"b"}', 'https://example.com:80/x', 'v1.2.3', '1234567890'],
  ...['a@example.com', 'utf8', '50%'],
])('%s is shown when nothing has come for a while', (text) => {
  expect(isSettled(text, known, true)).toBe(true);
});

test.each([
  ...['ghp_a1B2c', 'sk-ant-api03-x', 'AKIA1B2C', 'https://user:', 'https://user:pass', '12345678901'],
  ...['password: ', 'Bearer ', 'it is correct', 'correct horse bat', 'Tr0ub', '\u001b['],
])('%s waits on', (text) => {
  expect(isSettled(text, known, true)).toBe(false);
});
