import { readFileSync } from 'node:fs';
import { blake2b, blake2s } from '@noble/hashes/blake2.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { afterAll, expect, test } from 'vitest';
import * as z from 'zod';
import { fromHex, toHex } from './bytes.ts';
import { memoryDhKey } from './dh-key.ts';
import { createHandshake, type Handshake, type HandshakeResult, type NoiseHash } from './noise.ts';

const hex = z.string();
const Vector = z.object({
  protocol_name: z.string(),
  init_prologue: hex,
  init_psks: z.array(hex).optional(),
  init_static: hex.optional(),
  init_ephemeral: hex,
  init_remote_static: hex.optional(),
  resp_prologue: hex,
  resp_psks: z.array(hex).optional(),
  resp_static: hex.optional(),
  resp_ephemeral: hex.optional(),
  resp_remote_static: hex.optional(),
  handshake_hash: hex.optional(),
  messages: z.array(z.object({ payload: hex, ciphertext: hex })),
});
type Vector = z.infer<typeof Vector>;

const HASHES: Readonly<Record<string, NoiseHash['hash']>> = {
  SHA256: sha256,
  SHA512: sha512,
  BLAKE2s: blake2s,
  BLAKE2b: blake2b,
};

function load(name: string): Vector[] {
  const url = new URL(`../fixtures/noise/${name}.json`, import.meta.url);
  return z.object({ vectors: z.array(Vector) }).parse(JSON.parse(readFileSync(url, 'utf8'))).vectors;
}

function side(vector: Vector, initiator: boolean): Handshake {
  const [, pattern = '', , , hashName = ''] = vector.protocol_name.split('_');
  const hash = HASHES[hashName];
  if (hash === undefined) throw new Error(`no hash ${hashName}`);
  const own = initiator
    ? { key: vector.init_static, remote: vector.init_remote_static, psks: vector.init_psks }
    : { key: vector.resp_static, remote: vector.resp_remote_static, psks: vector.resp_psks };
  const ephemeral = initiator ? vector.init_ephemeral : vector.resp_ephemeral;
  return createHandshake({
    pattern,
    hash: { name: hashName, hash },
    initiator,
    prologue: fromHex(initiator ? vector.init_prologue : vector.resp_prologue),
    ...(own.key === undefined ? {} : { staticKey: memoryDhKey(fromHex(own.key)) }),
    ...(own.remote === undefined ? {} : { remoteStatic: fromHex(own.remote) }),
    psk: (_remoteStatic, index) => fromHex(own.psks?.[index] ?? ''),
    random: () => fromHex(ephemeral ?? ''),
  });
}

/** Replays a vector in both roles; returns how many messages were compared. */
async function replay(vector: Vector): Promise<number> {
  const [left, right] = [side(vector, true), side(vector, false)];
  const oneWay = /^Noise_[NKX](?:psk\d)?_/.test(vector.protocol_name);
  let ends: readonly [HandshakeResult, HandshakeResult] | undefined;
  for (const [index, { payload, ciphertext }] of vector.messages.entries()) {
    const fromLeft = oneWay || index % 2 === 0;
    if (ends === undefined) {
      const [sender, receiver] = fromLeft ? [left, right] : [right, left];
      expect(toHex(await sender.writeMessage(fromHex(payload)))).toBe(ciphertext);
      expect(toHex(await receiver.readMessage(fromHex(ciphertext)))).toBe(payload);
      ends = trySplit(left, right, index + 1 === handshakeLength(vector, oneWay));
    } else {
      const [sender, receiver] = fromLeft ? [ends[0].send, ends[1].receive] : [ends[1].send, ends[0].receive];
      expect(toHex(sender.encrypt(new Uint8Array(0), fromHex(payload)))).toBe(ciphertext);
      expect(toHex(receiver.decrypt(new Uint8Array(0), fromHex(ciphertext)))).toBe(payload);
    }
  }
  if (ends === undefined) throw new Error('the vector never finished its handshake');
  expect(toHex(ends[0].handshakeHash)).toBe(toHex(ends[1].handshakeHash));
  if (vector.handshake_hash !== undefined) expect(toHex(ends[0].handshakeHash)).toBe(vector.handshake_hash);
  return vector.messages.length;
}

/** Message count by the names alone, independent of the table under test: 1 = K1/X1-style deferral. */
function handshakeLength(vector: Vector, oneWay: boolean): number {
  if (oneWay) return 1;
  const base = /^Noise_([NKXI1]+)/.exec(vector.protocol_name)?.[1] ?? '';
  const [initiator, responder] = [/^[NKXI]1?/.exec(base)?.[0] ?? '', /[NKX]1?$/.exec(base)?.[0] ?? ''];
  if (initiator === 'X1') return 4;
  if (initiator === 'X' || initiator === 'K1' || initiator === 'I1' || responder === 'X1') return 3;
  return 2;
}

function trySplit(left: Handshake, right: Handshake, complete: boolean) {
  return complete ? ([left.split(), right.split()] as const) : undefined;
}

const passed = { vectors: 0, messages: 0 };
afterAll(() => {
  console.info(
    `Noise vectors: ${String(passed.vectors)} passed, ${String(passed.messages)} messages compared`,
  );
});

for (const [name, count] of [['cacophony', 236] as const, ['snow', 204] as const]) {
  const vectors = load(name);
  test(`all ${String(count)} vectors of ${name} for 25519_ChaChaPoly come out byte for byte`, async () => {
    expect(vectors).toHaveLength(count);
    for (const vector of vectors) {
      passed.messages += await replay(vector);
      passed.vectors += 1;
    }
  }, 60_000);
}
