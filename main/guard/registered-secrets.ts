import type { SecretStore } from '../kernel/ports.ts';

/** The store of keys, told of at the outbound gate: what goes in or comes out of it is a secret of the host itself. */
export function registeredSecrets(store: SecretStore, own: (value: Uint8Array) => void): SecretStore {
  return {
    get kind() {
      return store.kind;
    },
    async get(name) {
      const value = await store.get(name);
      if (value !== null) own(value);
      return value;
    },
    async set(name, value) {
      own(value);
      await store.set(name, value);
    },
    delete: (name) => store.delete(name),
  };
}
