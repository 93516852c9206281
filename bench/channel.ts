// The phone's channel beside `noise-handshake`, in plain JavaScript (as a browser runs it) and with native
// libsodium. It has no XKpsk3, so its nearest pattern stands in: XK, the same three messages and
// Diffie-Hellmans without the pre-shared key.
import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { runInThisContext } from 'node:vm';
import { sha256 } from '@noble/hashes/sha2.js';
import { build as bundle } from 'esbuild';
import { fromRoot } from '../build/lib/paths.mjs';
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
interface Peer {
  readonly name: string;
  readonly Noise: new (pattern: string, first: boolean, keys: KeyPair) => OtherHandshake;
  readonly Cipher: new (key: Uint8Array) => OtherCipher;
  generateKeyPair(): KeyPair;
}
const require = createRequire(import.meta.url);
const nativePeer: Peer = {
  name: 'noise-handshake, native libsodium',
  Noise: require('noise-handshake') as Peer['Noise'],
  Cipher: require('noise-handshake/cipher') as Peer['Cipher'],
  generateKeyPair: (require('noise-handshake/dh') as Pick<Peer, 'generateKeyPair'>).generateKeyPair,
};

/** The same package as a browser gets it: libsodium replaced by `sodium-javascript`, as its own manifest says. */
async function plainPeer(): Promise<Peer> {
  const built = await bundle({
    stdin: {
      contents: `module.exports = {
        Noise: require('noise-handshake'),
        Cipher: require('noise-handshake/cipher'),
        generateKeyPair: require('noise-handshake/dh').generateKeyPair,
      };`,
      resolveDir: fromRoot(),
    },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    alias: { 'sodium-native': 'sodium-javascript' },
    logLevel: 'error',
  });
  const module = { exports: {} as Omit<Peer, 'name'> };
  runInThisContext(`(function (module, exports, require) { ${built.outputFiles[0]?.text ?? ''} })`)(
    module,
    module.exports,
    require,
  );
  return { name: 'noise-handshake, plain JavaScript', ...module.exports };
}

const RUNS = 7;
const HANDSHAKES = 40;
const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const prologue = Buffer.from('bench');
const psk = random(32);
const [phoneKey, hostKey] = [generateDhKey(random), generateDhKey(random)];
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

/** Both sides of XK, with static keys that were there before, as ours are. */
function otherHandshake(
  { Noise }: Peer,
  otherPhone: KeyPair,
  otherHost: KeyPair,
): [OtherHandshake, OtherHandshake] {
  const phone = new Noise('XK', true, otherPhone);
  const host = new Noise('XK', false, otherHost);
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

function otherThroughput(peer: Peer, size: number, count: number): number {
  const [phone, host] = otherHandshake(peer, peer.generateKeyPair(), peer.generateKeyPair());
  const [seal, open] = [new peer.Cipher(phone.tx), new peer.Cipher(host.rx)];
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

type Measure = () => number | Promise<number>;

/** Each measurement of ours beside the same of every peer, one after the other, again and again. */
async function sideBySide(measures: readonly Measure[]): Promise<Spread[]> {
  for (const measure of measures) await measure();
  const values: number[][] = measures.map(() => []);
  for (let run = 0; run < RUNS; run += 1) {
    for (const [index, measure] of measures.entries()) values[index]?.push(await measure());
  }
  return values.map((of) => spread(of));
}

const peers = [await plainPeer(), nativePeer];
const rows: Parameters<typeof report>[1][number][] = [];

async function compare(
  what: string,
  unit: string,
  better: 'less' | 'more',
  ours: Measure,
  theirs: (peer: Peer) => number | Promise<number>,
): Promise<void> {
  const [own, ...others] = await sideBySide([ours, ...peers.map((peer) => () => theirs(peer))]);
  peers.forEach((peer, index) => {
    const other = others[index];
    if (own && other) rows.push({ what, unit, ours: own, peer: { name: peer.name, spread: other }, better });
  });
}

await compare(
  'handshake, both sides',
  'ms',
  'less',
  () => msEach(HANDSHAKES, ourHandshake),
  (peer) => {
    const [phone, host] = [peer.generateKeyPair(), peer.generateKeyPair()];
    return msEach(HANDSHAKES, () => otherHandshake(peer, phone, host));
  },
);
for (const [what, size, count] of [
  ['messages of 200 B, as a command is', 200, 8000],
  ['messages of 256 B, just too long for the smallest frame', 256, 8000],
  ['messages of 4,000 B', 4000, 2000],
  ['messages of 64 KiB', 65_536, 300],
] as const) {
  await compare(
    what,
    'MB/s',
    'more',
    () => ourThroughput(size, count),
    (peer) => otherThroughput(peer, size, count),
  );
}
report('channel', rows, {
  ours: 'XKpsk3, plain JavaScript, one code for Node, browsers and phones; frames are padded to five sizes',
  peer: 'XK without the pre-shared key, and without framing or padding',
});
