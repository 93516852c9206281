/** @jest-environment node */
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { createPipePair } from '../../contract/channel/fakes.ts';
import type { PipePair } from '../../contract/channel/fakes.ts';
import { fromUtf8, utf8 } from '../../contract/channel/bytes.ts';
import { respond } from '../../contract/channel/channel-handshake.ts';
import { generateDhKey } from '../../contract/channel/dh-key.ts';
import { derivePairing, encodePairingText } from '../../contract/channel/pairing-text.ts';
import { sasCode } from '../../contract/channel/secure-channel.ts';
import type { SecureChannel } from '../../contract/channel/secure-channel.ts';
import { actionHash, approvalBytes, sha256Hex } from '../../contract/action.ts';
import type { Action } from '../../contract/action.ts';
import { emptyHostState } from '../../contract/apply-event.ts';
import { Approval } from '../../contract/approvals.ts';
import type { HostState } from '../../contract/host-state.ts';
import { WorkspaceId } from '../../contract/ids.ts';
import { ClientMessage } from '../../contract/wire.ts';
import type { HostMessage } from '../../contract/wire.ts';
import { createStartPairing } from '../features/pairing/start-pairing.ts';
import type { PairingEvent } from '../features/pairing/pairing-state.ts';
import { en } from '../texts/en.ts';
import { platformSchedule } from './dial.ts';
import { createHostBook } from './host-book.ts';
import type { PairedHost } from './host-record.ts';
import { createKeychainStorage } from './keychain-storage.ts';
import { createLinkStore } from './link-store.ts';
import { createNativeKeys } from './native-keys.ts';
import type { Delivery } from './views.ts';
import type { OpenPipe } from './web-socket-pipe.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const PSK = new Uint8Array(32).fill(7);
const DEVICE = 'device-1';
const at = '2026-01-01T00:00:00.000Z';
const later = '2100-01-01T00:00:00.000Z';

const action: Action = {
  v: 1,
  id: 'act-1',
  kind: 'fs.write',
  workspaceId: WorkspaceId.parse('w1'),
  requester: ['task:t1', 'agent:demo'],
  agent: 'demo',
  paths: ['a.txt'],
  exec: null,
  writes: [{ path: 'a.txt', baseSha256: null, newSha256: sha256Hex('hello\n'), bytes: 6 }],
  tool: null,
  policySha256: sha256Hex('policy'),
};

function pending(id: string, hash = actionHash(action)): Approval {
  return Approval.parse({
    ...{ id, action, actionHash: hash, risk: 2, why: ['ask'], title: 'Write a.txt', taskId: 't1' },
    ...{ scopes: ['once'], createdAt: at, expiresAt: later, state: 'pending' },
  });
}

function stateWith(...approvals: Approval[]): HostState {
  return {
    ...emptyHostState,
    host: { ...emptyHostState.host, id: 'host-1', name: 'studio' },
    approvals: Object.fromEntries(approvals.map((approval) => [approval.id, approval])),
  };
}

/** The host's side: the contract's own responder on one end of every pipe that the phone opens. */
function createHost() {
  const hostKey = generateDhKey(random);
  const secret = random(16);
  const pairing = { hostPublicKey: hostKey.publicKey, secret, hosts: ['127.0.0.1:4400'] };
  const host = {
    link: encodePairingText(pairing),
    key: hostKey,
    state: stateWith(pending('ap-1')),
    seq: 1,
    epoch: 'e1',
    known: true,
    revoked: false,
    reachable: true,
    /** Answers `paired` at once, or leaves the phone waiting. */
    approves: true,
    codes: [] as string[],
    approvalKey: '',
    subscriptions: [] as unknown[],
    calls: [] as Extract<ClientMessage, { type: 'call' }>[],
    connections: 0,
    onCall: (_call: Extract<ClientMessage, { type: 'call' }>): unknown => ({}),
    cut: (): void => undefined,
    push: (_message: HostMessage): void => undefined,
    stored: 0,
  };

  function servePairing(channel: SecureChannel): void {
    host.codes.push(sasCode(channel.handshakeHash));
    const say = (message: object): void => {
      channel.send(utf8(JSON.stringify(message)));
    };
    say({ type: 'pending', hostName: 'studio', expiresInMs: 300_000 });
    channel.onMessage(() => {
      host.stored += 1;
    });
    if (!host.approves) return;
    const devicePsk = Buffer.from(PSK).toString('base64url');
    say({
      type: 'paired',
      deviceId: DEVICE,
      devicePsk,
      hostId: 'host-1',
      hostName: 'studio',
      scope: 'approve',
    });
  }

  function serveSession(channel: SecureChannel): void {
    if (host.revoked) {
      channel.close();
      return;
    }
    host.connections += 1;
    const send = (message: HostMessage): void => {
      channel.send(utf8(JSON.stringify(message)));
    };
    host.push = send;
    channel.onMessage((bytes) => {
      const message = ClientMessage.parse(JSON.parse(fromUtf8(bytes)));
      if (message.type === 'subscribe') {
        host.subscriptions.push(message.from);
        const cursor = { epoch: host.epoch, seq: host.seq };
        const fresh = message.from?.epoch === cursor.epoch && message.from.seq === cursor.seq;
        if (!fresh) send({ type: 'frame', frame: { kind: 'snapshot', cursor, state: host.state } });
      } else if (message.type === 'call') {
        if (message.name === 'workspaces.list') {
          send({ type: 'reply', id: message.id, reply: { ok: true, value: { workspaces: [] } } });
          return;
        }
        host.calls.push(message);
        const value = host.onCall(message);
        if (value !== undefined) send({ type: 'reply', id: message.id, reply: { ok: true, value } });
      }
    });
  }

  async function accept(pipes: PipePair): Promise<void> {
    const responded = await respond({
      ...{ pipe: pipes.right, hostKey, random, schedule: platformSchedule },
      lookup: (claim) => (claim.mode === 'pair' ? derivePairing(pairing).pairPsk : host.known ? PSK : null),
      onVerified: (opening) => {
        if (opening.mode === 'pair') host.approvalKey = opening.payload.approvalKey;
        return undefined;
      },
    });
    if (responded.mode === 'pair') servePairing(responded.channel);
    else serveSession(responded.channel);
  }

  function openPipe(): Promise<OpenPipe> {
    if (!host.reachable) return Promise.reject(new Error('no route'));
    const pipes = createPipePair();
    host.cut = pipes.cut;
    void accept(pipes).catch(() => undefined);
    return Promise.resolve(pipes.left);
  }
  return { host, openPipe };
}

/** A phone with a keychain in memory; `restart` starts the app again with the same keychain. */
function createPhone(openPipe: () => Promise<OpenPipe>) {
  const items = new Map<string, string>();
  const keychain = {
    read: (name: string) => Promise.resolve(items.get(name) ?? null),
    write: (name: string, value: string) => Promise.resolve(void items.set(name, value)),
    remove: (name: string) => Promise.resolve(void items.delete(name)),
    canGuard: () => true,
  };
  const keys = createNativeKeys(keychain, random);
  const book = createHostBook(createKeychainStorage(keychain));
  const clock = { now: 1_000_000 };
  const deps = { openPipe, random, schedule: platformSchedule, book, keys, texts: en, now: () => clock.now };
  const store = createLinkStore(deps);
  const start = createStartPairing({
    ...deps,
    ...{ platform: 'web', app: 'Signalbox 0.1.0' },
    add: (record: PairedHost) => store.add(record),
  });
  opened.push(store);
  return { items, store, start, book, clock };
}

const opened: { stop(): void }[] = [];
afterEach(() => {
  for (const store of opened.splice(0)) store.stop();
});

async function until<T>(what: () => T | undefined | false): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = what();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function paired() {
  const { host, openPipe } = createHost();
  const phone = createPhone(openPipe);
  await phone.store.start();
  const events: PairingEvent[] = [];
  phone.start({ link: host.link, deviceName: 'Phone' }, (event) => events.push(event));
  await until(() => events.some((event) => event.kind === 'admitted'));
  const view = () => phone.store.hosts()?.[0];
  await until(() => view()?.link.kind === 'online' && view()?.approvals.length === 1);
  async function decide(decision: 'allow' | 'deny' = 'allow'): Promise<Delivery[]> {
    const steps: Delivery[] = [];
    const shown = view()?.approvals[0];
    await phone.store.act(
      { kind: 'decide', hostId: 'host-1', approvalId: 'ap-1', actionHash: shown?.actionHash ?? '', decision },
      (step) => steps.push(step),
    );
    return steps;
  }
  return { host, phone, events, view, decide };
}

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
  expect(host.codes).toHaveLength(2);
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
  const { openPipe } = createHost();
  const other = createHost();
  const phone = createPhone(openPipe);
  const events: PairingEvent[] = [];
  phone.start({ link: 'signalbox://p#AAAA@127.0.0.1', deviceName: 'P' }, (event) => events.push(event));
  expect(events).toEqual([{ kind: 'failed', reason: 'bad-link' }]);
  const attempt = phone.start({ link: other.host.link, deviceName: 'P' }, (event) => events.push(event));
  await new Promise((resolve) => setTimeout(resolve, 300));
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
    expect(phone.items.get('host.host-1')).toContain(`"counter":${String(counter)}`);
    expect(call.commandId).toMatch(/^[A-Za-z0-9_-]{22}$/);
    counters.push(counter);
    return {
      ...pending('ap-1'),
      state: 'approved',
      scope: 'once',
      decidedAt: at,
      decidedBy: `device:${DEVICE}`,
    };
  };
  expect((await decide()).map(({ kind }) => kind)).toEqual(['sending', 'sent', 'done']);
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
  host.onCall = answer('hello\n');
  expect(await phone.store.content('host-1', 'ap-1')).toMatchObject({
    kind: 'ready',
    content: { agentSays: 'trust me', notShown: [], diffs: [{ path: 'a.txt', check: 'verified' }] },
  });
  host.onCall = answer('rm -rf\n');
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

test('an answer that got lost is unknown, and is not sent again', async () => {
  const { host, view, decide } = await paired();
  host.onCall = () => {
    host.cut();
    return undefined;
  };
  expect((await decide()).at(-1)).toEqual({ kind: 'unknown' });
  await until(() => host.connections === 2 && view()?.link.kind === 'online');
  expect(host.calls).toHaveLength(1);
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
