import { createKeychain } from './keychain.ts';
import type { KeyStore } from './key-types.ts';
import { createNativeKeys } from './native-keys.ts';
import { drawBytes } from './random.ts';

/** Keys of this device (iOS, Android). The web has a variant of this module. */
export function createKeys(prompt: string): KeyStore {
  return createNativeKeys(createKeychain(prompt), drawBytes);
}
