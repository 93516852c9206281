import { createFileRows } from './cache/file-rows.ts';
import { createNativeCacheKeys } from './cache/native-cache-keys.ts';
import type { DeviceStorage } from './device-storage.ts';
import { createKeychain } from './keychain.ts';
import { createKeychainStorage } from './keychain-storage.ts';
import { createNativeKeys } from './native-keys.ts';
import { createSealedOutboxes } from './outboxes.ts';
import { drawBytes } from './random.ts';

/** What this device keeps on iOS and Android. The web has a variant of this module. */
export function createDeviceStorage(prompt: string): DeviceStorage {
  const keychain = createKeychain(prompt);
  const rows = createFileRows();
  const cacheKeys = createNativeCacheKeys(keychain, drawBytes);
  return {
    keys: createNativeKeys(keychain, drawBytes),
    hosts: createKeychainStorage(keychain),
    cacheKeys,
    cacheRows: rows,
    outboxes: createSealedOutboxes({ rows, keys: cacheKeys, random: drawBytes }),
    notes: {
      read: async (name) => (await keychain.read(`note.${name}`, false)) ?? undefined,
      write: (name, text) => keychain.write(`note.${name}`, text, false),
      remove: (name) => keychain.remove(`note.${name}`),
    },
  };
}
