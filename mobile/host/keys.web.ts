import { createTable } from './indexed-db.ts';
import type { KeyStore } from './key-types.ts';
import { createWebKeys } from './web-keys.ts';

function asKeyPair(stored: unknown): CryptoKeyPair | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const pair = stored as Partial<CryptoKeyPair>;
  if (!(pair.privateKey instanceof CryptoKey) || !(pair.publicKey instanceof CryptoKey)) return undefined;
  return { privateKey: pair.privateKey, publicKey: pair.publicKey };
}

/** Keys of this browser. `prompt` is for platforms that ask the person; browsers do so through passkeys only. */
export function createKeys(_prompt: string): KeyStore {
  return createWebKeys(crypto.subtle, createTable(indexedDB, 'keys', asKeyPair));
}
