import { p256 } from '@noble/curves/nist.js';
import { memoryDhKey } from '../../contract/channel/dh-key.ts';
import { fromBase64url, toBase64url } from './base64url.ts';
import { assertHostId, KeyError } from './key-types.ts';
import type { ApprovalKey, DhKey, KeyStore } from './key-types.ts';
import { spkiFromPoint } from './p256-spki.ts';
import type { DrawBytes } from './random.ts';

/** What the keychain must offer. `guarded` items ask for the person at every read and die with a changed face or finger. */
export interface Keychain {
  read(name: string, guarded: boolean): Promise<string | null>;
  write(name: string, value: string, guarded: boolean): Promise<void>;
  remove(name: string): Promise<void>;
  /** Whether a guarded item can be written: the device has a biometric enrolled. */
  canGuard(): boolean;
}

const dhName = (hostId: string): string => `dh.${hostId}`;
const approvalName = (hostId: string): string => `approval.${hostId}`;
const approvalPublicName = (hostId: string): string => `approval-public.${hostId}`;

function secretFrom(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes.length !== 32)
    throw new KeyError('damaged', 'A key in the keychain is damaged. Pair with this host again.');
  return bytes;
}

function dhKeyOf(secret: Uint8Array): DhKey {
  const key = memoryDhKey(secret);
  return {
    publicKey: key.publicKey,
    async dh(remotePublic) {
      if (remotePublic.length !== 32)
        throw new KeyError('bad-public-key', 'X25519: a public key has 32 bytes.');
      const shared = await key.dh(Uint8Array.from(remotePublic));
      // All zeros come from a point of low order: a "secret" that everybody knows.
      if (shared.every((byte) => byte === 0))
        throw new KeyError('bad-public-key', 'X25519: low-order public key.');
      return shared;
    },
  };
}

/**
 * Keys made with @noble and kept in the keychain, readable only on this device while it is unlocked. The approval key is
 * read (with Face ID or fingerprint) for one signature at a time and wiped from memory after it.
 */
export function createNativeKeys(keychain: Keychain, draw: DrawBytes): KeyStore {
  function approvalKeyOf(hostId: string, publicKey: Uint8Array): ApprovalKey {
    return {
      publicKey,
      async sign(messages) {
        const text = await keychain.read(approvalName(hostId), true);
        if (text === null)
          throw new KeyError('damaged', 'The approval key is gone. Pair with this host again.');
        const secret = secretFrom(text);
        try {
          return messages.map((message) => p256.sign(message, secret, { prehash: true, lowS: false }));
        } finally {
          secret.fill(0);
        }
      },
    };
  }

  return {
    async createDhKey(hostId) {
      assertHostId(hostId);
      const secret = draw(32);
      await keychain.write(dhName(hostId), toBase64url(secret), false);
      return dhKeyOf(secret);
    },
    async dhKey(hostId) {
      assertHostId(hostId);
      const text = await keychain.read(dhName(hostId), false);
      return text === null ? undefined : dhKeyOf(secretFrom(text));
    },
    async createApprovalKey(hostId) {
      assertHostId(hostId);
      if (!keychain.canGuard()) {
        throw new KeyError(
          'no-screen-lock',
          'Set up Face ID or a fingerprint first: it protects the key that approves.',
        );
      }
      const secret = p256.utils.randomSecretKey(draw(48));
      const spki = spkiFromPoint(p256.getPublicKey(secret, false));
      await keychain.write(approvalName(hostId), toBase64url(secret), true);
      secret.fill(0);
      await keychain.write(approvalPublicName(hostId), toBase64url(spki), false);
      return approvalKeyOf(hostId, spki);
    },
    async approvalKey(hostId) {
      assertHostId(hostId);
      const text = await keychain.read(approvalPublicName(hostId), false);
      return text === null ? undefined : approvalKeyOf(hostId, fromBase64url(text));
    },
    async forget(hostId) {
      assertHostId(hostId);
      await keychain.remove(dhName(hostId));
      await keychain.remove(approvalName(hostId));
      await keychain.remove(approvalPublicName(hostId));
    },
  };
}
