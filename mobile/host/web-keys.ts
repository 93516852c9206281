import { assertHostId, KeyError } from './key-types.ts';
import type { ApprovalKey, DhKey, KeyStore } from './key-types.ts';

/** Where key pairs live: IndexedDB stores a `CryptoKey` without ever showing its bytes. */
export interface KeyPairs {
  get(name: string): Promise<CryptoKeyPair | undefined>;
  put(name: string, pair: CryptoKeyPair): Promise<void>;
  remove(name: string): Promise<void>;
}

const dhName = (hostId: string): string => `dh.${hostId}`;
const approvalName = (hostId: string): string => `approval.${hostId}`;

/**
 * Keys of a browser: WebCrypto pairs that cannot be exported, not even by script in this page. The browser has no
 * per-use confirmation for them.
 */
export function createWebKeys(subtle: SubtleCrypto, pairs: KeyPairs): KeyStore {
  async function dhKeyOf(pair: CryptoKeyPair): Promise<DhKey> {
    const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
    return {
      publicKey,
      async dh(remotePublic) {
        if (remotePublic.length !== 32)
          throw new KeyError('bad-public-key', 'X25519: a public key has 32 bytes.');
        const remote = await subtle.importKey(
          'raw',
          Uint8Array.from(remotePublic),
          { name: 'X25519' },
          false,
          [],
        );
        const shared = await subtle.deriveBits({ name: 'X25519', public: remote }, pair.privateKey, 256);
        const secret = new Uint8Array(shared);
        // Older browsers return zeros for a low-order point instead of refusing it.
        if (secret.every((byte) => byte === 0))
          throw new KeyError('bad-public-key', 'X25519: low-order public key.');
        return secret;
      },
    };
  }

  async function approvalKeyOf(pair: CryptoKeyPair): Promise<ApprovalKey> {
    const publicKey = new Uint8Array(await subtle.exportKey('spki', pair.publicKey));
    return {
      publicKey,
      async sign(bytes) {
        const how = { name: 'ECDSA', hash: 'SHA-256' };
        return new Uint8Array(await subtle.sign(how, pair.privateKey, Uint8Array.from(bytes)));
      },
    };
  }

  return {
    async createDhKey(hostId) {
      assertHostId(hostId);
      const pair = (await subtle.generateKey({ name: 'X25519' }, false, ['deriveBits'])) as CryptoKeyPair;
      await pairs.put(dhName(hostId), pair);
      return dhKeyOf(pair);
    },
    async dhKey(hostId) {
      assertHostId(hostId);
      const pair = await pairs.get(dhName(hostId));
      return pair && dhKeyOf(pair);
    },
    async createApprovalKey(hostId) {
      assertHostId(hostId);
      const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
        'sign',
        'verify',
      ]);
      await pairs.put(approvalName(hostId), pair);
      return approvalKeyOf(pair);
    },
    async approvalKey(hostId) {
      assertHostId(hostId);
      const pair = await pairs.get(approvalName(hostId));
      return pair && approvalKeyOf(pair);
    },
    async forget(hostId) {
      assertHostId(hostId);
      await pairs.remove(dhName(hostId));
      await pairs.remove(approvalName(hostId));
    },
  };
}
