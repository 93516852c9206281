import type { Table } from '../indexed-db.ts';
import { assertHostId } from '../key-types.ts';
import type { SealedRows } from './cache-types.ts';

/** Sealed records in a table of the browser, the pairing in front of the name. */
export function createTableRows(table: Table<Uint8Array>): SealedRows {
  const prefixOf = (keyId: string): string => {
    assertHostId(keyId);
    return `${keyId}/`;
  };
  return {
    get: (keyId, name) => table.get(prefixOf(keyId) + name),
    put: (keyId, name, bytes) => table.put(prefixOf(keyId) + name, bytes),
    clear: (keyId) => table.removeAll(prefixOf(keyId)),
  };
}
