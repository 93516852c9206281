import * as SecureStore from 'expo-secure-store';
import type { Keychain } from './native-keys.ts';

/** Never synchronised, never in a backup, unreadable while the phone is locked. */
const plain: SecureStore.SecureStoreOptions = {
  keychainAccessible: SecureStore.WHEN_UNLOCKED_THIS_DEVICE_ONLY,
  keychainService: 'signalbox',
};

/** A service of its own: Android cannot mix guarded and plain items under one key alias. */
const guardedBy = (prompt: string): SecureStore.SecureStoreOptions => ({
  keychainAccessible: SecureStore.WHEN_UNLOCKED_THIS_DEVICE_ONLY,
  keychainService: 'signalbox-guarded',
  requireAuthentication: true,
  authenticationPrompt: prompt,
});

/** The system keychain. `prompt` is what the person reads when a guarded item is opened. */
export function createKeychain(prompt: string): Keychain {
  const optionsFor = (guarded: boolean): SecureStore.SecureStoreOptions =>
    guarded ? guardedBy(prompt) : plain;
  return {
    read: (name, guarded) => SecureStore.getItemAsync(name, optionsFor(guarded)),
    write: (name, value, guarded) => SecureStore.setItemAsync(name, value, optionsFor(guarded)),
    async remove(name) {
      await SecureStore.deleteItemAsync(name, plain);
      await SecureStore.deleteItemAsync(name, { keychainService: 'signalbox-guarded' });
    },
    canGuard: () => SecureStore.canUseBiometricAuthentication(),
  };
}
