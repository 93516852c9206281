import { expect, test } from 'vitest';
import { createFormKey } from './form-key.ts';

test('the same content keeps its key, and other content has another', () => {
  let count = 0;
  const keyOf = createFormKey(() => `key-${(count += 1)}`);
  const first = keyOf({ text: 'a' });
  expect(keyOf({ text: 'a' })).toBe(first);
  const second = keyOf({ text: 'b' });
  expect(second).not.toBe(first);
  expect(keyOf({ text: 'a' })).not.toBe(second);
});
