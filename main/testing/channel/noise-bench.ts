import { createHash, randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { toHex, utf8 } from '../../../contract/channel/bytes.ts';
import type { ChannelError } from '../../../contract/channel/channel-error.ts';
import { memoryDhKey, type DhKey } from '../../../contract/channel/dh-key.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** Randomness that repeats itself, so that the same handshake can be run again and again. */
export const fixed =
  (seed: string) =>
  (length: number): Uint8Array =>
    new Uint8Array(createHash('sha512').update(seed).digest().subarray(0, length));

/** Remembers results: the same handshake is run a thousand times below. */
export function remembering(key: DhKey): DhKey {
  const results = new Map<string, Uint8Array>();
  return {
    publicKey: key.publicKey,
    dh: async (remotePublic) => {
      const known = results.get(toHex(remotePublic)) ?? (await key.dh(remotePublic));
      results.set(toHex(remotePublic), known.slice());
      return known.slice();
    },
  };
}

export const hostKey = remembering(memoryDhKey(fixed('host')(32)));
export const psk = fixed('psk')(32);

export const PAYLOADS = [utf8('first'), utf8('second'), utf8('third')] as const;

export const code = (expected: ChannelError['code']): unknown =>
  expect.objectContaining({ name: 'ChannelError', code: expected });
