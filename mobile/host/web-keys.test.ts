/** @jest-environment node */

import { createFakeIndexedDb } from './fake-indexed-db.ts';
import { createPublicKey, randomBytes, verify, webcrypto } from 'node:crypto';
import { memoryDhKey } from '../../contract/channel/dh-key.ts';
import { random } from './fake-host.ts';
import { encodeHost } from './host-record.ts';
import { createTable } from './indexed-db.ts';
import { record } from './sample-record.ts';
import { createWebStorage } from './web-storage.ts';

const subtle = webcrypto.subtle as unknown as SubtleCrypto;

/** A browser from before X25519 in WebCrypto. */
const older = new Proxy(subtle, {
  get(target, name: keyof SubtleCrypto) {
    if (name !== 'generateKey') return (target[name] as (...args: unknown[]) => unknown).bind(target);
    return (algorithm: { name: string }, ...rest: [boolean, KeyUsage[]]) =>
      algorithm.name === 'X25519'
        ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
        : target.generateKey(algorithm as HmacKeyGenParams, ...rest);
  },
});

const anything = (factory: IDBFactory, name: 'keys' | 'hosts') =>
  createTable<unknown>(factory, name, (row) => row);

describe.each([
  ['knows X25519', subtle],
  ['does not know X25519', older],
])('a browser that %s', (_what, crypto) => {
  const open = (factory = createFakeIndexedDb()) => ({
    factory,
    keys: createWebStorage(factory, crypto, random).keys,
  });

  test('agrees on a secret, also after a restart', async () => {
    const one = open();
    const a = await one.keys.createDhKey('h');
    const b = await open().keys.createDhKey('h');
    expect(await a.dh(b.publicKey)).toEqual(await b.dh(a.publicKey));
    const again = await open(one.factory).keys.dhKey('h');
    expect(again?.publicKey).toEqual(a.publicKey);
    expect(await again?.dh(b.publicKey)).toEqual(await b.dh(a.publicKey));
  });

  test('rejects low-order points and keys of another length', async () => {
    const key = await open().keys.createDhKey('h');
    await expect(key.dh(new Uint8Array(32))).rejects.toThrow();
    await expect(key.dh(new Uint8Array(33))).rejects.toThrow('32 bytes');
  });

  test('forgets the keys of a host', async () => {
    const { keys, factory } = open();
    await keys.createDhKey('h');
    await keys.createApprovalKey('h');
    await keys.forget('h');
    expect([await keys.dhKey('h'), await keys.approvalKey('h')]).toEqual([undefined, undefined]);
    const left = await anything(factory, 'keys').all();
    expect(left.every((row) => Object.prototype.toString.call(row) === '[object CryptoKey]')).toBe(true);
  });
});

test('the key of a browser with X25519 lies there as one that cannot be exported', async () => {
  const factory = createFakeIndexedDb();
  await createWebStorage(factory, subtle, random).keys.createDhKey('h');
  const stored = (await anything(factory, 'keys').get('dh.h')) as { pair: CryptoKeyPair };
  expect(stored.pair.privateKey.extractable).toBe(false);
  await expect(subtle.exportKey('pkcs8', stored.pair.privateKey)).rejects.toThrow();
});

test('the key of a browser without X25519 never lies there in clear', async () => {
  const factory = createFakeIndexedDb();
  const secret = new Uint8Array(randomBytes(32));
  const known = (length: number): Uint8Array => (length === 32 ? Uint8Array.from(secret) : random(length));
  const key = await createWebStorage(factory, older, known).keys.createDhKey('h');
  expect(key.publicKey).toEqual(memoryDhKey(secret).publicKey);
  const rows = await anything(factory, 'keys').all();
  const bytes = rows.flatMap((row) => (row !== null && typeof row === 'object' ? Object.values(row) : []));
  const raw = bytes.filter((value) => value instanceof Uint8Array).map((value) => Buffer.from(value));
  expect(raw).toHaveLength(1);
  expect(raw.some((value) => value.includes(Buffer.from(secret)))).toBe(false);
  const wrapping = rows.filter((row) => Object.prototype.toString.call(row) === '[object CryptoKey]');
  expect(wrapping.map((row) => (row as CryptoKey).extractable)).toEqual([false]);
});

test('a record of a host never lies there in clear, and one of an older app is wrapped when it is read', async () => {
  const factory = createFakeIndexedDb();
  const table = anything(factory, 'hosts');
  const secret = Buffer.from(record.devicePsk).toString('base64url');
  const dump = async (): Promise<string> =>
    (await table.all()).map((row) => Buffer.from(row as Uint8Array).toString('latin1')).join();
  const { hosts } = createWebStorage(factory, subtle, random);
  await hosts.put(record);
  expect(await dump()).not.toContain(secret);
  await table.put(record.hostId, encodeHost(record));
  expect(await dump()).toContain(secret);
  expect(await hosts.list()).toEqual([record]);
  expect(await dump()).not.toContain(secret);
  expect(await createWebStorage(factory, subtle, random).hosts.list()).toEqual([record]);
  await hosts.remove(record.hostId);
  expect(await hosts.list()).toEqual([]);
});

test('signs so that Node verifies it with the SPKI of the key', async () => {
  const { keys } = createWebStorage(createFakeIndexedDb(), subtle, random);
  const key = await keys.createApprovalKey('h');
  const messages = [Buffer.from('an approval'), Buffer.from('a challenge')];
  const signatures = await key.sign(messages);
  expect([key.publicKey.length, ...signatures.map(({ length }) => length)]).toEqual([91, 64, 64]);
  const spki = createPublicKey({ key: Buffer.from(key.publicKey), format: 'der', type: 'spki' });
  const valid = messages.map((message, at) =>
    verify('sha256', message, { key: spki, dsaEncoding: 'ieee-p1363' }, signatures[at] ?? new Uint8Array()),
  );
  expect(valid).toEqual([true, true]);
});
