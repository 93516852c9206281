import { webcrypto } from 'node:crypto';
import { sha256 } from '@noble/hashes/sha2.js';
import { expect, test } from 'vitest';
import { concat, equal, toHex, utf8 } from './bytes.ts';
import { memoryDhKey, type DhKey } from './dh-key.ts';
import { createHandshake, type Handshake, type HandshakeOptions } from './noise.ts';
import { noisePattern } from './noise-patterns.ts';
import {
  random,
  fixed,
  remembering,
  hostKey,
  psk,
  PAYLOADS,
  code,
} from '../../main/testing/channel/noise-bench.ts';

const NONE = new Uint8Array(0);
const phoneKey = remembering(memoryDhKey(fixed('phone')(32)));
const prologue = utf8('SBE2');

const shared = { pattern: 'XKpsk3', hash: { name: 'SHA256', hash: sha256 }, prologue, psk: () => psk };
const phone = (change: Partial<HandshakeOptions> = {}): Handshake =>
  createHandshake({
    ...shared,
    initiator: true,
    staticKey: phoneKey,
    remoteStatic: hostKey.publicKey,
    random: fixed('e1'),
    ...change,
  });
const host = (change: Partial<HandshakeOptions> = {}): Handshake =>
  createHandshake({ ...shared, initiator: false, staticKey: hostKey, random: fixed('e2'), ...change });

/** Runs all three messages; gives them and both ends. */
async function meet(left = phone(), right = host()) {
  const first = await left.writeMessage(PAYLOADS[0]);
  await right.readMessage(first);
  const second = await right.writeMessage(PAYLOADS[1]);
  await left.readMessage(second);
  const third = await left.writeMessage(PAYLOADS[2]);
  await right.readMessage(third);
  return { messages: [first, second, third] as const, left: left.split(), right: right.split() };
}

test('both sides end with equal keys, equal hashes and the proven static key', async () => {
  const { left, right } = await meet();
  expect(toHex(left.handshakeHash)).toBe(toHex(right.handshakeHash));
  expect(toHex(right.remoteStatic ?? NONE)).toBe(toHex(phoneKey.publicKey));
  expect(right.receive.decrypt(NONE, left.send.encrypt(NONE, PAYLOADS[0]))).toEqual(PAYLOADS[0]);
  expect(left.receive.decrypt(NONE, right.send.encrypt(NONE, PAYLOADS[1]))).toEqual(PAYLOADS[1]);
});

test('every single-bit flip of every handshake message is refused', async () => {
  const { messages } = await meet();
  const readers = [
    async (message: Uint8Array) => host().readMessage(message),
    async (message: Uint8Array) => {
      const left = phone();
      await left.writeMessage(PAYLOADS[0]);
      return left.readMessage(message);
    },
    async (message: Uint8Array) => {
      const right = host();
      await right.readMessage(messages[0]);
      await right.writeMessage(PAYLOADS[1]);
      return right.readMessage(message);
    },
  ];
  let refused = 0;
  for (const [index, read] of readers.entries()) {
    const message = messages[index] ?? NONE;
    expect(await read(message)).toEqual(PAYLOADS[index]);
    for (let bit = 0; bit < message.length * 8; bit++) {
      const flipped = message.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(read(flipped)).rejects.toEqual(code('refused'));
      refused += 1;
    }
  }
  const bits = messages.reduce((total, message) => total + message.length * 8, 0);
  console.info(`handshake bit flips: ${String(refused)} of ${String(bits)} refused`);
  expect(refused).toBe(bits);
}, 60_000);

test('truncated, extended, empty and repeated handshake messages are refused', async () => {
  const { messages } = await meet();
  const [first, , third] = messages;
  for (const bad of [
    NONE,
    first.slice(0, 31),
    first.slice(0, 47),
    first.slice(0, -1),
    concat(first, NONE, Uint8Array.of(0)),
  ]) {
    await expect(host().readMessage(bad)).rejects.toEqual(code('refused'));
  }
  const right = host();
  await right.readMessage(first);
  await right.writeMessage(PAYLOADS[1]);
  await expect(right.readMessage(first)).rejects.toEqual(code('refused'));
  await expect(right.readMessage(third)).rejects.toEqual(code('closed'));
});

test('a recorded third message is worthless in another session', async () => {
  const { messages } = await meet();
  const right = host({ random });
  await right.readMessage(messages[0]);
  await right.writeMessage(PAYLOADS[1]);
  await expect(right.readMessage(messages[2])).rejects.toEqual(code('refused'));
});

test('a wrong psk, a wrong host key and another prologue all fail', async () => {
  await expect(meet(phone({ psk: () => fixed('other')(32) }))).rejects.toEqual(code('refused'));
  await expect(meet(phone({ remoteStatic: phoneKey.publicKey }))).rejects.toEqual(code('refused'));
  await expect(meet(phone({ prologue: utf8('SBE1') }))).rejects.toEqual(code('refused'));
});

test('the psk is asked for after the static key was read, and may take its time', async () => {
  let seen: Uint8Array | undefined;
  const right = host({
    psk: async (remoteStatic) => {
      seen = remoteStatic;
      await Promise.resolve();
      return psk;
    },
  });
  await meet(phone(), right);
  expect(toHex(seen ?? NONE)).toBe(toHex(phoneKey.publicKey));
});

test('the verified callback runs in the tick of the check, and its exception refuses the message', async () => {
  let sameTick = false;
  const watched = (data: Uint8Array): Uint8Array => {
    sameTick = true;
    void Promise.resolve().then(() => (sameTick = false));
    return sha256(data);
  };
  // the last thing that authentication does is to hash the ciphertext
  const hash = { name: 'SHA256', hash: Object.assign(watched, sha256) };
  const [left, right] = [phone(), host({ hash })];
  await right.readMessage(await left.writeMessage(NONE));
  await left.readMessage(await right.writeMessage(NONE));
  let seenInTick = false;
  const reading = right.readMessage(await left.writeMessage(PAYLOADS[2]), (payload) => {
    expect(payload).toEqual(PAYLOADS[2]);
    seenInTick = sameTick;
    throw new Error('taken');
  });
  await expect(reading).rejects.toEqual(code('refused'));
  expect(seenInTick).toBe(true);
  expect(() => right.split()).toThrow(expect.objectContaining({ code: 'misuse' }));
});

test('low-order points are refused, whoever does the Diffie-Hellman', async () => {
  // the canonical points of order 1, 2, 4 and 8 and their non-canonical twins (RFC 7748, section 6.1)
  const lowOrder = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ].map((text) => new Uint8Array(Buffer.from(text, 'hex')));
  const careless: DhKey = { publicKey: hostKey.publicKey, dh: () => Promise.resolve(new Uint8Array(32)) };
  for (const point of lowOrder) {
    await expect(host().readMessage(concat(point, random(21)))).rejects.toEqual(code('refused'));
    await expect(phone({ remoteStatic: point }).writeMessage(NONE)).rejects.toEqual(code('refused'));
  }
  // a key that does not check for itself
  const message = await phone().writeMessage(NONE);
  await expect(host({ staticKey: careless }).readMessage(message)).rejects.toThrow('low-order');
});

test('calls out of turn, at the same time, or after the end are refused and end the handshake', async () => {
  const outOfTurn = phone();
  await expect(outOfTurn.readMessage(NONE)).rejects.toEqual(code('misuse'));
  await expect(outOfTurn.writeMessage(NONE)).rejects.toEqual(code('closed'));

  const twice = phone();
  const both = await Promise.allSettled([twice.writeMessage(NONE), twice.writeMessage(NONE)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);

  const early = phone();
  expect(() => early.split()).toThrow(expect.objectContaining({ code: 'misuse' }));

  const [left, right] = [phone(), host()];
  await meet(left, right);
  expect(() => left.split()).toThrow(expect.objectContaining({ code: 'misuse' }));
  await expect(right.writeMessage(NONE)).rejects.toEqual(code('closed'));
});

test('a handshake that is destroyed while it waits for the psk verifies nothing', async () => {
  let release: (value: Uint8Array) => void = () => undefined;
  let asked: () => void = () => undefined;
  const waiting = new Promise<void>((resolve) => (asked = resolve));
  const right = host({
    psk: () => {
      asked();
      return new Promise<Uint8Array>((resolve) => (release = resolve));
    },
  });
  const left = phone();
  await right.readMessage(await left.writeMessage(NONE));
  await left.readMessage(await right.writeMessage(NONE));
  let verified = false;
  const reading = right.readMessage(await left.writeMessage(NONE), () => (verified = true));
  await waiting;
  right.destroy();
  release(psk);
  await expect(reading).rejects.toEqual(code('closed'));
  expect(verified).toBe(false);
});

test('messages above 65,535 bytes are neither written nor read', async () => {
  expect(await phone().writeMessage(new Uint8Array(65535 - 48))).toHaveLength(65535);
  await expect(phone().writeMessage(new Uint8Array(65535 - 47))).rejects.toEqual(code('misuse'));
  await expect(host().readMessage(new Uint8Array(65536))).rejects.toEqual(code('refused'));
});

test('missing keys, short keys, dead randomness and unknown patterns are programming errors', async () => {
  expect(() => createHandshake({ ...shared, initiator: true, staticKey: phoneKey, random })).toThrow(
    'beforehand',
  );
  expect(() => phone({ remoteStatic: new Uint8Array(31) })).toThrow('32 bytes');
  await expect(phone({ random: (length) => new Uint8Array(length) }).writeMessage(NONE)).rejects.toEqual(
    code('misuse'),
  );
  await expect(meet(phone({ psk: () => new Uint8Array(31) }))).rejects.toEqual(code('misuse'));
  for (const name of ['ZZ', 'XXpsk4', 'XXpsk0+', 'xx', '', 'toString', 'XX psk0']) {
    expect(() => noisePattern(name)).toThrow(expect.objectContaining({ code: 'misuse' }));
  }
});

test('a non-extractable WebCrypto key, as a browser keeps it, serves as static key on either side', async () => {
  const browserKey = async (): Promise<DhKey> => {
    const generated = await webcrypto.subtle.generateKey('X25519', false, ['deriveBits']);
    if (!('privateKey' in generated)) throw new Error('no key pair');
    const { privateKey, publicKey } = generated;
    await expect(webcrypto.subtle.exportKey('pkcs8', privateKey)).rejects.toThrow();
    return {
      publicKey: new Uint8Array(await webcrypto.subtle.exportKey('raw', publicKey)),
      dh: async (remotePublic) => {
        const remote = await webcrypto.subtle.importKey('raw', remotePublic, 'X25519', false, []);
        return new Uint8Array(
          await webcrypto.subtle.deriveBits({ name: 'X25519', public: remote }, privateKey, 256),
        );
      },
    };
  };
  const [phoneInBrowser, hostInBrowser] = [await browserKey(), await browserKey()];
  const { left, right } = await meet(
    phone({ staticKey: phoneInBrowser, remoteStatic: hostInBrowser.publicKey }),
    host({ staticKey: hostInBrowser }),
  );
  expect(equal(left.handshakeHash, right.handshakeHash)).toBe(true);
  expect(toHex(right.remoteStatic ?? NONE)).toBe(toHex(phoneInBrowser.publicKey));
});
