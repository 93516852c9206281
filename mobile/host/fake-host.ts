// For tests: a host made of the contract's own responder, and a phone with a keychain in memory.
import { randomBytes } from 'node:crypto';
import { createPipePair } from '../../contract/channel/fakes.ts';
import type { PipePair } from '../../contract/channel/fakes.ts';
import { fromUtf8, utf8 } from '../../contract/channel/bytes.ts';
import { respond } from '../../contract/channel/channel-handshake.ts';
import { generateDhKey } from '../../contract/channel/dh-key.ts';
import { derivePairing, encodePairingText } from '../../contract/channel/pairing-text.ts';
import { sasCode } from '../../contract/channel/secure-channel.ts';
import type { SecureChannel } from '../../contract/channel/secure-channel.ts';
import { actionHash, sha256Hex } from '../../contract/action.ts';
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

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const PSK = new Uint8Array(32).fill(7);
export const DEVICE = 'device-1';
export const at = '2026-01-01T00:00:00.000Z';
const later = '2100-01-01T00:00:00.000Z';

export const action: Action = {
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

export function pending(id: string, hash = actionHash(action)): Approval {
  return Approval.parse({
    ...{ id, action, actionHash: hash, risk: 2, why: ['ask'], title: 'Write a.txt', taskId: 't1' },
    ...{ scopes: ['once'], createdAt: at, expiresAt: later, state: 'pending' },
  });
}

export function stateWith(...approvals: Approval[]): HostState {
  return {
    ...emptyHostState,
    host: { ...emptyHostState.host, id: 'host-1', name: 'studio' },
    approvals: Object.fromEntries(approvals.map((approval) => [approval.id, approval])),
  };
}

/** The host's side: the contract's own responder on one end of every pipe that the phone opens. */
export function createHost() {
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
export function createPhone(openPipe: () => Promise<OpenPipe>) {
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

/** Ends what the test has opened; for `afterEach`. */
export function stopPhones(): void {
  for (const store of opened.splice(0)) store.stop();
}

export async function until<T>(what: () => T | undefined | false): Promise<T> {
  const end = Date.now() + 20_000;
  for (;;) {
    const found = what();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export async function paired() {
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
