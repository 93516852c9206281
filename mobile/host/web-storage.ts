import { createTableRows } from './cache/table-rows.ts';
import { createWebCacheKeys } from './cache/web-cache-keys.ts';
import type { DeviceStorage } from './device-storage.ts';
import { createTable } from './indexed-db.ts';
import type { DrawBytes } from './random.ts';
import { createWebDhKeys } from './web-dh-key.ts';
import type { StoredDhKey } from './web-dh-key.ts';
import { createWebHostStorage } from './web-host-storage.ts';
import { createWebKeys } from './web-keys.ts';
import { createWebOutboxes } from './web-outboxes.ts';
import { createWebWrap } from './web-wrap.ts';

const asText = (stored: unknown): string | undefined => (typeof stored === 'string' ? stored : undefined);
const asBytes = (stored: unknown): Uint8Array | undefined =>
  stored instanceof Uint8Array ? stored : undefined;

function asCryptoKey(stored: unknown): CryptoKey | undefined {
  return Object.prototype.toString.call(stored) === '[object CryptoKey]' ? (stored as CryptoKey) : undefined;
}

/** Also what older versions of the app stored: the bare pair. */
function asStoredKey(stored: unknown): StoredDhKey | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  if ('wrapped' in stored && stored.wrapped instanceof Uint8Array) {
    return { kind: 'wrapped', wrapped: stored.wrapped };
  }
  const pair = ('pair' in stored ? stored.pair : stored) as Partial<CryptoKeyPair> | undefined;
  const privateKey = asCryptoKey(pair?.privateKey);
  const publicKey = asCryptoKey(pair?.publicKey);
  return privateKey && publicKey && { kind: 'pair', pair: { privateKey, publicKey } };
}

/** Everything that the app keeps in a browser, in one database; secrets in it are wrapped or cannot be read out. */
export function createWebStorage(
  factory: IDBFactory,
  subtle: SubtleCrypto,
  random: DrawBytes,
): DeviceStorage {
  const single = createTable(factory, 'keys', asCryptoKey);
  const wrap = createWebWrap(subtle, single, random);
  const notes = createTable(factory, 'notes', asText);
  return {
    keys: createWebKeys(
      subtle,
      createTable(factory, 'keys', asStoredKey),
      createWebDhKeys(subtle, wrap, random),
    ),
    hosts: createWebHostStorage(
      createTable(factory, 'hosts', (stored) => asText(stored) ?? asBytes(stored)),
      wrap,
    ),
    cacheKeys: createWebCacheKeys(subtle, single),
    cacheRows: createTableRows(createTable(factory, 'cache', asBytes)),
    outboxes: createWebOutboxes(createTable(factory, 'outbox', asBytes), wrap),
    notes: {
      read: (name) => notes.get(name),
      write: (name, text) => notes.put(name, text),
      remove: (name) => notes.remove(name),
    },
  };
}
