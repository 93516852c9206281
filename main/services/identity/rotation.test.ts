import { expect, test } from 'vitest';
import { openDatabase, type Database } from '../../kernel/database.ts';
import type { SecretStore } from '../../kernel/ports.ts';
import { memorySecrets } from '../../testing/fake-ports.ts';
import { fingerprint } from './device-store.ts';
import { GRACE_MS } from './rotation.ts';
import { createTestDevice, type TestDevice } from '../../testing/identity/test-device.ts';
import { createWorld, owner, YEAR, type World } from '../../testing/identity/test-world.ts';

const DAY = 86_400_000;

async function pair(world: World): Promise<TestDevice> {
  const phone = createTestDevice(world);
  const made = await world.identity.handlers['identity.createInvitation']({ scope: 'approve' }, owner);
  phone.scan(made.text);
  phone.prove(phone.lookUp(), 'none');
  const pending = world.identity.devices().find((device) => device.state === 'pending');
  if (!pending) throw new Error('nobody waits');
  await world.identity.handlers['identity.approveDevice'](
    { deviceId: pending.id, code: phone.checkCode },
    owner,
  );
  phone.sayStored();
  phone.hangUp();
  // The limit of ten handshakes a minute is not what is tested here.
  world.clock.advance(10_000);
  return phone;
}

const rotate = (world: World, dropOld = false) =>
  Promise.resolve(world.identity.handlers['identity.rotateKeys']({ dropOld }, owner));
const stateOf = (world: World, phone: TestDevice) =>
  world.identity.devices().find(({ fingerprint: shown }) => shown === fingerprint(phone.publicKey()))?.state;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a connected device gets the new keys in its channel; once it stored them the old ones open nothing', async () => {
  const world = createWorld();
  const phone = await pair(world);
  const [old] = phone.held;
  if (!old) throw new Error('no key');
  expect(phone.connect()).toBe('connected');
  expect(await rotate(world)).toMatchObject({ devicesToTell: 1 });
  expect(phone.opens(old)).toBe(true);
  phone.storeNewKeys(true);
  expect(phone.opens(old)).toBe(false);
  expect(phone.connect()).toBe('connected');
  await settled();
  expect(await world.secrets.get('host-key')).toBeNull();
  expect(await world.secrets.get('device-psk-master')).toBeNull();
  expect(world.audit.entries.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['keys.rotated', 'device.rotated']),
  );
});

test('a device that was away gets in with the old keys and is told then; one that lost its word is believed by its session', async () => {
  const world = createWorld();
  const [away, deafened] = [await pair(world), await pair(world)];
  deafened.connect();
  await rotate(world);
  deafened.storeNewKeys(false);
  deafened.hangUp();
  expect(away.connect()).toBe('connected');
  expect(away.hasNews()).toBe(true);
  away.storeNewKeys(true);
  expect(deafened.connect()).toBe('connected');
  expect(deafened.hasNews()).toBe(false);
  await settled();
  expect(await world.secrets.get('host-key')).toBeNull();
});

test('after 30 days the old keys are gone, and who never came is revoked, whatever the wall clock said meanwhile', async () => {
  const world = createWorld();
  await world.identity.start();
  const phone = await pair(world);
  await rotate(world);
  world.clock.jump(-10 * YEAR);
  world.clock.advance(32 * DAY);
  await settled();
  expect(phone.connect()).toBe('refused');
  expect(stateOf(world, phone)).toBe('revoked');
  expect(await world.secrets.get('host-key')).toBeNull();
});

test('dropping the old keys revokes who is away and gives who is connected a minute', async () => {
  const world = createWorld();
  const [away, here, silent] = [await pair(world), await pair(world), await pair(world)];
  here.connect();
  silent.connect();
  await rotate(world, true);
  expect(stateOf(world, away)).toBe('revoked');
  expect(away.connect()).toBe('refused');
  here.storeNewKeys(true);
  world.clock.advance(GRACE_MS);
  await settled();
  expect([stateOf(world, here), stateOf(world, silent)]).toEqual(['active', 'revoked']);
  expect(silent.isConnected()).toBe(false);
  expect(here.connect()).toBe('connected');
});

test('the open code and who waits end with the keys that they hold', async () => {
  const world = createWorld();
  const waiting = createTestDevice(world);
  const made = await world.identity.handlers['identity.createInvitation']({ scope: 'view' }, owner);
  waiting.scan(made.text);
  waiting.prove(waiting.lookUp(), 'none');
  await rotate(world);
  expect(waiting.heard.at(-1)).toEqual({ type: 'refused', reason: 'cancelled' });
  expect(waiting.lookUp()?.isProven).toBe(false);
});

test('killed between any two writes, a change of keys locks nobody out who was not revoked, and lets no revoked one in', async () => {
  let crashes = 0;
  for (const dropOld of [false, true]) {
    for (let point = 0; ; point += 1) {
      const crashed = await rotateWithCrash(point, dropOld);
      if (!crashed) break;
      crashes += 1;
    }
  }
  expect(crashes).toBeGreaterThan(12);
  process.stdout.write(`key rotation: killed at ${crashes} points between writes, 0 devices locked out\n`);
});

/** One change of keys that dies at its nth write. False when it came to its end. */
async function rotateWithCrash(point: number, dropOld: boolean): Promise<boolean> {
  const writes = { left: Infinity };
  const world = createWorld({ db: dying(openDatabase(':memory:'), writes), secrets: dyingSecrets(writes) });
  const [here, away, revoked] = [await pair(world), await pair(world), await pair(world)];
  if (!revoked.deviceId) throw new Error('not paired');
  await world.identity.handlers['identity.revokeDevice']({ deviceId: revoked.deviceId }, owner);
  here.connect();
  writes.left = point;
  await rotate(world, dropOld).catch(() => {});
  try {
    here.storeNewKeys(true);
  } catch {
    // The host died while it wrote that down: the phone has its keys all the same.
  }
  await settled();
  const crashed = writes.left <= 0;
  writes.left = Infinity;
  here.hangUp();
  await world.restart();
  for (const phone of [here, away]) {
    const isIn = phone.connect() === 'connected';
    // Only a device that stored new keys can come in within this minute; after it the others show as what they are.
    if (!isIn) world.clock.advance(GRACE_MS);
    await settled();
    const state = stateOf(world, phone);
    if (!isIn && state !== 'revoked')
      throw new Error(`locked out at write ${point}, but shown as ${String(state)}`);
    if (isIn) {
      phone.storeNewKeys(true);
      if (phone.connect() !== 'connected') throw new Error(`locked out by its new keys, write ${point}`);
    }
    if (!dropOld && !isIn) throw new Error(`revoked at write ${point} though the old keys were to be kept`);
  }
  if (revoked.connect() !== 'refused') throw new Error(`a revoked device came in, write ${point}`);
  return crashed;
}

interface Left {
  left: number;
}

function spend(writes: Left): void {
  if (writes.left <= 0) throw new Error('killed');
  writes.left -= 1;
  if (writes.left <= 0) writes.left = -1;
}

/** Dies at the nth statement that writes; a transaction that dies is rolled back, as on the disk. */
function dying(db: Database, writes: Left): Database {
  return {
    ...db,
    run(sql, ...values) {
      if (/^\s*SELECT/i.test(sql)) return db.run(sql, ...values);
      spend(writes);
      return db.run(sql, ...values);
    },
  };
}

function dyingSecrets(writes: Left): SecretStore {
  const store = memorySecrets();
  return {
    kind: store.kind,
    get: store.get,
    async set(name, value) {
      spend(writes);
      await store.set(name, value);
    },
    async delete(name) {
      spend(writes);
      await store.delete(name);
    },
  };
}
