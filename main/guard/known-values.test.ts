import * as fc from 'fast-check';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { createKnownValues } from './known-values.ts';

test('a key is found however its bytes are written down, also inside something longer that was encoded', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 48 }),
      fc.string(),
      fc.string(),
      (bytes, before, after) => {
        const known = createKnownValues();
        known.add(bytes, 'own');
        const key = Buffer.from(bytes);
        const inside = Buffer.concat([Buffer.from(before), key, Buffer.from(after)]);
        const forms = [
          key.toString('hex'),
          key.toString('hex').toUpperCase(),
          key.toString('base64'),
          key.toString('base64url'),
          inside.toString('base64'),
          inside.toString('base64url'),
          inside.toString('hex'),
          JSON.stringify(key),
          JSON.stringify(new Uint8Array(key)),
          JSON.stringify([...key]),
          inspect(key),
        ];
        for (const form of forms) {
          expect(
            known.find(`x ${form} y`).map(({ origin }) => origin),
            form,
          ).toContain('own');
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('all forms of a text stand for the same value', () => {
  const known = createKnownValues();
  const secret = 'open "sesame" / 4711 é';
  known.add(secret, 'known');
  const forms = [
    secret,
    JSON.stringify(secret),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    Buffer.from(secret).toString('hex'),
  ];
  for (const form of forms) expect(known.find(form)[0]?.value, form).toBe(secret);
});

test('what was handed over as a secret and is of the host itself counts as of the host', () => {
  const known = createKnownValues();
  known.add('same value here', 'known');
  known.add('same value here', 'own');
  expect(known.find('same value here')[0]).toMatchObject({ origin: 'own', kind: 'host-secret' });
  expect(known.add('same value here', 'own')).toBe(false);
});

test('too short a value is not known: it would be in every text', () => {
  const known = createKnownValues();
  expect(known.add('abcde', 'own')).toBe(false);
  expect(known.add(new Uint8Array(8), 'own')).toBe(false);
  expect(known.find('abcde AAAAAAAAAAA 0000000000000000')).toEqual([]);
});

test('the beginning of a value with spaces is seen at every place where it may be cut', () => {
  const value = 'correct horse\tbattery staple';
  const known = createKnownValues();
  known.add(value, 'known');
  for (const match of value.matchAll(/\s/g)) {
    const text = `some ${value.slice(0, match.index + 1)}`;
    expect(known.openAt(text, text.length)).toBe(5);
  }
  expect(known.openAt('nothing of it ', 14)).toBe(14);
});
