import { assertHostId } from './key-types.ts';
import type { ApprovalKey, KeyStore } from './key-types.ts';
import type { StoredDhKey, WebDhKeys } from './web-dh-key.ts';

/** Where keys live: IndexedDB stores a `CryptoKey` without ever showing its bytes. */
export interface WebKeyShelf {
  get(name: string): Promise<StoredDhKey | undefined>;
  put(name: string, stored: StoredDhKey): Promise<void>;
  remove(name: string): Promise<void>;
}

const dhName = (hostId: string): string => `dh.${hostId}`;
const approvalName = (hostId: string): string => `approval.${hostId}`;
const SIGNING = { name: 'ECDSA', hash: 'SHA-256' };

/**
 * Keys of a browser: WebCrypto pairs that cannot be exported, not even by script in this page. The browser has no
 * per-use confirmation for them.
 */
export function createWebKeys(subtle: SubtleCrypto, shelf: WebKeyShelf, dhKeys: WebDhKeys): KeyStore {
  async function approvalKeyOf(pair: CryptoKeyPair): Promise<ApprovalKey> {
    const publicKey = new Uint8Array(await subtle.exportKey('spki', pair.publicKey));
    const sign = async (bytes: Uint8Array): Promise<Uint8Array> =>
      new Uint8Array(await subtle.sign(SIGNING, pair.privateKey, Uint8Array.from(bytes)));
    return { publicKey, sign: (messages) => Promise.all(messages.map(sign)) };
  }

  return {
    async createDhKey(hostId) {
      assertHostId(hostId);
      const { key, stored } = await dhKeys.create(dhName(hostId));
      await shelf.put(dhName(hostId), stored);
      return key;
    },
    async dhKey(hostId) {
      assertHostId(hostId);
      const stored = await shelf.get(dhName(hostId));
      return stored && dhKeys.open(dhName(hostId), stored);
    },
    async createApprovalKey(hostId) {
      assertHostId(hostId);
      const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, false, [
        'sign',
        'verify',
      ]);
      await shelf.put(approvalName(hostId), { kind: 'pair', pair });
      return approvalKeyOf(pair);
    },
    async approvalKey(hostId) {
      assertHostId(hostId);
      const stored = await shelf.get(approvalName(hostId));
      return stored?.kind === 'pair' ? approvalKeyOf(stored.pair) : undefined;
    },
    async forget(hostId) {
      assertHostId(hostId);
      await shelf.remove(dhName(hostId));
      await shelf.remove(approvalName(hostId));
    },
  };
}
