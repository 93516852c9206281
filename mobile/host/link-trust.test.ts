/** @jest-environment node */
import { generateDhKey } from '../../contract/channel/dh-key.ts';
import { DeviceId } from '../../contract/ids.ts';
import { DEVICE, at, random } from './fake-host.ts';
import { createPhone, onDisk, paired, stopPhones, until } from './fake-phone.ts';
import { createLog } from './fake-log.ts';
import { createHeldTimers, nextTurn } from './fake-timers.ts';
import type { Delivery } from './views.ts';

afterEach(stopPhones);

test('a host that shows an older state is not spoken to until the person says that this was meant', async () => {
  const { host, phone, view, decide } = await paired();
  host.welcome.epoch = 4;
  host.cut();
  await until(() => view()?.link.kind === 'rolled-back');
  expect((await decide()).at(-1)?.kind).toBe('refused');
  phone.store.wake();
  expect(view()?.link.kind).toBe('rolled-back');
  expect(host.calls).toEqual([]);
  await phone.store.acceptRollback('host-1');
  await until(() => view()?.link.kind === 'online');
  expect(onDisk(phone).dealings.epoch).toBe(4);
});

test('an older state is noticed also after the app was started again', async () => {
  const { host, phone, openPipe } = await paired();
  expect(onDisk(phone).dealings).toMatchObject({ epoch: 5, minVersion: 1 });
  phone.store.stop();
  host.welcome.epoch = 4;
  const again = createPhone(openPipe, phone.memory);
  await again.store.start();
  await until(() => again.store.hosts()?.[0]?.link.kind === 'rolled-back');
});

test('a host that asks for a newer app is told apart from one that is away', async () => {
  const { host, view } = await paired();
  host.welcome.minVersion = 2;
  host.cut();
  await until(() => view()?.link.kind === 'outdated');
});

test('on “revoked” every key and record is wiped, and the person is told, also after a restart', async () => {
  const { host, phone, openPipe } = await paired();
  await until(() => phone.sealed.size > 0);
  host.push({ type: 'goodbye', reason: 'revoked' });
  await until(() => phone.store.farewells().length === 1);
  expect(phone.store.hosts()).toEqual([]);
  expect(phone.store.farewells()).toMatchObject([{ hostId: 'host-1', name: 'studio' }]);
  expect([...phone.items].filter(([, value]) => value !== '').map(([name]) => name)).toEqual([
    'note.farewells',
  ]);
  expect(phone.sealed.size).toBe(0);
  phone.store.stop();
  const again = createPhone(openPipe, phone.memory);
  await again.store.start();
  expect(again.store.hosts()).toEqual([]);
  expect(again.store.farewells()).toHaveLength(1);
  await again.store.dismissFarewell('host-1');
  expect(again.store.farewells()).toEqual([]);
});

test('a host that is locked down has not removed this phone', async () => {
  const { host, phone, view } = await paired();
  host.goodbye = 'locked-down';
  host.cut();
  await until(() => view()?.link.kind === 'locked-down');
  expect(phone.store.farewells()).toEqual([]);
  expect(onDisk(phone).deviceId).toBe(DEVICE);
  host.goodbye = null;
  phone.store.wake();
  await until(() => view()?.link.kind === 'online');
});

test('a lock-down ends the session before its answer comes: the goodbye is the answer', async () => {
  const { host, phone, view } = await paired();
  host.onCall = () => {
    host.goodbye = 'locked-down';
    host.push({ type: 'goodbye', reason: 'locked-down' });
    host.hangUp();
    return undefined;
  };
  const steps: Delivery[] = [];
  await phone.store.act({ kind: 'lock-down', hostId: 'host-1' }, (step) => steps.push(step));
  expect(steps.at(-1)).toEqual({ kind: 'done' });
  expect(view()).toMatchObject({ link: { kind: 'locked-down' }, waiting: 0 });
  host.goodbye = null;
  phone.store.wake();
  await until(() => view()?.link.kind === 'online');
  expect(host.calls).toHaveLength(1);
});

test('another scope means a new connection, a new snapshot, and other things that may be done', async () => {
  const { host, phone, view } = await paired();
  host.state = {
    ...host.state,
    devices: {
      [DEVICE]: {
        ...{ id: DeviceId.parse(DEVICE), name: 'Phone', kind: 'phone', platform: 'web', scope: 'view' },
        ...{ fingerprint: '00', state: 'active', pairedAt: at, lastSeenAt: null, connected: true },
      },
    },
  };
  host.push({ type: 'goodbye', reason: 'scope-changed' });
  host.hangUp();
  await until(() => view()?.scopes.length === 1);
  expect(host.subscriptions.at(-1)).toBeNull();
  await until(() => onDisk(phone).scope === 'view');
});

test('after a long absence the code of this very channel is shown until the owner has compared it', async () => {
  const { host, view } = await paired();
  host.renews = true;
  host.cut();
  const link = await until(() => {
    const now = view()?.link;
    return now?.kind === 'renewal' && now;
  });
  expect(link.checkCode).toBe(host.codes.at(-1));
  expect(link.until).toBe(1_300_000);
  host.renews = false;
  host.push({ type: 'renewal', state: 'renewed', expiresInMs: 0 });
  host.hangUp();
  await until(() => view()?.link.kind === 'online');
  expect(host.connections).toBe(3);
});

test('an owner who refuses the renewal is asked again after five minutes, not before', async () => {
  const timers = createHeldTimers();
  const { host, phone, view } = await paired(timers.schedule);
  host.renews = true;
  host.cut();
  await until(() => view()?.link.kind === 'offline');
  timers.pass(1000);
  await until(() => view()?.link.kind === 'renewal');
  host.push({ type: 'renewal', state: 'refused', expiresInMs: 0 });
  host.hangUp();
  await until(() => view()?.link.kind === 'renewal-over');
  const { knocks } = host;
  timers.pass(5 * 60_000 - 1);
  await nextTurn();
  expect(host.knocks).toBe(knocks);
  timers.pass(1);
  await until(() => host.knocks === knocks + 1 && view()?.link.kind === 'renewal');
  host.push({ type: 'renewal', state: 'refused', expiresInMs: 0 });
  host.hangUp();
  await until(() => view()?.link.kind === 'renewal-over');
  host.renews = false;
  phone.store.wake();
  await until(() => view()?.link.kind === 'online');
});

test('new keys are on the disk before the host is told, and open the next connection', async () => {
  const { host, phone, view } = await paired();
  const next = { key: generateDhKey(random), psk: random(32) };
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
  const old = onDisk(phone);
  host.onRotated = () => {
    expect(onDisk(phone).devicePsk).toEqual(next.psk);
    Object.assign(host, next);
  };
  host.push({ type: 'rotate', hostPublicKey: text(next.key.publicKey), devicePsk: text(next.psk) });
  await until(() => host.connections === 2 && host.open === 1);
  expect(view()?.link.kind).toBe('online');
  expect(host.rotated).toBe(1);
  const { devicePsk, hostPublicKey, ...rest } = onDisk(phone);
  expect([hostPublicKey, devicePsk]).toEqual([next.key.publicKey, next.psk]);
  expect(rest).toMatchObject({ keyId: old.keyId, deviceId: old.deviceId });
});

test('a rotation that could not be stored is not confirmed, and the old keys go on', async () => {
  const { host, phone, view } = await paired();
  const { storage } = phone.memory;
  const put = storage.hosts.put.bind(storage.hosts);
  let tried = 0;
  storage.hosts.put = () => {
    tried += 1;
    return Promise.reject(new Error('the disk is full'));
  };
  const text = Buffer.from(random(32)).toString('base64url');
  host.push({ type: 'rotate', hostPublicKey: text, devicePsk: text });
  await until(() => tried > 0);
  storage.hosts.put = put;
  host.cut();
  await until(() => host.connections >= 2 && view()?.link.kind === 'online');
  expect(host.rotated).toBe(0);
});

test('what became of a command that a host forgot cannot be known, and it is not sent again', async () => {
  const { host, phone, view } = await paired();
  host.onCall = () => undefined;
  const steps: Delivery[] = [];
  void phone.store.act({ kind: 'pause', hostId: 'host-1' }, (step) => steps.push(step));
  await until(() => host.calls.length === 1);
  host.welcome.epoch = 4;
  host.cut();
  await until(() => view()?.link.kind === 'rolled-back');
  await phone.store.acceptRollback('host-1');
  await until(() => view()?.link.kind === 'online');
  expect(steps.at(-1)).toEqual({ kind: 'unknown' });
  expect(host.calls).toHaveLength(1);
  expect(view()?.waiting).toBe(0);
});

test('a host that asks for less than it once did is not spoken to', async () => {
  const { host, phone, openPipe } = await paired();
  phone.store.stop();
  const [record] = await phone.book.list();
  if (!record) throw new Error('no record');
  await phone.book.put({ ...record, dealings: { ...record.dealings, minVersion: 2 } });
  const again = createPhone(openPipe, phone.memory);
  await again.store.start();
  await until(() => again.store.hosts()?.[0]?.link.kind === 'downgraded');
  expect(host.calls).toEqual([]);
});

test('the audit log of a host is witnessed, and one that was put back is noticed by the app started again', async () => {
  const { host, phone, openPipe, view } = await paired();
  const log = createLog();
  log.grow(9);
  host.onRead = (call) =>
    call.name === 'audit.checkpoint' ? log.answer((call.input as { since?: number }).since) : undefined;
  phone.store.stop();
  const second = createPhone(openPipe, phone.memory);
  await second.store.start();
  await until(() => second.store.hosts()?.[0]?.witness.kind === 'kept');
  expect(second.store.hosts()?.[0]?.witness).toMatchObject({ size: 9 });
  second.store.stop();
  log.leaves.splice(4);
  const third = createPhone(openPipe, phone.memory);
  await third.store.start();
  await until(() => third.store.hosts()?.[0]?.witness.kind === 'altered');
  expect(third.store.hosts()?.[0]?.witness).toMatchObject({ how: 'smaller', size: 9 });
  await third.store.acknowledgeAltered('host-1');
  await until(() => third.store.hosts()?.[0]?.witness.kind === 'kept');
  expect(third.store.hosts()?.[0]?.witness).toMatchObject({ size: 4 });
  expect(view()).toBeUndefined();
});
