/** @jest-environment node */
import { createPublicKey, verify, webcrypto } from 'node:crypto';
import { createWebKeys } from './web-keys.ts';

function setup() {
  const kept = new Map<string, CryptoKeyPair>();
  const pairs = {
    get: (name: string) => Promise.resolve(kept.get(name)),
    put: (name: string, pair: CryptoKeyPair) => Promise.resolve(void kept.set(name, pair)),
    remove: (name: string) => Promise.resolve(void kept.delete(name)),
  };
  const subtle = webcrypto.subtle as unknown as SubtleCrypto;
  return { kept, keys: createWebKeys(subtle, pairs) };
}

test('two devices agree on a secret with keys that cannot be exported', async () => {
  const one = setup();
  const two = setup();
  const a = await one.keys.createDhKey('h');
  const b = await two.keys.createDhKey('h');
  expect(await a.dh(b.publicKey)).toEqual(await b.dh(a.publicKey));
  expect(one.kept.get('dh.h')?.privateKey.extractable).toBe(false);
  expect((await one.keys.dhKey('h'))?.publicKey).toEqual(a.publicKey);
});

test('rejects low-order points and keys of another length', async () => {
  const key = await setup().keys.createDhKey('h');
  await expect(key.dh(new Uint8Array(32))).rejects.toThrow();
  await expect(key.dh(new Uint8Array(33))).rejects.toThrow('32 bytes');
});

test('signs so that Node verifies it with the SPKI of the key', async () => {
  const { keys, kept } = setup();
  const key = await keys.createApprovalKey('h');
  const message = Buffer.from('an approval');
  const signature = await key.sign(message);
  expect([key.publicKey.length, signature.length]).toEqual([91, 64]);
  const publicKey = createPublicKey({ key: Buffer.from(key.publicKey), format: 'der', type: 'spki' });
  expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
  expect(kept.get('approval.h')?.privateKey.extractable).toBe(false);
  await keys.forget('h');
  expect(await keys.approvalKey('h')).toBeUndefined();
});
