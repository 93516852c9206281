import { timingSafeEqual } from 'node:crypto';
import { HostError } from '../../../contract/errors.ts';
import type { Device } from '../../../contract/identity.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import { instant, type Clock } from '../../kernel/ports.ts';

const MAX_PENDING = 8;
const MAX_WRONG_CODES = 3;

export type PendingDevice = Extract<Device, { state: 'pending' }>;
export type Verdict = 'admitted' | 'declined' | 'expired' | 'cancelled';

interface Entry {
  device: PendingDevice;
  wrongCodes: number;
  cancelExpiry(): void;
  decided(verdict: Verdict): void;
}

/** Devices that proved a code and wait for the owner to compare six digits. In memory: a restart refuses them. */
export function createPendingDevices(deps: {
  clock: Clock;
  changed(device: PendingDevice): void;
  removed(id: DeviceId): void;
}) {
  const { clock, changed, removed } = deps;
  const entries = new Map<DeviceId, Entry>();

  function end(id: DeviceId, verdict: Verdict): boolean {
    const entry = entries.get(id);
    if (!entry) return false;
    entries.delete(id);
    entry.cancelExpiry();
    if (verdict !== 'admitted') removed(id);
    entry.decided(verdict);
    return true;
  }

  function find(id: DeviceId): Entry {
    const entry = entries.get(id);
    if (!entry)
      throw new HostError('not_found', 'no device waits under this id; it may have run out of time');
    return entry;
  }

  return {
    add(
      device: Omit<PendingDevice, 'state' | 'requestedAt' | 'expiresAt'>,
      lifetimeMs: number,
      decided: (verdict: Verdict) => void,
    ): void {
      if (entries.size >= MAX_PENDING)
        throw new HostError('too_many', 'too many devices wait for the owner already');
      const now = clock.now();
      const pending: PendingDevice = {
        ...device,
        state: 'pending',
        requestedAt: instant(now),
        expiresAt: instant(now + lifetimeMs),
      };
      entries.set(device.id, {
        device: pending,
        wrongCodes: 0,
        cancelExpiry: clock.after(lifetimeMs, () => end(device.id, 'expired')),
        decided,
      });
      changed(pending);
    },
    /** Checks the code. Three wrong ones end the request: the digits are there to be compared, not guessed. */
    confirm(id: DeviceId, code: string): PendingDevice {
      const entry = find(id);
      if (timingSafeEqual(Buffer.from(code), Buffer.from(entry.device.checkCode))) return entry.device;
      entry.wrongCodes += 1;
      if (entry.wrongCodes >= MAX_WRONG_CODES) end(id, 'declined');
      throw new HostError('refused', 'this is not the code that the device shows; compare again', {
        attemptsLeft: Math.max(0, MAX_WRONG_CODES - entry.wrongCodes),
      });
    },
    find,
    end,
    all: () => [...entries.values()].map((entry) => entry.device),
  };
}
