import { expect, test } from 'vitest';
import { fromBase64Url, fromUtf8, utf8 } from '../contract/channel/bytes.ts';
import { initiate } from '../contract/channel/channel-handshake.ts';
import { parsePairingText } from '../contract/channel/pairing-text.ts';
import { sasCode, type SecureChannel } from '../contract/channel/secure-channel.ts';
import type { DeviceScope } from '../contract/identity.ts';
import type { DeviceId } from '../contract/ids.ts';
import { HostMessage } from '../contract/wire.ts';
import { nodeClock, nodeRandom } from './ports.node.ts';
import { ACT, startDeviceHost, type DeviceHost } from './testing/device-host.ts';
import { openPipe, pairTestPhone, type PhoneSession, type TestPhone } from './testing/test-phone.ts';

const DAY = 86_400_000;

interface Paired {
  readonly phone: TestPhone;
  readonly deviceId: DeviceId;
  readonly hostPublicKey: Uint8Array;
  readonly psk: Uint8Array;
}

async function pair(host: DeviceHost, scope: DeviceScope = 'manage'): Promise<Paired> {
  const made = await host.identity.handlers['identity.createInvitation']({ scope }, host.owner);
  const phone = await pairTestPhone(made.text);
  const { id } = await waiting(host, phone.checkCode);
  await host.identity.handlers['identity.approveDevice']({ deviceId: id, code: phone.checkCode }, host.owner);
  const paired = await phone.decided;
  if (paired.type !== 'paired') throw new Error('it was refused');
  return {
    phone,
    deviceId: id,
    hostPublicKey: parsePairingText(made.text).hostPublicKey,
    psk: fromBase64Url(paired.devicePsk),
  };
}

/** The device that waits with this code; the handshake's last message may still be under way. */
async function waiting(host: DeviceHost, code: string) {
  for (;;) {
    const found = host.identity.devices().find((one) => one.state === 'pending' && one.checkCode === code);
    if (found) return found;
    await turn();
  }
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Sends acts as fast as the host takes them, until it takes no more. Gives how many were answered with yes. */
async function hammer(session: PhoneSession): Promise<number> {
  let done = 0;
  let isOver = false;
  void session.closed.then(() => (isOver = true));
  const sender = async () => {
    while (!isOver) {
      const reply = await session.client.call(ACT, {});
      if (reply.ok) done += 1;
      else if (reply.error.code !== 'too_many') return;
    }
  };
  await Promise.all(Array.from({ length: 24 }, sender));
  return done;
}

test('a phone that is revoked while it sends what it can is told so, cut off, and does nothing more', async () => {
  const host = await startDeviceHost();
  const [thief, friend] = [await pair(host), await pair(host)];
  const [session, second, other] = [
    await thief.phone.connect(),
    await thief.phone.connect(),
    await friend.phone.connect(),
  ];
  await Promise.all([session.welcome, second.welcome, other.welcome]);
  const storms = [hammer(session), hammer(second), hammer(other)];
  while (host.acts.length < 200) await turn();
  const revokedAt = performance.now();
  await host.identity.handlers['identity.revokeDevice']({ deviceId: thief.deviceId }, host.owner);
  const returnedAt = performance.now();
  const [reason] = await Promise.all([session.goodbye, session.closed, second.closed]);
  const closedAt = performance.now();
  const principal = `device:${thief.deviceId}`;
  const friendBefore = host.acts.filter((act) => act.principal === `device:${friend.deviceId}`).length;
  while (host.acts.filter((act) => act.principal === `device:${friend.deviceId}`).length < friendBefore + 50)
    await turn();
  const late = host.acts.filter((act) => act.principal === principal && act.at > returnedAt);
  other.close();
  await Promise.all(storms);
  expect(late).toEqual([]);
  expect([reason, await second.goodbye]).toEqual(['revoked', 'revoked']);
  expect(closedAt - revokedAt).toBeLessThan(1000);
  expect(host.forgotten).toMatchObject([{ principal }]);
  expect(host.forgotten[0]?.at).toBeLessThanOrEqual(returnedAt);
  const again = await thief.phone.connect().then(
    (opened) => opened.closed,
    () => 'lost',
  );
  expect(again).toBe('lost');
  process.stdout.write(
    `revocation under load: effective after ${(returnedAt - revokedAt).toFixed(1)} ms, both sockets closed after ` +
      `${(closedAt - revokedAt).toFixed(1)} ms, ${late.length} of ${host.acts.length} acts accepted afterwards\n`,
  );
});

test('a change of scope ends the sessions of that device; it comes back with the new one', async () => {
  const host = await startDeviceHost();
  const [one, two] = [await pair(host), await pair(host)];
  const [session, other] = [await one.phone.connect(), await two.phone.connect()];
  await Promise.all([session.welcome, other.welcome]);
  await host.identity.handlers['identity.setScope']({ deviceId: one.deviceId, scope: 'view' }, host.owner);
  expect(await session.goodbye).toBe('scope-changed');
  const again = await one.phone.connect();
  await again.welcome;
  expect(await again.client.call(ACT, {})).toMatchObject({ ok: false, error: { code: 'not_permitted' } });
  expect(await other.client.call(ACT, {})).toMatchObject({ ok: true });
});

test('each device has a share of a cache key of its own, and none once it is revoked', async () => {
  const host = await startDeviceHost();
  const [one, two] = [await pair(host, 'view'), await pair(host, 'view')];
  const share = async (session: PhoneSession) => {
    const reply = await session.client.call('identity.cacheKey', {});
    return reply.ok ? reply.value.share : reply.error.code;
  };
  const [first, second, again] = [
    await share(await one.phone.connect()),
    await share(await two.phone.connect()),
    await share(await one.phone.connect()),
  ];
  expect(first).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(again).toBe(first);
  expect(second).not.toBe(first);
  expect(first).not.toBe(Buffer.from(one.psk).toString('base64url'));
});

interface Raw {
  readonly channel: SecureChannel;
  /** The next message of the host. */
  next(): Promise<HostMessage>;
  say(message: object): void;
  readonly closed: Promise<void>;
}

async function open(
  host: DeviceHost,
  { phone }: Paired,
  keys: Pick<Paired, 'hostPublicKey' | 'psk'>,
): Promise<Raw> {
  const channel = await initiate({
    pipe: await openPipe(`ws://${host.address()}/e2e`),
    random: (count) => nodeRandom.bytes(count),
    schedule: nodeClock.after,
    deviceKey: phone.key,
    ...keys,
    mode: 'session',
    payload: {},
  });
  const heard: HostMessage[] = [];
  let wake = () => {};
  channel.onMessage((bytes) => {
    heard.push(HostMessage.parse(JSON.parse(fromUtf8(bytes))));
    wake();
  });
  const closed = new Promise<void>((resolve) =>
    channel.onClose(() => {
      resolve();
      wake();
    }),
  );
  return {
    channel,
    closed,
    say: (message) => channel.send(utf8(JSON.stringify(message))),
    async next() {
      const isSilent = () => heard.length === 0;
      for (let isOver = false; isSilent();) {
        if (isOver) throw new Error('the host hung up');
        isOver = await Promise.race([
          closed.then(() => isSilent()),
          new Promise<false>((resolve) => (wake = () => resolve(false))),
        ]);
      }
      const [first] = heard.splice(0, 1);
      if (!first) throw new Error('nothing was heard');
      return first;
    },
  };
}

test('a phone that was away for 31 days gets in when the owner has compared the code of that very channel', async () => {
  const host = await startDeviceHost();
  const paired = await pair(host);
  host.jump(31 * DAY);
  const first = await open(host, paired, paired);
  expect(await first.next()).toMatchObject({ type: 'renewal', state: 'waiting' });
  // Nothing is behind this channel yet.
  first.say({ type: 'call', id: 1, name: ACT, input: {}, commandId: 'a'.repeat(22), counter: 1 });
  first.say({ type: 'ping' });
  expect(await first.next()).toEqual({ type: 'pong' });
  host.jump(-10 * 365 * DAY);
  const second = await open(host, paired, paired);
  expect(await second.next()).toMatchObject({ type: 'renewal', state: 'waiting' });
  expect(await first.next()).toMatchObject({ type: 'renewal', state: 'refused' });
  const device = await waiting(host, sasCode(second.channel.handshakeHash));
  expect(device).toMatchObject({ id: paired.deviceId, purpose: 'renew' });
  const approve = (code: string) =>
    host.identity.handlers['identity.approveDevice']({ deviceId: device.id, code }, host.owner);
  // A code of another channel is none.
  await expect(approve(sasCode(first.channel.handshakeHash))).rejects.toMatchObject({ code: 'refused' });
  expect(await approve(sasCode(second.channel.handshakeHash))).toMatchObject({ state: 'active' });
  expect(await second.next()).toMatchObject({ type: 'renewal', state: 'renewed' });
  const back = await paired.phone.connect();
  expect(await back.client.call(ACT, {})).toMatchObject({ ok: true });
  expect(host.acts).toHaveLength(1);
});

test('new keys go to a connected phone, and to one that was away when it comes with the old ones', async () => {
  const host = await startDeviceHost();
  const [here, away] = [await pair(host), await pair(host)];
  const live = await open(host, here, here);
  expect(await live.next()).toMatchObject({ type: 'welcome' });
  await host.identity.handlers['identity.rotateKeys']({ dropOld: false }, host.owner);
  for (const paired of [here, away]) {
    const session = paired === here ? live : await open(host, away, away);
    if (paired === away) expect(await session.next()).toMatchObject({ type: 'welcome' });
    const told = await session.next();
    if (told.type !== 'rotate') throw new Error(`${told.type} came instead of the new keys`);
    session.say({ type: 'rotated' });
    session.say({ type: 'ping' });
    expect(await session.next()).toEqual({ type: 'pong' });
    const news = { hostPublicKey: fromBase64Url(told.hostPublicKey), psk: fromBase64Url(told.devicePsk) };
    const again = await open(host, paired, news);
    expect(await again.next()).toMatchObject({ type: 'welcome' });
    // Neither the old host key, nor the old key of the device under the new one.
    for (const stale of [paired, { ...news, psk: paired.psk }]) {
      const heard = open(host, paired, stale).then((opened) => opened.next());
      await expect(heard).rejects.toThrow(/hung up|ended during the handshake/);
    }
  }
});
