import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  concat,
  equal,
  fromBase64Url,
  fromHex,
  fromUtf8,
  isZero,
  readUint16,
  readUint32,
  toBase64Url,
  toHex,
  utf8,
} from './bytes.ts';

const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => Uint8Array.from(bytes));

test('base64url and hexadecimal agree with Node and come back unchanged', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    }),
  );
});

test('every value has one base64url spelling: whatever is accepted is written the same way', () => {
  const alphabet = fc.constantFrom(...Array.from('ABCXYZabcxyz019-_+/= \n'));
  fc.assert(
    fc.property(fc.array(alphabet, { maxLength: 9 }), (characters) => {
      const text = characters.join('');
      let bytes: Uint8Array;
      try {
        bytes = fromBase64Url(text);
      } catch {
        return;
      }
      expect(toBase64Url(bytes)).toBe(text);
    }),
    { numRuns: 3000 },
  );
  for (const bad of ['A', 'AB', 'AA=', 'AA==', 'A+', 'A/', ' AA', 'AA\n', 'AAB', 'é']) {
    expect(() => fromBase64Url(bad), bad).toThrow('base64url');
  }
});

test('hexadecimal with odd length or other characters is refused', () => {
  for (const bad of ['0', 'zz', '0x', ' 00', '00\n']) expect(() => fromHex(bad)).toThrow('hexadecimal');
});

test('equal compares contents and lengths', () => {
  fc.assert(
    fc.property(anyBytes, anyBytes, (left, right) => {
      expect(equal(left, right)).toBe(Buffer.compare(left, right) === 0);
      expect(equal(left, left.slice())).toBe(true);
    }),
  );
  expect([isZero(new Uint8Array(3)), isZero(Uint8Array.of(0, 0, 1))]).toEqual([true, false]);
});

test('numbers are big-endian', () => {
  expect(readUint16(Uint8Array.of(0, 0xfe, 0xdc), 1)).toBe(0xfedc);
  expect(readUint32(Uint8Array.of(0xff, 0xff, 0xff, 0xfe), 0)).toBe(0xfffffffe);
  expect(concat(Uint8Array.of(0, 1), new Uint8Array(0), Uint8Array.of(0, 2))).toEqual(
    Uint8Array.of(0, 1, 0, 2),
  );
});

test('malformed UTF-8 is refused and a byte order mark is kept', () => {
  expect(fromUtf8(utf8('Grüße 🚦'))).toBe('Grüße 🚦');
  expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x41))).toBe('\ufeffA');
  expect(() => fromUtf8(Uint8Array.of(0xc0, 0x80))).toThrow();
});
