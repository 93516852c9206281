import { decodeHost, encodeHost } from './host-record.ts';
import type { PairedHost } from './host-record.ts';
import { createKeychainStorage } from './keychain-storage.ts';
import { record } from './sample-record.ts';

const host = (hostId: string): PairedHost => ({ ...record, hostId });

function storage() {
  const items = new Map<string, string>();
  const keychain = {
    read: (name: string) => Promise.resolve(items.get(name) ?? null),
    write: (name: string, value: string) => Promise.resolve(void items.set(name, value)),
    remove: (name: string) => Promise.resolve(void items.delete(name)),
    canGuard: () => true,
  };
  return { items, open: () => createKeychainStorage(keychain) };
}

test('a record survives being written and read', () => {
  expect(decodeHost(encodeHost(host('h1')))).toEqual(host('h1'));
});

test('a record of the first version is read, with nothing known of epochs and counters', () => {
  const {
    dealings: _dealings,
    heardAt: _heardAt,
    ...first
  } = JSON.parse(encodeHost(host('h1'))) as Record<string, unknown>;
  expect(decodeHost(JSON.stringify({ ...first, v: 1 }))).toEqual(host('h1'));
});

test.each([
  ['no JSON', 'x'],
  ['another version', encodeHost(host('h1')).replace('"v":2', '"v":3')],
  ['an unknown field', encodeHost(host('h1')).replace('"v":2', '"v":2,"admin":true')],
  ['a short key', encodeHost(host('h1')).replace(/"devicePsk":"../, '"devicePsk":"')],
  ['no text', 5],
])('a record with %s is left out', (_what, text) => {
  expect(decodeHost(text)).toBeUndefined();
});

test('hosts written at the same time are all there after a restart', async () => {
  const { open } = storage();
  const store = open();
  await Promise.all(['a', 'b', 'c'].map((id) => store.put(host(id))));
  await store.put({ ...host('b'), name: 'renamed' });
  expect((await open().list()).map((item) => `${item.hostId} ${item.name}`)).toEqual([
    ...['a studio-mac', 'b renamed', 'c studio-mac'],
  ]);
});

test('a removed host leaves nothing behind', async () => {
  const { items, open } = storage();
  await open().put(host('a'));
  await open().remove('a');
  expect(await open().list()).toEqual([]);
  expect([...items.keys()]).toEqual(['hosts']);
});
