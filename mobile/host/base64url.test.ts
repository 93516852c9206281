import { fromBase64url, toBase64url } from './base64url.ts';

test('agrees with Node for every length up to 70', () => {
  for (let length = 0; length <= 70; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 151 + length * 7) & 255);
    const text = Buffer.from(bytes).toString('base64url');
    expect(toBase64url(bytes)).toBe(text);
    expect(fromBase64url(text)).toEqual(bytes);
  }
});

test.each(['A', 'AA==', 'A+/A', 'AB', 'ABCDE', 'A B='])('refuses %p', (text) => {
  expect(() => fromBase64url(text)).toThrow('base64url');
});
