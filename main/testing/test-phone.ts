import { generateKeyPairSync, sign } from 'node:crypto';
import { onTestFinished } from 'vitest';
import WebSocket from 'ws';
import { approvalBytes, type ApprovalStatement } from '../../contract/action.ts';
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../contract/channel/bytes.ts';
import { CHANNEL_PROTOCOL, initiate } from '../../contract/channel/channel-handshake.ts';
import { generateDhKey, type DhKey } from '../../contract/channel/dh-key.ts';
import type { FramePipe } from '../../contract/channel/frame-pipe.ts';
import { derivePairing, parsePairingText } from '../../contract/channel/pairing-text.ts';
import { sasCode, type SecureChannel } from '../../contract/channel/secure-channel.ts';
import { createMessageClient, type MessageClient } from '../../contract/message-client.ts';
import { HostPairingMessage } from '../../contract/pairing.ts';
import { HostMessage, type GoodbyeReason, type Welcome } from '../../contract/wire.ts';
import { nodeClock, nodeRandom } from '../ports.node.ts';

const random = (count: number) => nodeRandom.bytes(count);

export interface TestPhone {
  readonly checkCode: string;
  /** Resolves when the host has said yes or no. */
  readonly decided: Promise<HostPairingMessage>;
  /** A session as the paired device, over a new connection. */
  connect(): Promise<PhoneSession>;
  /** The bare channel of such a session, for a client of the test's own. */
  dial(): Promise<SecureChannel>;
  readonly key: DhKey;
}

export interface PhoneSession {
  readonly client: MessageClient;
  readonly closed: Promise<string>;
  /** The host's first message. */
  readonly welcome: Promise<Welcome>;
  /** Why the host hung up, if it said so before the end. */
  readonly goodbye: Promise<GoodbyeReason | null>;
  close(): void;
  /** Signs an answer with this phone's approval key. */
  prove(statement: ApprovalStatement): { counter: number; signature: string };
  /** Signs bytes with the same key, as a challenge wants it; base64url of the raw signature. */
  sign(bytes: Uint8Array): string;
}

/** A phone as the host sees it: the contract's own channel over a real WebSocket. */
export async function pairTestPhone(
  link: string,
  options: { key?: DhKey; name?: string } = {},
): Promise<TestPhone> {
  const { hostPublicKey, secret, hosts } = parsePairingText(link);
  const { pairId, pairPsk } = derivePairing({ hostPublicKey, secret });
  const key = options.key ?? generateDhKey(random);
  const approval = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const url = `ws://${hosts[0] ?? ''}/e2e`;
  const channel = await initiate({
    pipe: await openPipe(url),
    random,
    schedule: nodeClock.after,
    deviceKey: key,
    hostPublicKey,
    psk: pairPsk,
    mode: 'pair',
    pairId,
    payload: {
      deviceName: options.name ?? 'Test phone',
      platform: 'web',
      app: 'test',
      approvalKey: approval.publicKey.export({ format: 'der', type: 'spki' }).toString('base64url'),
    },
  });
  const decided = pairingAnswer(channel);
  let counter = 0;
  let devicePsk: Uint8Array | null = null;
  const stored = decided.then((message) => {
    if (message.type !== 'paired') return message;
    devicePsk = fromBase64Url(message.devicePsk);
    channel.send(utf8(JSON.stringify({ type: 'stored' })));
    return message;
  });
  async function dial(): Promise<SecureChannel> {
    await stored;
    return initiate({
      pipe: await openPipe(url),
      random,
      schedule: nodeClock.after,
      deviceKey: key,
      hostPublicKey,
      psk: devicePsk ?? new Uint8Array(32),
      mode: 'session',
      payload: {},
    });
  }
  return {
    key,
    dial,
    checkCode: sasCode(channel.handshakeHash),
    decided: stored,
    async connect() {
      return sessionOf(await dial(), {
        signature: (bytes) =>
          sign('sha256', bytes, { key: approval.privateKey, dsaEncoding: 'ieee-p1363' }).toString(
            'base64url',
          ),
        nextCounter: () => (counter += 1),
      });
    },
  };
}

function pairingAnswer(channel: SecureChannel): Promise<HostPairingMessage> {
  return new Promise((resolve, reject) => {
    channel.onMessage((bytes) => {
      const message = HostPairingMessage.parse(JSON.parse(fromUtf8(bytes)));
      if (message.type !== 'pending') resolve(message);
    });
    channel.onClose(({ reason }) => reject(new Error(`the channel ended: ${reason}`)));
  });
}

function sessionOf(
  channel: SecureChannel,
  phone: { signature(bytes: Uint8Array): string; nextCounter(): number },
): PhoneSession {
  const client = createMessageClient({
    send: (message) => channel.send(utf8(JSON.stringify(message))),
    newCommandId: () => toBase64Url(random(16)),
    nextCounter: phone.nextCounter,
  });
  let goodbye: GoodbyeReason | null = null;
  let greeted: (welcome: Welcome) => void = () => {};
  let unwelcome: (error: Error) => void = () => {};
  const welcome = new Promise<Welcome>((resolve, reject) => {
    greeted = resolve;
    unwelcome = reject;
  });
  welcome.catch(() => {});
  channel.onMessage((bytes) => {
    const message = HostMessage.parse(JSON.parse(fromUtf8(bytes)));
    if (message.type === 'welcome') greeted(message);
    if (message.type === 'goodbye') goodbye = message.reason;
    client.receive(message);
  });
  const closed = new Promise<string>((resolve) => {
    channel.onClose(({ reason }) => {
      unwelcome(new Error('the host said no welcome'));
      client.disconnected('the host closed the connection');
      resolve(reason);
    });
  });
  onTestFinished(() => channel.close());
  return {
    client,
    closed,
    welcome,
    goodbye: closed.then(() => goodbye),
    close: () => channel.close(),
    prove: (statement) => ({
      counter: statement.counter,
      signature: phone.signature(approvalBytes(statement)),
    }),
    sign: phone.signature,
  };
}

export function openPipe(url: string): Promise<FramePipe> {
  const socket = new WebSocket(url, CHANNEL_PROTOCOL, { perMessageDeflate: false });
  socket.binaryType = 'arraybuffer';
  const early: Uint8Array[] = [];
  let handler: ((frame: Uint8Array) => void) | null = null;
  socket.on('message', (data: ArrayBuffer) => {
    const frame = new Uint8Array(data);
    if (handler) handler(frame);
    else early.push(frame);
  });
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () =>
      resolve({
        send: (frame) => socket.send(frame),
        close: (code) => socket.close(code),
        onMessage(next) {
          handler = next;
          for (const frame of early.splice(0)) next(frame);
        },
        onClose: (closed) => void socket.on('close', (code) => closed(code)),
      }),
    );
  });
}
