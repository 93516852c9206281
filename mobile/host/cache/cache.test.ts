/** @jest-environment node */

import { createFakeIndexedDb } from '../fake-indexed-db.ts';
import { randomBytes, webcrypto } from 'node:crypto';
import { emptyHostState } from '../../../contract/apply-event.ts';
import { fromUtf8, utf8 } from '../../../contract/channel/bytes.ts';
import type { Mirror } from '../../../contract/mirror.ts';
import { pending, random } from '../fake-host.ts';
import { createWebStorage } from '../web-storage.ts';
import { pad, unpad } from './bucket.ts';
import type { CacheKeys, SealedRows } from './cache-types.ts';
import { createHostCache } from './host-cache.ts';
import { createNativeCacheKeys } from './native-cache-keys.ts';
import { createSealer } from './sealer.ts';

const owner = { hostId: 'host-1', deviceId: 'device-1' };
const subtle = webcrypto.subtle as unknown as SubtleCrypto;
const share = new Uint8Array(32).fill(9);
const MARKERS = 1000;
const markers = Array.from({ length: MARKERS }, () => `marker-${randomBytes(12).toString('hex')}`);

/** A state that says every marker: in names, titles, paths and addresses. */
function markedMirror(): Mirror {
  const approval = pending('ap-1');
  const approvals = markers.map((marker) => [marker, { ...approval, title: marker }] as const);
  return {
    cursor: { epoch: 'e1', seq: 7 },
    state: { ...emptyHostState, approvals: Object.fromEntries(approvals) },
  };
}

/** Everything in the database as one text, bytes as latin-1, base64 and hex. */
async function dumpOf(factory: IDBFactory): Promise<string> {
  const database = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = factory.open('signalbox');
    request.onsuccess = () => {
      resolve(request.result);
    };
    request.onerror = () => {
      reject(request.error ?? new Error('no database'));
    };
  });
  const rows: unknown[] = [];
  for (const name of database.objectStoreNames) {
    await new Promise<void>((resolve) => {
      const walk = database.transaction(name).objectStore(name).openCursor();
      walk.onsuccess = () => {
        const at = walk.result;
        if (!at) {
          resolve();
          return;
        }
        rows.push(name, at.key, at.value);
        at.continue();
      };
    });
  }
  database.close();
  return rows.map(textOf).join('\n');
}

function textOf(value: unknown): string {
  if (value instanceof Uint8Array) {
    const bytes = Buffer.from(value);
    return ['latin1', 'base64', 'hex'].map((how) => bytes.toString(how as BufferEncoding)).join('\n');
  }
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${key}=${textOf(inner)}`)
    .join('\n');
}

function memoryRows() {
  const kept = new Map<string, Uint8Array>();
  const rows: SealedRows = {
    get: (folder, name) => Promise.resolve(kept.get(`${folder}/${name}`)),
    put: (folder, name, bytes) => Promise.resolve(void kept.set(`${folder}/${name}`, bytes)),
    clear(folder) {
      for (const key of [...kept.keys()]) if (key.startsWith(`${folder}/`)) kept.delete(key);
      return Promise.resolve();
    },
  };
  return { kept, rows };
}

function memoryKeys(): { keys: CacheKeys; items: Map<string, string> } {
  const items = new Map<string, string>();
  const keychain = {
    read: (name: string) => Promise.resolve(items.get(name) ?? null),
    write: (name: string, value: string) => Promise.resolve(void items.set(name, value)),
    remove: (name: string) => Promise.resolve(void items.delete(name)),
    canGuard: () => true,
  };
  return { keys: createNativeCacheKeys(keychain, random), items };
}

test('of 1,000 markers in the state none is in the storage of the browser, and all come back', async () => {
  const factory = createFakeIndexedDb();
  const storage = createWebStorage(factory, subtle, random);
  const deps = { rows: storage.cacheRows, keys: storage.cacheKeys, random };
  const cache = createHostCache({ ...owner, keyId: 'k1' }, deps);
  expect(await cache.unlock(share)).toBe(true);
  await cache.save({ asOf: 5, mirror: markedMirror() });

  const dump = await dumpOf(factory);
  expect(dump.length).toBeGreaterThan(100_000);
  const found = markers.filter((marker) => dump.includes(marker));
  process.stdout.write(
    `encrypted cache: ${String(MARKERS)} markers planted, ${String(found.length)} found\n`,
  );
  expect(found).toEqual([]);
  for (const word of ['host-1', 'device-1', 'snapshot', 'marker-']) expect(dump).not.toContain(word);

  const again = createHostCache({ ...owner, keyId: 'k1' }, deps);
  await again.unlock(share);
  const known = await again.load();
  expect(known?.asOf).toBe(5);
  expect(Object.keys(known?.mirror.state.approvals ?? {}).sort()).toEqual([...markers].sort());
});

test('the browser alone, without the half of the host, opens nothing', async () => {
  const storage = createWebStorage(createFakeIndexedDb(), subtle, random);
  const deps = { rows: storage.cacheRows, keys: storage.cacheKeys, random };
  const cache = createHostCache({ ...owner, keyId: 'k1' }, deps);
  await cache.unlock(share);
  await cache.save({ asOf: 5, mirror: markedMirror() });
  const thief = createHostCache({ ...owner, keyId: 'k1' }, deps);
  expect(await thief.unlock()).toBe(false);
  expect(await thief.load()).toBeUndefined();
  expect(await thief.unlock(new Uint8Array(32).fill(1))).toBe(true);
  expect(await thief.load()).toBeUndefined();
});

test('after a wipe the key is gone first: what a thief copied before cannot be opened', async () => {
  const { kept, rows } = memoryRows();
  const { keys, items } = memoryKeys();
  const cache = createHostCache({ ...owner, keyId: 'k1' }, { rows, keys, random });
  await cache.unlock();
  await cache.save({ asOf: 5, mirror: markedMirror() });
  const copied = new Map(kept);
  expect(copied.size).toBe(1);
  const order: string[] = [];
  const noting = {
    rows: { ...rows, clear: (folder: string) => (order.push('rows'), rows.clear(folder)) },
    keys: { ...keys, forget: (keyId: string) => (order.push('key'), keys.forget(keyId)) },
    random,
  };
  await createHostCache({ ...owner, keyId: 'k1' }, noting).wipe();
  expect(order).toEqual(['key', 'rows']);
  expect([...items.keys(), ...kept.keys()]).toEqual([]);

  for (const [name, bytes] of copied) kept.set(name, bytes);
  const thief = createHostCache({ ...owner, keyId: 'k1' }, { rows, keys, random });
  await thief.unlock();
  expect(await thief.load()).toBeUndefined();
});

test('a wipe is not undone by what was being saved when it came', async () => {
  const { kept, rows } = memoryRows();
  const { keys } = memoryKeys();
  const cache = createHostCache({ ...owner, keyId: 'k1' }, { rows, keys, random });
  await cache.unlock();
  const saving = cache.save({ asOf: 5, mirror: markedMirror() });
  await cache.wipe();
  await saving;
  await cache.save({ asOf: 6, mirror: markedMirror() });
  expect(kept.size).toBe(0);
});

test('what does not fit the contract of today is not shown', async () => {
  const { kept, rows } = memoryRows();
  const { keys } = memoryKeys();
  const cache = createHostCache({ ...owner, keyId: 'k1' }, { rows, keys, random });
  await cache.unlock();
  await cache.save({ asOf: 5, mirror: markedMirror() });
  const key = await keys.key('k1', undefined);
  if (!key) throw new Error('no key');
  const sealer = createSealer(key, owner, random);
  const old = sealer.seal('state', 'snapshot', utf8('{"asOf":5,"state":{}}'));
  const [name] = [...kept.keys()];
  if (!old || name === undefined) throw new Error('nothing sealed');
  kept.set(name, old);
  expect(await cache.load()).toBeUndefined();
});

describe('a sealed record', () => {
  const key = new Uint8Array(randomBytes(32));
  const sealer = createSealer(key, owner, random);
  const text = utf8('a secret of the owner');
  const sealed = sealer.seal('state', 'a', text) ?? new Uint8Array();

  test('opens at its own place only', () => {
    expect(fromUtf8(sealer.open('state', 'a', sealed) ?? new Uint8Array())).toBe('a secret of the owner');
    expect(sealer.open('state', 'b', sealed)).toBeUndefined();
    expect(sealer.open('other', 'a', sealed)).toBeUndefined();
  });

  test('that was swapped with another one opens at neither place', () => {
    const other = sealer.seal('state', 'b', utf8('another secret')) ?? new Uint8Array();
    expect([sealer.open('state', 'a', other), sealer.open('state', 'b', sealed)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test.each([
    ['another device', { ...owner, deviceId: 'device-2' }],
    ['another host', { ...owner, hostId: 'host-2' }],
    ['names that run into each other', { hostId: 'host-1device', deviceId: '-1' }],
  ])('does not open for %s', (_whose, whose) => {
    expect(createSealer(key, whose, random).open('state', 'a', sealed)).toBeUndefined();
    expect(createSealer(key, whose, random).nameOf('state', 'a')).not.toBe(sealer.nameOf('state', 'a'));
  });

  test('does not open under another key, and its name differs under one', () => {
    const other = createSealer(new Uint8Array(randomBytes(32)), owner, random);
    expect(other.open('state', 'a', sealed)).toBeUndefined();
    expect(other.nameOf('state', 'a')).not.toBe(sealer.nameOf('state', 'a'));
  });

  test('with one bit changed anywhere does not open', () => {
    let opened = 0;
    for (let at = 0; at < sealed.length; at += 1) {
      const altered = Uint8Array.from(sealed);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      if (sealer.open('state', 'a', altered)) opened += 1;
    }
    process.stdout.write(`sealed record: ${String(sealed.length)} bit flips, ${String(opened)} opened\n`);
    expect(opened).toBe(0);
    for (const size of [0, 1, 24, 25, 26, sealed.length - 1]) {
      expect(sealer.open('state', 'a', sealed.slice(0, size))).toBeUndefined();
    }
  });

  test('is never the same twice, and tells only a class of sizes', () => {
    const sizes = new Set<number>();
    for (const length of [0, 1, 500, 1020])
      sizes.add(sealer.seal('s', 'r', new Uint8Array(length))?.length ?? 0);
    expect(sizes.size).toBe(1);
    expect(Buffer.from(sealer.seal('state', 'a', text) ?? []).equals(Buffer.from(sealed))).toBe(false);
    expect(sealer.seal('s', 'r', new Uint8Array(4_194_301))).toBeUndefined();
  });
});

test('padding is undone exactly, and a length that lies is refused', () => {
  for (const length of [0, 1, 1019, 1020, 1021, 65_532]) {
    const bytes = new Uint8Array(randomBytes(length));
    expect(unpad(pad(bytes) ?? new Uint8Array())).toEqual(bytes);
  }
  expect(unpad(Uint8Array.of(0, 0, 0, 9, 1))).toBeUndefined();
  expect(unpad(Uint8Array.of(0, 0))).toBeUndefined();
});
