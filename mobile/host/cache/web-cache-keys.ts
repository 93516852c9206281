import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, utf8 } from '../../../contract/channel/bytes.ts';
import type { Table } from '../indexed-db.ts';
import { assertHostId } from '../key-types.ts';
import type { CacheKeys } from './cache-types.ts';

const nameOf = (keyId: string): string => `cache.${keyId}`;

/**
 * HKDF(A ‖ B): A comes out of a key that this browser holds and never shows, B is the host's half, kept in memory
 * only. Either alone opens nothing: not the disk of the browser, and not the host.
 */
export function createWebCacheKeys(subtle: SubtleCrypto, held: Table<CryptoKey>): CacheKeys {
  async function ownHalf(keyId: string): Promise<Uint8Array> {
    let key = await held.get(nameOf(keyId));
    if (!key) {
      key = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-256', length: 256 }, false, ['sign']);
      await held.put(nameOf(keyId), key);
    }
    return new Uint8Array(await subtle.sign('HMAC', key, Uint8Array.from(utf8('signalbox/cache/own/v1'))));
  }
  return {
    needsShare: true,
    async key(keyId, share) {
      assertHostId(keyId);
      if (share?.length !== 32) return undefined;
      const own = await ownHalf(keyId);
      return hkdf(sha256, concat(own, share), undefined, utf8('signalbox/cache/key/v1'), 32);
    },
    async forget(keyId) {
      assertHostId(keyId);
      await held.remove(nameOf(keyId));
    },
  };
}
