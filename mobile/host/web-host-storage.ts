import { fromUtf8, utf8 } from '../../contract/channel/bytes.ts';
import { decodeHost, encodeHost } from './host-record.ts';
import type { HostStorage } from './host-record.ts';
import type { Table } from './indexed-db.ts';
import type { WebWrap } from './web-wrap.ts';

const PLACE = 'host';

/**
 * Paired hosts in a table of the browser, each wrapped: a record holds the secret that this device shares with its
 * host. A record that an older version of the app left in clear is wrapped when it is read.
 */
export function createWebHostStorage(table: Table<string | Uint8Array>, wrap: WebWrap): HostStorage {
  async function put(host: Parameters<HostStorage['put']>[0]): Promise<void> {
    await table.put(host.hostId, await wrap.wrap(PLACE, utf8(encodeHost(host))));
  }
  async function read(stored: string | Uint8Array) {
    if (typeof stored !== 'string') return decodeHost(fromUtf8(await wrap.unwrap(PLACE, stored)));
    const host = decodeHost(stored);
    if (host) await put(host);
    return host;
  }
  return {
    async list() {
      const rows = await table.all();
      const hosts = await Promise.all(rows.map((row) => read(row).catch(() => undefined)));
      return hosts.filter((host) => host !== undefined);
    },
    put,
    remove: (hostId) => table.remove(hostId),
  };
}
