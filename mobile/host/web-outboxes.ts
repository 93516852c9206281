import { fromUtf8, utf8 } from '../../contract/channel/bytes.ts';
import type { Table } from './indexed-db.ts';
import type { Outboxes, OutboxOwner } from './outboxes.ts';
import type { WebWrap } from './web-wrap.ts';

const placeOf = ({ deviceId, hostId, keyId }: OutboxOwner): string =>
  JSON.stringify(['outbox', hostId, deviceId, keyId]);

/** Outboxes of a browser, wrapped: they must be there before the host is heard, so its half of a key is no help. */
export function createWebOutboxes(table: Table<Uint8Array>, wrap: WebWrap): Outboxes {
  return {
    async read(owner) {
      const wrapped = await table.get(owner.keyId);
      return wrapped && fromUtf8(await wrap.unwrap(placeOf(owner), wrapped));
    },
    async write(owner, text) {
      await table.put(owner.keyId, await wrap.wrap(placeOf(owner), utf8(text)));
    },
    forget: (keyId) => table.remove(keyId),
  };
}
