import { createHash } from 'node:crypto';
import { Device } from '../../../contract/identity.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import { text, type Database } from '../../kernel/database.ts';

export type ActiveDevice = Extract<Device, { state: 'active' }>;

export interface StoredDevice {
  readonly device: ActiveDevice | Extract<Device, { state: 'revoked' }>;
  readonly publicKey: string;
  /** P-256 public key as SPKI, base64; empty for a browser, whose answers count as the owner's. */
  readonly approvalKey: string;
  /** Admitted, but it has not yet said that it stored its key. */
  readonly provisional: boolean;
}

export interface DeviceStore {
  insert(device: ActiveDevice, publicKey: string, approvalKey: string, provisional: boolean): void;
  save(device: StoredDevice['device']): void;
  confirm(id: DeviceId): void;
  remove(id: DeviceId): void;
  byKey(publicKey: string): StoredDevice | null;
  byId(id: DeviceId): StoredDevice | null;
  all(): StoredDevice[];
  /** True once for each counter that is higher than all before it. */
  useCounter(id: DeviceId, counter: number): boolean;
}

/** Paired devices on the disk. A revoked one keeps its row, so that its fingerprint is known; its key opens nothing. */
export function createDeviceStore(db: Database): DeviceStore {
  const parse = (row: ReturnType<Database['get']>): StoredDevice | null => {
    if (!row) return null;
    const device = Device.parse(JSON.parse(text(row, 'body')));
    if (device.state === 'pending') throw new Error('a pending device is never stored');
    return {
      device,
      publicKey: text(row, 'public_key'),
      approvalKey: text(row, 'approval_key'),
      provisional: row['state'] === 'provisional',
    };
  };
  return {
    insert(device, publicKey, approvalKey, provisional) {
      db.run(
        'INSERT INTO devices (id, public_key, state, approval_key, body) VALUES (?, ?, ?, ?, ?)',
        device.id,
        publicKey,
        provisional ? 'provisional' : 'active',
        approvalKey,
        JSON.stringify(device),
      );
    },
    save(device) {
      const state = device.state === 'revoked' ? 'revoked' : null;
      db.run(
        'UPDATE devices SET body = ?, state = coalesce(?, state) WHERE id = ?',
        JSON.stringify(device),
        state,
        device.id,
      );
    },
    confirm: (id) =>
      void db.run(`UPDATE devices SET state = 'active' WHERE id = ? AND state = 'provisional'`, id),
    remove: (id) => void db.run('DELETE FROM devices WHERE id = ?', id),
    byKey: (publicKey) =>
      parse(db.get(`SELECT * FROM devices WHERE public_key = ? AND state <> 'revoked'`, publicKey)),
    byId: (id) => parse(db.get('SELECT * FROM devices WHERE id = ?', id)),
    all: () => db.all('SELECT * FROM devices').flatMap((row) => parse(row) ?? []),
    useCounter: (id, counter) =>
      db.run('UPDATE devices SET counter = ? WHERE id = ? AND counter < ?', counter, id, counter) === 1,
  };
}

/** What a person compares: the first 16 hex digits of the SHA-256 of a public key. */
export function fingerprint(publicKey: string): string {
  return createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest('hex').slice(0, 16);
}
