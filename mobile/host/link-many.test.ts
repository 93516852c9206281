/** @jest-environment node */
import { webcrypto } from 'node:crypto';
import { approved, createHost, random } from './fake-host.ts';
import {
  createMemoryStorage,
  createPhone,
  onDisk,
  pairWith,
  paired,
  stopPhones,
  until,
} from './fake-phone.ts';
import { createFakeIndexedDb } from './fake-indexed-db.ts';
import { createTable } from './indexed-db.ts';
import type { Delivery } from './views.ts';
import { createWebStorage } from './web-storage.ts';

afterEach(stopPhones);

test('coming back to the front takes a new channel, and the old one goes only when the new one stands', async () => {
  const { host, phone, view } = await paired();
  const open: number[] = [];
  const seen = new Set<string>();
  phone.store.subscribe(() => {
    seen.add(view()?.link.kind ?? 'none');
    open.push(host.open);
  });
  phone.clock.now += 60_000;
  phone.store.wake();
  await until(() => host.connections === 2 && host.open === 1);
  expect([...seen]).toEqual(['online']);
  expect(Math.max(...open)).toBe(2);
  const { knocks } = host;
  phone.clock.now += 9_999;
  phone.store.wake();
  // The answer comes on the channel that stands, after the wake was heard.
  host.onRead = () => ({});
  await phone.store.content('host-1', 'ap-1');
  expect(host.knocks).toBe(knocks);
  phone.clock.now += 1;
  phone.store.wake();
  await until(() => host.connections === 3 && host.open === 1);
  expect(host.knocks).toBe(knocks + 1);
});

test('what was known is shown at once when the app is opened without its host, with its time', async () => {
  const { host, phone, openPipe } = await paired();
  phone.store.stop();
  await until(() => phone.sealed.size > 0);
  host.reachable = false;
  const again = createPhone(openPipe, phone.memory);
  again.clock.now += 3_600_000;
  await again.store.start();
  await until(() => again.store.hosts()?.[0]?.link.kind === 'offline');
  expect(again.store.hosts()?.[0]).toMatchObject({
    link: { kind: 'offline', asOf: 1_000_000 },
    approvals: [{ id: 'ap-1' }],
  });
  host.reachable = true;
  again.store.wake();
  await until(() => again.store.hosts()?.[0]?.link.kind === 'online');
  expect(host.subscriptions.at(-1)).toEqual({ epoch: 'e1', seq: 1 });
});

test('after 14 days without the host nothing of it is shown, though it is still paired', async () => {
  const { phone, host, openPipe } = await paired();
  phone.store.stop();
  await until(() => phone.sealed.size > 0 && onDisk(phone).heardAt !== null);
  const copied = new Map(phone.sealed);
  host.reachable = false;
  const again = createPhone(openPipe, phone.memory);
  again.clock.now += 15 * 24 * 3_600_000;
  await again.store.start();
  await until(() => again.store.hosts()?.[0]?.link.kind === 'offline');
  expect(again.store.hosts()?.[0]?.approvals).toEqual([]);
  again.store.stop();
  for (const [name, bytes] of copied) phone.sealed.set(name, bytes);
  const thief = createPhone(openPipe, phone.memory);
  await thief.store.start();
  expect(thief.store.hosts()?.[0]?.approvals).toEqual([]);
});

test('two hosts share nothing but the inbox', async () => {
  const one = createHost('host-1', 'studio', '127.0.0.1:4401');
  const two = createHost('host-2', 'laptop', '127.0.0.1:4402');
  const phone = createPhone((url) => (url.includes(':4401') ? one : two).openPipe());
  await phone.store.start();
  await pairWith(phone, one);
  await pairWith(phone, two);
  const views = () => phone.store.hosts() ?? [];
  await until(
    () =>
      views().length === 2 &&
      views().every(({ link, approvals }) => link.kind === 'online' && approvals.length === 1),
  );
  expect(views().map(({ name }) => name)).toEqual(['studio', 'laptop']);
  const records = await phone.book.list();
  expect(new Set(records.map(({ keyId }) => keyId)).size).toBe(2);

  const steps: Delivery[] = [];
  const decideAt = (hostId: string) =>
    phone.store.act(
      {
        ...{ kind: 'decide', hostId, approvalId: 'ap-1', decision: 'deny', scope: 'once' },
        actionHash: views().find(({ id }) => id === hostId)?.approvals[0]?.actionHash ?? '',
      },
      (step) => steps.push(step),
    );
  one.host.onCall = two.host.onCall = () => approved;
  await decideAt('host-2');
  expect(steps.at(-1)).toEqual({ kind: 'done' });
  expect([one.host.calls.length, two.host.calls.length]).toEqual([0, 1]);
  const counters = (await phone.book.list()).map(({ counter, dealings }) => [counter, dealings.counter]);
  expect(counters).toEqual([
    [0, 0],
    [1_000_000, 1],
  ]);
  await until(() => phone.sealed.size >= 3);
  const folders = new Set([...phone.sealed.keys()].map((name) => name.split('/')[0]));
  expect(folders).toEqual(new Set(records.map(({ keyId }) => keyId)));

  one.host.push({ type: 'goodbye', reason: 'revoked' });
  await until(() => views().length === 1);
  expect(views()[0]).toMatchObject({ id: 'host-2', link: { kind: 'online' }, approvals: [{ id: 'ap-1' }] });
  expect((await phone.book.list()).map(({ hostId }) => hostId)).toEqual(['host-2']);
});

test('a browser keeps its cache under a key of which the host has half, and shows nothing of it alone', async () => {
  const factory = createFakeIndexedDb();
  const subtle = webcrypto.subtle as unknown as SubtleCrypto;
  const memory = { ...createMemoryStorage(), storage: createWebStorage(factory, subtle, random) };
  const made = createHost();
  const { host } = made;
  const share = Buffer.from(random(32)).toString('base64url');
  host.onRead = (call) => (call.name === 'identity.cacheKey' ? { share } : undefined);
  const phone = createPhone(made.openPipe, memory);
  await phone.store.start();
  await pairWith(phone, made);
  await until(() => phone.store.hosts()?.[0]?.approvals.length === 1);
  const rows = createTable<unknown>(factory, 'cache', (row) => row);
  const written = async (): Promise<number> => (await rows.all()).length;
  await until(async () => (await written()) > 0);
  expect(await written()).toBe(1);
  phone.store.stop();

  host.reachable = false;
  const alone = createPhone(made.openPipe, memory);
  await alone.store.start();
  await until(() => alone.store.hosts()?.[0]?.link.kind === 'offline');
  expect(alone.store.hosts()?.[0]?.approvals).toEqual([]);
  alone.store.stop();

  // With the host's half it opens, here before the host has said anything of its state.
  host.reachable = true;
  host.mute = true;
  const back = createPhone(made.openPipe, memory);
  await back.store.start();
  await until(() => back.store.hosts()?.[0]?.approvals.length === 1);
  host.push({ type: 'goodbye', reason: 'revoked' });
  await until(() => back.store.hosts()?.length === 0);
  for (let turn = 0; turn < 100 && (await written()) > 0; turn += 1) await Promise.resolve();
  expect(await written()).toBe(0);
});
