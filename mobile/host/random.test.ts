import { webcrypto } from 'node:crypto';
import { createDrawBytes } from './random.ts';

jest.mock('expo-crypto', () => ({ getRandomValues: () => undefined }));

test('draws as many bytes as asked for, different every time', () => {
  const draw = createDrawBytes((bytes) => void webcrypto.getRandomValues(bytes));
  const first = draw(32);
  expect(first).toHaveLength(32);
  expect(draw(32)).not.toEqual(first);
});

test('refuses a generator that returns zeros', () => {
  const draw = createDrawBytes(() => undefined);
  expect(() => draw(32)).toThrow('returned no random bytes');
});

test('refuses a generator that repeats itself', () => {
  const draw = createDrawBytes((bytes) => void bytes.fill(7));
  expect(() => draw(8)).toThrow('returned no random bytes');
});

test.each([0, -1, 1.5, Number.NaN, 65_001])('refuses the length %p', (length) => {
  const draw = createDrawBytes((bytes) => void webcrypto.getRandomValues(bytes));
  expect(() => draw(length)).toThrow('whole number from 1 to 65000');
});
