// For tests: a host made of the contract's own responder.
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
import { NO_NEED } from '../../contract/policy.ts';
import { emptyHostState } from '../../contract/apply-event.ts';
import { Approval } from '../../contract/approvals.ts';
import type { HostState } from '../../contract/host-state.ts';
import { WorkspaceId } from '../../contract/ids.ts';
import { commands } from '../../contract/commands.ts';
import type { CommandName } from '../../contract/commands.ts';
import { ClientMessage } from '../../contract/wire.ts';
import type { GoodbyeReason, HostMessage } from '../../contract/wire.ts';
import { platformSchedule } from './dial.ts';
import type { OpenPipe } from './web-socket-pipe.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const PSK = new Uint8Array(32).fill(7);
type Call = Extract<ClientMessage, { type: 'call' }>;
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
  net: [],
  policySha256: sha256Hex('policy'),
};

export function pending(id: string, hash = actionHash(action), change: object = {}): Approval {
  return Approval.parse({
    ...{ id, action, actionHash: hash, risk: 2, why: ['ask'], title: 'Write a.txt', taskId: 't1' },
    ...{
      need: NO_NEED,
      votes: [],
      askers: 1,
      mustOpen: false,
      scopes: ['once'],
      createdAt: at,
      expiresAt: later,
      state: 'pending',
    },
    ...change,
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
export function createHost(hostId = 'host-1', hostName = 'studio', address = '127.0.0.1:4400') {
  const hostKey = generateDhKey(random);
  const secret = random(16);
  const pairing = { hostPublicKey: hostKey.publicKey, secret, hosts: [address] };
  const own = stateWith(pending('ap-1'));
  const host = {
    link: encodePairingText(pairing),
    key: hostKey,
    psk: PSK,
    state: { ...own, host: { ...own.host, id: hostId, name: hostName } },
    seq: 1,
    epoch: 'e1',
    /** What the welcome says. */
    welcome: { epoch: 5, counter: 0, minVersion: 1 },
    /** Said instead of the welcome, when the session begins. */
    goodbye: null as GoodbyeReason | null,
    /** The owner has to compare a code first. */
    renews: false,
    /** Says nothing of its state. */
    mute: false,
    known: true,
    revoked: false,
    reachable: true,
    /** Answers `paired` at once, or leaves the phone waiting. */
    approves: true,
    codes: [] as string[],
    approvalKey: '',
    subscriptions: [] as unknown[],
    calls: [] as Call[],
    /** How often somebody knocked, also before they proved anything. */
    knocks: 0,
    connections: 0,
    /** How many are open now. */
    open: 0,
    rotated: 0,
    onRotated: (): void => undefined,
    /** Gives the value of the answer; undefined for no answer. */
    onCall: (_call: Call): unknown => ({}),
    /** The same for questions that come by themselves. */
    onRead: (_call: Call): unknown => undefined,
    cut: (): void => undefined,
    push: (_message: HostMessage): void => undefined,
    hangUp: (): void => undefined,
    stored: 0,
  };

  function servePairing(channel: SecureChannel): void {
    host.codes.push(sasCode(channel.handshakeHash));
    const say = (message: object): void => {
      channel.send(utf8(JSON.stringify(message)));
    };
    say({ type: 'pending', hostName, expiresInMs: 300_000 });
    channel.onMessage(() => {
      host.stored += 1;
    });
    if (!host.approves) return;
    const devicePsk = Buffer.from(PSK).toString('base64url');
    say({
      type: 'paired',
      deviceId: DEVICE,
      devicePsk,
      hostId,
      hostName,
      scope: 'approve',
    });
  }

  function serveSession(channel: SecureChannel): void {
    if (host.revoked) {
      channel.close();
      return;
    }
    host.connections += 1;
    host.open += 1;
    const send = (message: HostMessage): void => {
      channel.send(utf8(JSON.stringify(message)));
    };
    const answer = (call: Call, value: unknown): void => {
      if (value !== undefined) send({ type: 'reply', id: call.id, reply: { ok: true, value } });
    };
    host.push = send;
    host.hangUp = () => {
      channel.close();
    };
    host.codes.push(sasCode(channel.handshakeHash));
    channel.onClose(() => {
      host.open -= 1;
    });
    if (host.goodbye) {
      send({ type: 'goodbye', reason: host.goodbye });
      channel.close();
      return;
    }
    if (host.renews) send({ type: 'renewal', state: 'waiting', expiresInMs: 300_000 });
    else send({ type: 'welcome', hostId, hostName, ...host.welcome });
    channel.onMessage((bytes) => {
      const message = ClientMessage.parse(JSON.parse(fromUtf8(bytes)));
      switch (message.type) {
        case 'subscribe': {
          host.subscriptions.push(message.from);
          const cursor = { epoch: host.epoch, seq: host.seq };
          const fresh = message.from?.epoch === cursor.epoch && message.from.seq === cursor.seq;
          if (!fresh && !host.mute)
            send({ type: 'frame', frame: { kind: 'snapshot', cursor, state: host.state } });
          return;
        }
        case 'ping':
          send({ type: 'pong' });
          return;
        case 'rotated':
          host.rotated += 1;
          host.onRotated();
          return;
        case 'call':
          if (commands[message.name as CommandName].risk !== 'none') {
            host.calls.push(message);
            answer(message, host.onCall(message));
          } else answer(message, host.onRead(message));
          return;
        default:
          return;
      }
    });
  }

  async function accept(pipes: PipePair): Promise<void> {
    const responded = await respond({
      ...{ pipe: pipes.right, hostKey: host.key, random, schedule: platformSchedule },
      lookup: (claim) =>
        claim.mode === 'pair' ? derivePairing(pairing).pairPsk : host.known ? host.psk : null,
      onVerified: (opening) => {
        if (opening.mode === 'pair') host.approvalKey = opening.payload.approvalKey;
        return undefined;
      },
    });
    if (responded.mode === 'pair') servePairing(responded.channel);
    else serveSession(responded.channel);
  }

  function openPipe(): Promise<OpenPipe> {
    host.knocks += 1;
    if (!host.reachable) return Promise.reject(new Error('no route'));
    const pipes = createPipePair();
    host.cut = pipes.cut;
    void accept(pipes).catch(() => undefined);
    return Promise.resolve(pipes.left);
  }
  return { host, openPipe };
}

/** An answer that the host took. */
export const approved = {
  ...pending('ap-1'),
  ...{ state: 'approved', scope: 'once', decidedAt: at, decidedBy: `device:${DEVICE}`, provenBy: null },
};
