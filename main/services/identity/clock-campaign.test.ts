import { expect, test } from 'vitest';
import { createTestDevice } from '../../testing/identity/test-device.ts';
import { createWorld, owner, YEAR } from '../../testing/identity/test-world.ts';
import { runClockCampaign } from '../../testing/identity/clock-campaign.ts';

const DAY = 86_400_000;

test('no clock makes a code, an approval or a device valid for longer', async () => {
  const figure = await runClockCampaign(600);
  process.stdout.write(figure);
  expect(figure).not.toMatch(/: 0 ends seen/);
});

async function pairedWorld() {
  const world = createWorld();
  await world.identity.start();
  const phone = createTestDevice(world);
  const made = await world.identity.handlers['identity.createInvitation']({ scope: 'submit' }, owner);
  phone.scan(made.text);
  phone.prove(phone.lookUp(), 'none');
  const [device] = world.identity.devices();
  if (!device) throw new Error('nobody waits');
  await world.identity.handlers['identity.approveDevice'](
    { deviceId: device.id, code: phone.checkCode },
    owner,
  );
  phone.sayStored();
  phone.hangUp();
  const state = () => world.identity.devices().find(({ id }) => id === device.id)?.state;
  return { world, phone, state };
}

test('a device that was away for 30 days shows as idle by itself, without anybody asking', async () => {
  const { world, state } = await pairedWorld();
  world.clock.advance(29 * DAY);
  expect(state()).toBe('active');
  world.clock.advance(2 * DAY + 1);
  expect(state()).toBe('idle');
  expect(world.audit.entries.map(({ type }) => type)).toContain('device.idle');
});

test('an idle device stays idle when the clock is set back, over restarts, until the owner renews it', async () => {
  const { world, phone, state } = await pairedWorld();
  world.clock.jump(31 * DAY);
  expect(phone.connect()).toBe('away');
  world.clock.jump(-10 * YEAR);
  expect(phone.connect()).toBe('away');
  await world.restart();
  expect([state(), phone.connect()]).toEqual(['idle', 'away']);
  phone.renew();
  const [pending] = world.identity.devices();
  expect(pending).toMatchObject({ state: 'pending', purpose: 'renew' });
  if (!pending) return;
  phone.hangUp();
  expect(state()).toBe('idle');
  phone.renew();
  await world.identity.handlers['identity.approveDevice'](
    { deviceId: pending.id, code: phone.checkCode },
    owner,
  );
  expect([state(), phone.connect()]).toEqual(['active', 'connected']);
  expect(phone.heard.at(-1)).toMatchObject({ type: 'renewal', state: 'renewed' });
});

test('a device that stays connected is not idle, however long that is', async () => {
  const { world, phone, state } = await pairedWorld();
  phone.connect();
  world.clock.advance(45 * DAY);
  phone.hangUp();
  expect([state(), phone.connect()]).toEqual(['active', 'connected']);
});

test('a host that was off for 31 days asks again', async () => {
  const { world, phone, state } = await pairedWorld();
  world.identity.stop();
  world.clock.jump(31 * DAY);
  await world.restart();
  expect([state(), phone.connect()]).toEqual(['idle', 'away']);
});
