// For tests: a phone that keeps everything in memory, and one that is paired with the host of fake-host.ts.
import { createStartPairing } from '../features/pairing/start-pairing.ts';
import type { PairingEvent } from '../features/pairing/pairing-state.ts';
import { en } from '../texts/en.ts';
import type { SealedRows } from './cache/cache-types.ts';
import { createNativeCacheKeys } from './cache/native-cache-keys.ts';
import type { Schedule } from '../../contract/channel/channel-handshake.ts';
import type { DeviceStorage } from './device-storage.ts';
import { platformSchedule } from './dial.ts';
import { createHost, random } from './fake-host.ts';
import { createHostBook } from './host-book.ts';
import { decodeHost } from './host-record.ts';
import type { PairedHost } from './host-record.ts';
import { createKeychainStorage } from './keychain-storage.ts';
import { createLinkStore } from './link-store.ts';
import { createNativeKeys } from './native-keys.ts';
import { createSealedOutboxes } from './outboxes.ts';
import type { Delivery } from './views.ts';
import type { OpenPipeTo } from './web-socket-pipe.ts';

/** The record of the host as it lies in the keychain. */
export function onDisk({ items }: { items: ReadonlyMap<string, string> }): PairedHost {
  const record = decodeHost(items.get('host.host-1'));
  if (!record) throw new Error('There is no record.');
  return record;
}

/** What a phone keeps, in memory: `items` is its keychain, `rows` its sealed files. */
export function createMemoryStorage() {
  const items = new Map<string, string>();
  const sealed = new Map<string, Uint8Array>();
  const keychain = {
    read: (name: string) => Promise.resolve(items.get(name) ?? null),
    write: (name: string, value: string) => Promise.resolve(void items.set(name, value)),
    remove: (name: string) => Promise.resolve(void items.delete(name)),
    canGuard: () => true,
  };
  const rows: SealedRows = {
    get: (folder, name) => Promise.resolve(sealed.get(`${folder}/${name}`)),
    put: (folder, name, bytes) => Promise.resolve(void sealed.set(`${folder}/${name}`, bytes)),
    clear(folder) {
      for (const name of [...sealed.keys()]) if (name.startsWith(`${folder}/`)) sealed.delete(name);
      return Promise.resolve();
    },
  };
  const cacheKeys = createNativeCacheKeys(keychain, random);
  const storage: DeviceStorage = {
    keys: createNativeKeys(keychain, random),
    hosts: createKeychainStorage(keychain),
    cacheKeys,
    cacheRows: rows,
    outboxes: createSealedOutboxes({ rows, keys: cacheKeys, random }),
    notes: {
      read: (name) => Promise.resolve(items.get(`note.${name}`)),
      write: (name, text) => Promise.resolve(void items.set(`note.${name}`, text)),
      remove: (name) => Promise.resolve(void items.delete(`note.${name}`)),
    },
  };
  return { items, sealed, storage };
}

/** A phone with everything in memory; another one with the same `memory` is the app started again. */
export function createPhone(
  openPipe: OpenPipeTo,
  memory = createMemoryStorage(),
  schedule: Schedule = platformSchedule,
) {
  const { items, sealed, storage } = memory;
  const book = createHostBook(storage.hosts);
  const clock = { now: 1_000_000, inFront: true };
  const deps = {
    openPipe,
    random,
    schedule,
    book,
    storage,
    texts: en,
    now: () => clock.now,
  };
  const store = createLinkStore({ ...deps, inFront: () => clock.inFront });
  const start = createStartPairing({
    ...deps,
    ...{ keys: storage.keys, platform: 'web', app: 'Signalbox 0.1.0' },
    add: (record: PairedHost) => store.add(record),
  });
  opened.push(store);
  return { items, sealed, memory, store, start, book, clock };
}

const opened: { stop(): void }[] = [];

/** Ends what the test has opened; for `afterEach`. */
export function stopPhones(): void {
  for (const store of opened.splice(0)) store.stop();
}

/** Looks again and again: what a test waits for lies in places that do not tell of it, on both sides of the channel. */
export async function until<T>(
  what: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = await what();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function pairWith(
  phone: ReturnType<typeof createPhone>,
  { host }: ReturnType<typeof createHost>,
): Promise<PairingEvent[]> {
  const events: PairingEvent[] = [];
  phone.start({ link: host.link, deviceName: 'Phone' }, (event) => events.push(event));
  await until(() => events.some((event) => event.kind === 'admitted'));
  return events;
}

export async function paired(schedule: Schedule = platformSchedule) {
  const made = createHost();
  const { host, openPipe } = made;
  const phone = createPhone(openPipe, createMemoryStorage(), schedule);
  await phone.store.start();
  const events = await pairWith(phone, made);
  const view = () => phone.store.hosts()?.[0];
  await until(() => view()?.link.kind === 'online' && view()?.approvals.length === 1);
  async function decide(decision: 'allow' | 'deny' = 'allow'): Promise<Delivery[]> {
    const steps: Delivery[] = [];
    const actionHash = view()?.approvals[0]?.actionHash ?? '';
    await phone.store.act(
      { kind: 'decide', hostId: 'host-1', approvalId: 'ap-1', actionHash, decision, scope: 'once' },
      (step) => steps.push(step),
    );
    return steps;
  }
  return { host, openPipe, phone, events, view, decide };
}
