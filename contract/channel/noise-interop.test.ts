import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { blake2b } from '@noble/hashes/blake2.js';
import { expect, test } from 'vitest';
import { equal, toHex } from './bytes.ts';
import { generateDhKey } from './dh-key.ts';
import { createHandshake } from './noise.ts';

// the package is CommonJS without types; this is the part of it that we use
interface OtherHandshake {
  readonly s: { readonly publicKey: Uint8Array };
  readonly complete: boolean;
  readonly hash: Uint8Array;
  readonly tx: Uint8Array;
  readonly rx: Uint8Array;
  readonly rs: Uint8Array | null;
  initialise(prologue: Uint8Array, remoteStatic?: Uint8Array): void;
  send(payload?: Uint8Array): Uint8Array;
  recv(message: Uint8Array): Uint8Array;
}
interface OtherCipher {
  encrypt(plaintext: Uint8Array): Uint8Array;
  decrypt(ciphertext: Uint8Array): Uint8Array;
}
const require = createRequire(import.meta.url);
const Other = require('noise-handshake') as new (
  pattern: string,
  initiator: boolean,
  keys: null,
  options: { psk?: Uint8Array },
) => OtherHandshake;
const OtherCipherState = require('noise-handshake/cipher') as new (key: Uint8Array) => OtherCipher;

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const prologue = Buffer.from('interop');

for (const pattern of ['XX', 'XK', 'IK', 'XXpsk0', 'NNpsk0', 'NN']) {
  for (const weInitiate of [true, false]) {
    test(`${pattern} works with noise-handshake when ${weInitiate ? 'we' : 'they'} begin`, async () => {
      const psk = random(32);
      const staticKey = generateDhKey(random);
      const other = new Other(
        pattern,
        !weInitiate,
        null,
        pattern.includes('psk') ? { psk: Buffer.from(psk) } : {},
      );
      const responderKnown = pattern.endsWith('K');
      const ours = createHandshake({
        pattern,
        hash: { name: 'BLAKE2b', hash: blake2b },
        initiator: weInitiate,
        prologue,
        staticKey,
        ...(responderKnown && weInitiate ? { remoteStatic: Uint8Array.from(other.s.publicKey) } : {}),
        psk: () => psk,
        random,
      });
      other.initialise(
        prologue,
        responderKnown && !weInitiate ? Buffer.from(staticKey.publicKey) : undefined,
      );

      let ourTurn = weInitiate;
      for (let step = 0; !other.complete; step++) {
        const payload = Buffer.from(`message ${String(step)}`);
        const received = ourTurn
          ? other.recv(Buffer.from(await ours.writeMessage(payload)))
          : await ours.readMessage(Uint8Array.from(other.send(payload)));
        expect(equal(received, payload)).toBe(true);
        ourTurn = !ourTurn;
      }
      const { send, receive, handshakeHash, remoteStatic } = ours.split();

      expect(toHex(handshakeHash)).toBe(toHex(other.hash));
      if (!pattern.startsWith('NN')) expect(toHex(remoteStatic ?? prologue)).toBe(toHex(other.s.publicKey));
      const [theirSend, theirReceive] = [new OtherCipherState(other.tx), new OtherCipherState(other.rx)];
      for (const text of ['one', 'two', 'three']) {
        const plaintext = Buffer.from(text);
        const fromThem = receive.decrypt(new Uint8Array(0), Uint8Array.from(theirSend.encrypt(plaintext)));
        const fromUs = theirReceive.decrypt(Buffer.from(send.encrypt(new Uint8Array(0), plaintext)));
        expect([equal(fromThem, plaintext), equal(fromUs, plaintext)]).toEqual([true, true]);
      }
    });
  }
}
