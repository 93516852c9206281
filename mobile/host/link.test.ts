/** @jest-environment node */
import { createPublicKey, verify } from 'node:crypto';
import { actionHash, approvalBytes, sha256Hex } from '../../contract/action.ts';
import { generateDhKey } from '../../contract/channel/dh-key.ts';
import type { PairingEvent } from '../features/pairing/pairing-state.ts';
import { DEVICE, action, approved, createHost, pending, random, stateWith } from './fake-host.ts';
import { createPhone, onDisk, paired, stopPhones, until } from './fake-phone.ts';

afterEach(stopPhones);

test('pairs with the code of the handshake, tells the host that it is stored, and connects', async () => {
  const { host, events, view, phone } = await paired();
  expect(events[0]).toEqual({ kind: 'channel-ready', checkCode: host.codes[0], hostName: undefined });
  expect(events[1]).toEqual({ kind: 'channel-ready', checkCode: host.codes[0], hostName: 'studio' });
  expect(events[2]).toEqual({ kind: 'admitted', hostId: 'host-1', hostName: 'studio' });
  expect(host.stored).toBe(1);
  expect(view()).toMatchObject({ id: 'host-1', name: 'studio', scopes: ['view', 'submit', 'approve'] });
  expect((await phone.book.list())[0]).toMatchObject({ deviceId: DEVICE, scope: 'approve', counter: 0 });
});

test('a connection that breaks before the end is made again with the same key and another code', async () => {
  const { host, openPipe } = createHost();
  host.approves = false;
  const phone = createPhone(openPipe);
  await phone.store.start();
  const events: PairingEvent[] = [];
  phone.start({ link: host.link, deviceName: 'Phone' }, (event) => events.push(event));
  await until(() => events.length >= 2);
  const key = host.approvalKey;
  host.approves = true;
  host.cut();
  await until(() => events.some((event) => event.kind === 'admitted'));
  expect(events.map(({ kind }) => kind)).toContain('channel-lost');
  expect(host.codes[0]).not.toBe(host.codes[1]);
  expect(host.approvalKey).toBe(key);
});

test('a cancelled pairing leaves no key behind', async () => {
  const { host, openPipe } = createHost();
  host.approves = false;
  const phone = createPhone(openPipe);
  const events: PairingEvent[] = [];
  const attempt = phone.start({ link: host.link, deviceName: 'Phone' }, (event) => events.push(event));
  await until(() => events.length >= 2);
  attempt.cancel();
  await until(() => phone.items.size === 0);
  expect(events).toHaveLength(2);
});

test('a code of another host never gets as far as a check code, a damaged one fails at once', async () => {
  const { host, openPipe } = createHost();
  const other = createHost();
  const phone = createPhone(openPipe);
  const events: PairingEvent[] = [];
  phone.start({ link: 'signalbox://p#AAAA@127.0.0.1', deviceName: 'P' }, (event) => events.push(event));
  expect(events).toEqual([{ kind: 'failed', reason: 'bad-link' }]);
  const attempt = phone.start({ link: other.host.link, deviceName: 'P' }, (event) => events.push(event));
  // It has tried, was not believed, and tries again: no code was shown on the way.
  await until(() => host.knocks === 2);
  expect(events).toHaveLength(1);
  attempt.cancel();
});

test('an approval is signed so that Node verifies it, with a counter that is on disk first', async () => {
  const { host, phone, decide } = await paired();
  const spki = Buffer.from(host.approvalKey, 'base64url');
  const counters: number[] = [];
  host.onCall = (call) => {
    const input = call.input as { proof: { counter: number; signature: string } };
    const { counter, signature } = input.proof;
    const statement = {
      ...{ approvalId: 'ap-1', actionHash: actionHash(action), decision: 'allow', scope: 'once', counter },
    };
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' });
    const signed = approvalBytes(statement as Parameters<typeof approvalBytes>[0]);
    const valid = verify(
      'sha256',
      signed,
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    expect(valid).toBe(true);
    expect(onDisk(phone).counter).toBe(counter);
    expect(call.commandId).toMatch(/^[A-Za-z0-9_-]{22}$/);
    counters.push(counter);
    return approved;
  };
  expect((await decide()).map(({ kind }) => kind)).toEqual(['sending', 'queued', 'sent', 'done']);
  phone.clock.now -= 500_000;
  await decide();
  phone.clock.now += 900_000;
  await decide();
  expect(counters).toHaveLength(3);
  expect([...counters].sort((a, b) => a - b)).toEqual(counters);
  expect(new Set(counters).size).toBe(3);
});

test('an action whose hash is another one is never approved', async () => {
  const { host, view, phone, decide } = await paired();
  host.push({
    type: 'frame',
    frame: {
      kind: 'event',
      cursor: { epoch: 'e1', seq: 2 },
      event: { type: 'approval.changed', approval: pending('ap-1', sha256Hex('another action')) },
    },
  });
  const forged = await until(() => view()?.approvals.find(({ genuine }) => !genuine));
  expect(forged.genuine).toBe(false);
  expect((await decide()).at(-1)?.kind).toBe('refused');
  expect(host.calls).toEqual([]);
  expect((await phone.book.list())[0]?.counter).toBe(0);
});

test('the content is checked against the hashes that would be signed', async () => {
  const { host, phone } = await paired();
  const answer = (newText: string) => (): unknown => ({
    approval: pending('ap-1'),
    detail: {
      ...{ approvalId: 'ap-1', agentSays: 'trust me' },
      diffs: [{ path: 'a.txt', oldText: null, newText, redacted: false, truncated: false }],
    },
  });
  host.onRead = answer('hello\n');
  expect(await phone.store.content('host-1', 'ap-1')).toMatchObject({
    kind: 'ready',
    content: { agentSays: 'trust me', notShown: [], diffs: [{ path: 'a.txt', check: 'verified' }] },
  });
  host.onRead = answer('rm -rf\n');
  expect(await phone.store.content('host-1', 'ap-1')).toMatchObject({
    content: { diffs: [{ check: 'differs' }] },
  });
});

test('a gap makes a new snapshot, and a lost connection goes on from its cursor', async () => {
  const { host, view } = await paired();
  host.seq = 9;
  host.state = stateWith();
  host.push({ type: 'frame', frame: { kind: 'hidden', cursor: { epoch: 'e1', seq: 5 } } });
  await until(() => view()?.approvals.length === 0);
  expect(host.subscriptions).toEqual([null, null]);
  host.cut();
  await until(() => host.connections === 2 && view()?.link.kind === 'online');
  expect(host.subscriptions.at(-1)).toEqual({ epoch: 'e1', seq: 9 });
});

test('a command whose answer got lost is asked for again under the same name and number', async () => {
  const { host, decide } = await paired();
  host.onCall = () => {
    if (host.calls.length > 1) return approved;
    host.cut();
    return undefined;
  };
  expect((await decide()).map(({ kind }) => kind)).toEqual(['sending', 'queued', 'sent', 'done']);
  expect(host.connections).toBe(2);
  const [first, second] = host.calls;
  expect(first?.commandId).toMatch(/^[A-Za-z0-9_-]{22}$/);
  expect(first?.counter).toBe(1);
  expect([second?.commandId, second?.counter, second?.input]).toEqual([
    first?.commandId,
    first?.counter,
    first?.input,
  ]);
});

test('a command that waits survives the end of the app, and its number is on the disk before it is sent', async () => {
  const { host, phone, openPipe } = await paired();
  let before: unknown;
  host.onCall = () => {
    before ??= onDisk(phone).dealings;
    return undefined;
  };
  void phone.store.act({ kind: 'pause', hostId: 'host-1' }, () => undefined);
  await until(() => host.calls.length === 1);
  expect(before).toMatchObject({ counter: 1, answered: 0, epoch: 5 });
  expect([...phone.sealed.values()].some((bytes) => Buffer.from(bytes).includes('host.pause'))).toBe(false);
  phone.store.stop();

  host.onCall = () => ({});
  const again = createPhone(openPipe, phone.memory);
  await again.store.start();
  await until(() => host.calls.length === 2);
  expect(host.calls[1]).toMatchObject({ name: 'host.pause', counter: 1 });
  expect(host.calls[1]?.commandId).toBe(host.calls[0]?.commandId);
  await until(() => again.store.hosts()?.[0]?.waiting === 0);
});

test('a host that cannot be reached is offline with its last data, and back after a wake', async () => {
  const { host, phone, view } = await paired();
  host.reachable = false;
  host.cut();
  await until(() => view()?.link.kind === 'offline');
  expect(view()).toMatchObject({ link: { asOf: 1_000_000 }, approvals: [{ id: 'ap-1' }] });
  host.reachable = true;
  phone.store.wake();
  await until(() => view()?.link.kind === 'online');
});

test.each([
  ['hangs up politely', { revoked: true }],
  ['does not know the key any more', { known: false }],
])(
  'a host that %s has removed this phone, and the phone stops knocking',
  async (_how, change) => {
    const { host, phone, view } = await paired();
    Object.assign(host, change);
    host.cut();
    await until(() => view()?.link.kind === 'refused');
    await phone.store.forget('host-1');
    expect(phone.store.hosts()).toEqual([]);
    expect([...phone.items].filter(([, value]) => value !== '')).toEqual([]);
    expect(phone.sealed.size).toBe(0);
  },
  30_000,
);

test('a host with another key is never spoken to', async () => {
  const { phone, view } = await paired();
  const [record] = await phone.book.list();
  if (!record) throw new Error('no record');
  const other = generateDhKey(random);
  await phone.store.add({ ...record, hostPublicKey: other.publicKey });
  await until(() => view()?.link.kind === 'offline');
  expect(view()?.approvals).toEqual([]);
});

test('an answer is given only while the person looks at the app', async () => {
  const { host, phone, decide } = await paired();
  phone.clock.inFront = false;
  expect(await decide()).toEqual([
    { kind: 'sending' },
    { kind: 'refused', why: 'Unlock the device and open the app to answer. Nothing was signed.' },
  ]);
  expect(host.calls).toEqual([]);
});
