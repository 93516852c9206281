import { createPublicKey, diffieHellman, generateKeyPairSync, verify, webcrypto } from 'node:crypto';
import { createNativeKeys } from './native-keys.ts';
import type { Keychain } from './native-keys.ts';

function memoryKeychain(canGuard = true): Keychain & { items: Map<string, string>; prompts: () => number } {
  const items = new Map<string, string>();
  let prompts = 0;
  return {
    items,
    prompts: () => prompts,
    canGuard: () => canGuard,
    read(name, guarded) {
      if (guarded) prompts += 1;
      return Promise.resolve(items.get(name) ?? null);
    },
    write: (name, value) => Promise.resolve(void items.set(name, value)),
    remove: (name) => Promise.resolve(void items.delete(name)),
  };
}

const draw = (length: number): Uint8Array => webcrypto.getRandomValues(new Uint8Array(length));

test('agrees with Node on the shared secret, also after a restart of the app', async () => {
  const keychain = memoryKeychain();
  const made = await createNativeKeys(keychain, draw).createDhKey('host-1');
  const kept = await createNativeKeys(keychain, draw).dhKey('host-1');
  const peer = generateKeyPairSync('x25519');
  const peerPublic = new Uint8Array(peer.publicKey.export({ format: 'der', type: 'spki' }).subarray(12));
  const header = Buffer.from('302a300506032b656e032100', 'hex');
  const ours = createPublicKey({ key: Buffer.concat([header, made.publicKey]), format: 'der', type: 'spki' });
  const expected = new Uint8Array(diffieHellman({ privateKey: peer.privateKey, publicKey: ours }));
  expect(await made.dh(peerPublic)).toEqual(expected);
  expect(await kept?.dh(peerPublic)).toEqual(expected);
});

test('rejects low-order points and keys of another length', async () => {
  const key = await createNativeKeys(memoryKeychain(), draw).createDhKey('host-1');
  await expect(key.dh(new Uint8Array(32))).rejects.toThrow();
  await expect(key.dh(new Uint8Array(31))).rejects.toThrow('32 bytes');
});

test('signs so that Node verifies it, and asks for the person once for what is signed together', async () => {
  const keychain = memoryKeychain();
  await createNativeKeys(keychain, draw).createApprovalKey('host-1');
  const key = await createNativeKeys(keychain, draw).approvalKey('host-1');
  expect(keychain.prompts()).toBe(0);
  const message = Buffer.from('an approval');
  const [signature = new Uint8Array(), second = new Uint8Array()] =
    (await key?.sign([message, Buffer.from('a challenge')])) ?? [];
  expect([signature.length, second.length]).toEqual([64, 64]);
  expect(keychain.prompts()).toBe(1);
  const publicKey = createPublicKey({ key: Buffer.from(key?.publicKey ?? []), format: 'der', type: 'spki' });
  expect(verify('sha256', message, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)).toBe(true);
  expect(
    verify('sha256', Buffer.from('other'), { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature),
  ).toBe(false);
});

test('makes no approval key on a device that cannot guard it', async () => {
  const keychain = memoryKeychain(false);
  await expect(createNativeKeys(keychain, draw).createApprovalKey('host-1')).rejects.toMatchObject({
    code: 'no-screen-lock',
  });
  expect(keychain.items.size).toBe(0);
});

test('forgets every key of a host and no key of another', async () => {
  const keychain = memoryKeychain();
  const keys = createNativeKeys(keychain, draw);
  for (const host of ['a', 'b']) {
    await keys.createDhKey(host);
    await keys.createApprovalKey(host);
  }
  await keys.forget('a');
  expect(await keys.dhKey('a')).toBeUndefined();
  expect(await keys.approvalKey('a')).toBeUndefined();
  expect(await keys.dhKey('b')).toBeDefined();
});

test.each(['', '../x', 'a b', 'x'.repeat(129)])('refuses the host id %p', async (hostId) => {
  await expect(createNativeKeys(memoryKeychain(), draw).createDhKey(hostId)).rejects.toMatchObject({
    code: 'bad-host-id',
  });
});
