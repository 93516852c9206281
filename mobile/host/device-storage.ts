import type { CacheKeys, SealedRows } from './cache/cache-types.ts';
import type { HostStorage } from './host-record.ts';
import type { KeyStore } from './key-types.ts';
import type { Notes } from './notes.ts';
import type { Outboxes } from './outboxes.ts';

/** Everything that this device keeps, wherever its platform keeps it. */
export interface DeviceStorage {
  readonly keys: KeyStore;
  readonly hosts: HostStorage;
  readonly cacheKeys: CacheKeys;
  readonly cacheRows: SealedRows;
  readonly outboxes: Outboxes;
  readonly notes: Notes;
}
