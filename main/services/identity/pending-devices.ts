import { timingSafeEqual } from 'node:crypto';
import { HostError } from '../../../contract/errors.ts';
import type { Device } from '../../../contract/identity.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { instant, type Clock } from '../../kernel/ports.ts';

/** How long the owner has to compare a code. */
export const CONFIRM_MS = 5 * 60_000;
const MAX_PENDING = 8;
const MAX_WRONG_CODES = 3;

export type PendingDevice = Extract<Device, { state: 'pending' }>;
export type Verdict = 'admitted' | 'declined' | 'expired' | 'cancelled';

/** What becomes of one that waits. */
export interface Outcome {
  /** The owner compared the code: writes down what follows and gives the device as it is then. */
  admit(): Device;
  decided(verdict: Verdict): void;
}

export interface PendingDevices {
  add(device: Omit<PendingDevice, 'state' | 'requestedAt' | 'expiresAt'>, outcome: Outcome): void;
  /**
   * Checks the code, puts the approval on record, then admits. Three wrong codes end the request: the digits are there
   * to be compared, not guessed.
   */
  approve(id: DeviceId, code: string, by: string): Promise<Device>;
  /** False when nobody waits under this id. */
  end(id: DeviceId, verdict: Exclude<Verdict, 'admitted'>): boolean;
  all(): PendingDevice[];
}

interface Entry extends Outcome {
  readonly device: PendingDevice;
  wrongCodes: number;
  cancelExpiry(): void;
}

/** Devices that proved who they are and wait for the owner to compare six digits. In memory: a restart refuses them. */
export function createPendingDevices(deps: {
  clock: Clock;
  audit: Auditor;
  changed(device: PendingDevice): void;
  /** It waits no longer and was not admitted. */
  left(device: PendingDevice): void;
}): PendingDevices {
  const { clock, audit, changed, left } = deps;
  const entries = new Map<DeviceId, Entry>();

  function end(id: DeviceId, verdict: Verdict): boolean {
    const entry = entries.get(id);
    if (!entry) return false;
    entries.delete(id);
    entry.cancelExpiry();
    if (verdict !== 'admitted') left(entry.device);
    entry.decided(verdict);
    return true;
  }

  function find(id: DeviceId): Entry {
    const entry = entries.get(id);
    if (!entry)
      throw new HostError('not_found', 'no device waits under this id; it may have run out of time');
    return entry;
  }

  function checkCode(entry: Entry, code: string): void {
    if (timingSafeEqual(Buffer.from(code), Buffer.from(entry.device.checkCode))) return;
    entry.wrongCodes += 1;
    if (entry.wrongCodes >= MAX_WRONG_CODES) end(entry.device.id, 'declined');
    throw new HostError('refused', 'this is not the code that the device shows; compare again', {
      attemptsLeft: Math.max(0, MAX_WRONG_CODES - entry.wrongCodes),
    });
  }

  return {
    add(device, outcome) {
      // The same device over a new connection: the code of the old one compares nothing any more.
      end(device.id, 'cancelled');
      if (entries.size >= MAX_PENDING)
        throw new HostError('too_many', 'too many devices wait for the owner already');
      const now = clock.now();
      const pending: PendingDevice = {
        ...device,
        state: 'pending',
        requestedAt: instant(now),
        expiresAt: instant(now + CONFIRM_MS),
      };
      entries.set(device.id, {
        ...outcome,
        device: pending,
        wrongCodes: 0,
        cancelExpiry: clock.after(CONFIRM_MS, () => end(device.id, 'expired')),
      });
      changed(pending);
    },
    async approve(id, code, by) {
      const entry = find(id);
      checkCode(entry, code);
      const { fingerprint, scope, purpose } = entry.device;
      await audit.append({
        actor: by,
        type: 'device.approved',
        object: id,
        facts: { fingerprint, scope, purpose },
      });
      // It may have gone, or asked again with another code, while the record was written.
      if (entries.get(id) !== entry) throw new HostError('not_found', 'the device is gone');
      const made = entry.admit();
      end(id, 'admitted');
      return made;
    },
    end,
    all: () => [...entries.values()].map((entry) => entry.device),
  };
}
