import { createHash } from 'node:crypto';
import { Device } from '../../../contract/identity.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import { text, type Database, type Row } from '../../kernel/database.ts';

export type ActiveDevice = Extract<Device, { state: 'active' }>;
export type AdmittedDevice = Exclude<Device, { state: 'pending' }>;
/** What the disk knows of the stages of a device; the others live in memory. */
export type StoredStage = 'provisional' | 'active' | 'idle' | 'revoked';

export interface StoredDevice {
  readonly device: AdmittedDevice;
  /** `provisional`: admitted, but it has not yet said that it stored its key. */
  readonly stage: StoredStage;
  readonly publicKey: string;
  /** P-256 public key as SPKI, base64; empty for a browser, whose answers count as the owner's. */
  readonly approvalKey: string;
  /** The oldest generation of host keys that this device may still use. */
  readonly generation: number;
  /** Age of the host when it last saw the device, in milliseconds. */
  readonly seenAge: number;
}

export interface DeviceStore {
  insert(stored: StoredDevice): void;
  save(device: AdmittedDevice, stage: StoredStage): void;
  seen(device: AdmittedDevice, age: number): void;
  setGeneration(id: DeviceId, generation: number): void;
  remove(id: DeviceId): void;
  /** Never a revoked one: its key opens nothing. */
  byKey(publicKey: string): StoredDevice | null;
  wasRevoked(publicKey: string): boolean;
  byId(id: DeviceId): StoredDevice | null;
  all(): StoredDevice[];
  /** The age at which any device was seen last, 0 for none. */
  lastSeenAge(): number;
  /** True once for each counter that is higher than all before it. */
  useCounter(id: DeviceId, counter: number): boolean;
}

/** Admitted devices on the disk. A revoked one keeps its row, so that its fingerprint and its key are known. */
export function createDeviceStore(db: Database): DeviceStore {
  return {
    insert({ device, stage, publicKey, approvalKey, generation, seenAge }) {
      db.run(
        `INSERT INTO devices (id, public_key, state, approval_key, generation, seen_age, body)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        ...[device.id, publicKey, stage, approvalKey, generation, seenAge, JSON.stringify(device)],
      );
    },
    save(device, stage) {
      db.run('UPDATE devices SET body = ?, state = ? WHERE id = ?', JSON.stringify(device), stage, device.id);
    },
    seen(device, age) {
      db.run(
        'UPDATE devices SET body = ?, seen_age = ? WHERE id = ?',
        JSON.stringify(device),
        age,
        device.id,
      );
    },
    setGeneration: (id, generation) =>
      void db.run(
        'UPDATE devices SET generation = ? WHERE id = ? AND generation < ?',
        generation,
        id,
        generation,
      ),
    remove: (id) => void db.run('DELETE FROM devices WHERE id = ?', id),
    byKey: (publicKey) =>
      parse(db.get(`SELECT * FROM devices WHERE public_key = ? AND state <> 'revoked'`, publicKey)),
    wasRevoked: (publicKey) =>
      db.get(`SELECT id FROM devices WHERE public_key = ? AND state = 'revoked'`, publicKey) !== undefined,
    byId: (id) => parse(db.get('SELECT * FROM devices WHERE id = ?', id)),
    all: () => db.all('SELECT * FROM devices').flatMap((row) => parse(row) ?? []),
    lastSeenAge: () => Number(db.get('SELECT max(seen_age) AS age FROM devices')?.['age'] ?? 0),
    useCounter: (id, counter) =>
      db.run('UPDATE devices SET counter = ? WHERE id = ? AND counter < ?', counter, id, counter) === 1,
  };
}

function parse(row: Row | undefined): StoredDevice | null {
  if (!row) return null;
  const device = Device.parse(JSON.parse(text(row, 'body')));
  if (device.state === 'pending') throw new Error('a pending device is never stored');
  const { state: stage, generation, seen_age: seenAge } = row;
  if (stage !== 'provisional' && stage !== 'active' && stage !== 'idle' && stage !== 'revoked')
    throw new Error('a device in the state database is in no known state');
  if (typeof generation !== 'number' || typeof seenAge !== 'number')
    throw new Error('a device in the state database cannot be read');
  return {
    device,
    stage,
    publicKey: text(row, 'public_key'),
    approvalKey: text(row, 'approval_key'),
    generation,
    seenAge,
  };
}

/** What a person compares: the first 16 hex digits of the SHA-256 of a public key. */
export function fingerprint(publicKey: string | Uint8Array): string {
  const bytes = typeof publicKey === 'string' ? Buffer.from(publicKey, 'base64url') : publicKey;
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}
