import { decodeHost, encodeHost } from './host-record.ts';
import type { HostStorage } from './host-record.ts';
import { createTable } from './indexed-db.ts';

/** Paired hosts in IndexedDB: readable by this origin only. */
export function createHostStorage(): HostStorage {
  const table = createTable(indexedDB, 'hosts', (stored) =>
    typeof stored === 'string' ? stored : undefined,
  );
  return {
    async list() {
      return (await table.all()).map(decodeHost).filter((host) => host !== undefined);
    },
    put: (host) => table.put(host.hostId, encodeHost(host)),
    remove: (hostId) => table.remove(hostId),
  };
}
