import type { HostStorage } from './host-record.ts';
import { createKeychain } from './keychain.ts';
import { createKeychainStorage } from './keychain-storage.ts';

/** Paired hosts on iOS and Android. The web has a variant of this module. */
export function createHostStorage(): HostStorage {
  return createKeychainStorage(createKeychain(''));
}
