// The phone's channel beside `noise-handshake` (libsodium: native code). It has no XKpsk3, so its nearest
// pattern stands in: XK, the same three messages and Diffie-Hellmans without the pre-shared key.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { sha256 } from '@noble/hashes/sha2.js';
import { generateDhKey } from '../contract/channel/dh-key.ts';
import type { FramePipe } from '../contract/channel/frame-pipe.ts';
import { createHandshake, type HandshakeResult } from '../contract/channel/noise.ts';
import { createSecureChannel, type SecureChannel } from '../contract/channel/secure-channel.ts';
import { report, spread, type Spread } from './lib/measure.mjs';

interface OtherHandshake {
  readonly s: { readonly publicKey: Uint8Array };
  readonly tx: Uint8Array;
  readonly rx: Uint8Array;
  initialise(prologue: Uint8Array, remoteStatic?: Uint8Array): void;
  send(payload?: Uint8Array): Uint8Array;
  recv(message: Uint8Array): Uint8Array;
}
interface OtherCipher {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}
interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}
const require = createRequire(import.meta.url);
const Other = require('noise-handshake') as new (
  pattern: string,
  first: boolean,
  keys: KeyPair,
) => OtherHandshake;
const OtherCipherState = require('noise-handshake/cipher') as new (key: Uint8Array) => OtherCipher;
const { generateKeyPair } = require('noise-handshake/dh') as { generateKeyPair(): KeyPair };

const RUNS = 7;
const HANDSHAKES = 40;
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const prologue = Buffer.from('bench');
const psk = random(32);
const [phoneKey, hostKey] = [generateDhKey(random), generateDhKey(random)];
const [otherPhone, otherHost] = [generateKeyPair(), generateKeyPair()];
const NOTHING = Buffer.alloc(0);

/** Both sides of XKpsk3, to the transport keys. */
async function ourHandshake(): Promise<[HandshakeResult, HandshakeResult]> {
  const common = {
    pattern: 'XKpsk3',
    hash: { name: 'SHA256', hash: sha256 },
    prologue,
    psk: () => psk,
    random,
  };
  const phone = createHandshake({
    ...common,
    initiator: true,
    staticKey: phoneKey,
    remoteStatic: hostKey.publicKey,
  });
  const host = createHandshake({ ...common, initiator: false, staticKey: hostKey });
  await host.readMessage(await phone.writeMessage(NOTHING));
  await phone.readMessage(await host.writeMessage(NOTHING));
  await host.readMessage(await phone.writeMessage(NOTHING));
  return [phone.split(), host.split()];
}

/** Both sides of XK. */
function otherHandshake(): [OtherHandshake, OtherHandshake] {
  const phone = new Other('XK', true, otherPhone);
  const host = new Other('XK', false, otherHost);
  phone.initialise(prologue, otherHost.publicKey);
  host.initialise(prologue);
  host.recv(phone.send());
  phone.recv(host.send());
  host.recv(phone.send());
  return [phone, host];
}

/** Two channels joined without a network: what is measured is framing, padding, sealing and opening. */
async function ourChannels(): Promise<[SecureChannel, SecureChannel]> {
  const [phone, host] = await ourHandshake();
  const [phonePipe, hostPipe] = joinedPipes();
  return [
    createSecureChannel({ ...phone, pipe: phonePipe, early: [] }),
    createSecureChannel({ ...host, pipe: hostPipe, early: [] }),
  ];
}

function joinedPipes(): [FramePipe, FramePipe] {
  const handlers: ((frame: Uint8Array) => void)[] = [];
  const pipe = (own: number): FramePipe => ({
    send: (frame) => handlers[1 - own]?.(frame),
    onMessage: (handler) => void (handlers[own] = handler),
    close: () => {},
    onClose: () => {},
  });
  return [pipe(0), pipe(1)];
}

/** MB of messages a second, from one side's message to the other side's. */
async function ourThroughput(size: number, count: number): Promise<number> {
  const [phone, host] = await ourChannels();
  const message = random(size);
  let received = 0;
  host.onMessage((bytes) => (received += bytes.length));
  const before = performance.now();
  for (let index = 0; index < count; index += 1) phone.send(message);
  const seconds = (performance.now() - before) / 1000;
  if (received !== size * count) throw new Error(`${received} bytes came of ${size * count}`);
  return received / 1e6 / seconds;
}

const OTHER_MAX = 65_535 - 16;

function otherThroughput(size: number, count: number): number {
  const [phone, host] = otherHandshake();
  const [seal, open] = [new OtherCipherState(phone.tx), new OtherCipherState(host.rx)];
  const message = Buffer.from(random(size));
  let received = 0;
  const before = performance.now();
  for (let index = 0; index < count; index += 1) {
    // A Noise message holds less than 64 KiB, so a whole one takes two, as ours does.
    for (let at = 0; at < size; at += OTHER_MAX) {
      received += open.decrypt(seal.encrypt(message.subarray(at, at + OTHER_MAX))).length;
    }
  }
  const seconds = (performance.now() - before) / 1000;
  if (received !== size * count) throw new Error(`${received} bytes came of ${size * count}`);
  return received / 1e6 / seconds;
}

async function msEach(count: number, work: () => unknown): Promise<number> {
  const before = performance.now();
  for (let index = 0; index < count; index += 1) await work();
  return (performance.now() - before) / count;
}

async function alternating(
  ours: () => number | Promise<number>,
  other: () => number | Promise<number>,
): Promise<[Spread, Spread]> {
  await ours();
  await other();
  const [a, b]: [number[], number[]] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    a.push(await ours());
    b.push(await other());
  }
  return [spread(a), spread(b)];
}

const name = 'noise-handshake';
const handshake = await alternating(
  () => msEach(HANDSHAKES, ourHandshake),
  () => msEach(HANDSHAKES, otherHandshake),
);
const small = await alternating(
  () => ourThroughput(256, 4000),
  () => otherThroughput(256, 4000),
);
const large = await alternating(
  () => ourThroughput(65_536, 300),
  () => otherThroughput(65_536, 300),
);
report(
  'channel',
  [
    {
      what: 'handshake, both sides',
      unit: 'ms',
      ours: handshake[0],
      peer: { name: `${name} XK`, spread: handshake[1] },
      better: 'less',
    },
    {
      what: 'messages of 256 B',
      unit: 'MB/s',
      ours: small[0],
      peer: { name, spread: small[1] },
      better: 'more',
    },
    {
      what: 'messages of 64 KiB',
      unit: 'MB/s',
      ours: large[0],
      peer: { name, spread: large[1] },
      better: 'more',
    },
  ],
  {
    ours: 'XKpsk3, pure JavaScript, one code for Node, browsers and phones; frames are padded to five sizes',
    peer: 'XK without the pre-shared key and without framing or padding; libsodium',
  },
);
