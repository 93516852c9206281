import { createPrivateKey, createPublicKey, diffieHellman, randomBytes } from 'node:crypto';
import { x25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromHex, toHex } from './bytes.ts';
import { DH_LENGTH, generateDhKey, memoryDhKey, sharedSecret } from './dh-key.ts';

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('the published vectors of RFC 7748 section 5.2 come out, the second after 1,000 rounds', async () => {
  const once = memoryDhKey(fromHex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4'));
  const point = fromHex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c');
  expect(toHex(await once.dh(point))).toBe(
    'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
  );
  let k = fromHex(`09${'00'.repeat(31)}`);
  let u = k;
  for (let round = 0; round < 1000; round++) {
    const next = Uint8Array.from(await memoryDhKey(k).dh(u));
    [k, u] = [next, k];
  }
  expect(toHex(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51');
});

test('it agrees with two other implementations on random keys and on points that are no canonical encoding', async () => {
  await fc.assert(
    fc.asyncProperty(bytes32, bytes32, async (secret, remote) => {
      const key = memoryDhKey(secret);
      expect(toHex(key.publicKey)).toBe(toHex(x25519.getPublicKey(secret)));
      const ours = toHex(await key.dh(Uint8Array.from(remote)));
      expect(ours).toBe(toHex(x25519.getSharedSecret(secret, remote)));
      expect(ours).toBe(toHex(openssl(secret, remote)));
    }),
    { numRuns: 200 },
  );
});

test('every point of low order is refused', async () => {
  const key = generateDhKey((length) => new Uint8Array(randomBytes(length)));
  // The seven encodings that RFC 7748 implementations must expect, section 6.1 and its discussion of contributory behaviour
  const lowOrder = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ];
  for (const point of lowOrder) {
    await expect(sharedSecret(key, fromHex(point))).rejects.toMatchObject({ code: 'refused' });
  }
});

test('a key that was wiped works no more', async () => {
  const key = generateDhKey((length) => new Uint8Array(randomBytes(length)));
  key.destroy();
  await expect(key.dh(new Uint8Array(DH_LENGTH).fill(9))).rejects.toMatchObject({ code: 'misuse' });
});

/** PKCS #8 and SubjectPublicKeyInfo of X25519 have fixed beginnings (RFC 8410). */
function openssl(secret: Uint8Array, remote: Uint8Array): Uint8Array {
  const privateKey = createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), secret]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey({
    key: Buffer.concat([Buffer.from('302a300506032b656e032100', 'hex'), remote]),
    format: 'der',
    type: 'spki',
  });
  return new Uint8Array(diffieHellman({ privateKey, publicKey }));
}
