import { fromBase64url, toBase64url } from '../base64url.ts';
import { assertHostId } from '../key-types.ts';
import type { Keychain } from '../native-keys.ts';
import type { DrawBytes } from '../random.ts';
import type { CacheKeys } from './cache-types.ts';

const nameOf = (keyId: string): string => `cache.${keyId}`;

/** 32 random bytes for each pairing, in the keychain: only on this device, and only while it is unlocked. */
export function createNativeCacheKeys(keychain: Keychain, random: DrawBytes): CacheKeys {
  return {
    needsShare: false,
    async key(keyId) {
      assertHostId(keyId);
      const known = await keychain.read(nameOf(keyId), false);
      if (known !== null) return fromBase64url(known);
      const key = random(32);
      await keychain.write(nameOf(keyId), toBase64url(key), false);
      return key;
    },
    async forget(keyId) {
      assertHostId(keyId);
      await keychain.remove(nameOf(keyId));
    },
  };
}
