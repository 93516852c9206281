import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Device } from '../../../contract/identity.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Caller } from '../../kernel/caller.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import type { ActiveDevice, DeviceStore, StoredDevice } from './device-store.ts';

/** The admitted devices: what is on the disk, and which of them are connected now. */
export interface DeviceBook {
  all(): StoredDevice[];
  byKey(publicKey: string): StoredDevice | null;
  byId(id: DeviceId): StoredDevice | null;
  admit(device: ActiveDevice, publicKey: string, approvalKey: string, provisional: boolean): void;
  /** It has stored its key: from now on it counts as paired. */
  markActive(id: DeviceId): void;
  rename(id: DeviceId, name: string): Device;
  /** Notes a live connection; the returned function notes its end. */
  track(id: DeviceId, close: () => void): () => void;
  revoke(id: DeviceId, by: Caller): Promise<Device>;
  useCounter(id: DeviceId, counter: number): boolean;
  endAllConnections(): void;
  /** As the state shows it: whether a device is connected is known here, not on the disk. */
  shown(stored: StoredDevice): Device;
}

export function createDeviceBook(deps: {
  store: DeviceStore;
  clock: Clock;
  audit: Auditor;
  publish(event: HostEvent): void;
  forgotten(principal: string): void;
}): DeviceBook {
  const { store, clock, audit, publish, forgotten } = deps;
  const live = new Map<DeviceId, Set<() => void>>();

  const shown = ({ device }: StoredDevice): Device =>
    device.state === 'active' ? { ...device, connected: live.has(device.id) } : device;

  function active(id: DeviceId): StoredDevice & { device: ActiveDevice } {
    const stored = store.byId(id);
    if (stored?.device.state !== 'active') throw new HostError('not_found', 'no active device has this id');
    return { ...stored, device: stored.device };
  }

  function update(id: DeviceId, change: Partial<Pick<ActiveDevice, 'lastSeenAt' | 'name'>>): Device {
    const stored = active(id);
    const device = { ...stored.device, ...change };
    store.save(device);
    const next = shown({ ...stored, device });
    if (!stored.provisional) publish({ type: 'device.changed', device: next });
    return next;
  }

  function closeAll(id: DeviceId): void {
    for (const close of live.get(id) ?? []) close();
  }

  return {
    ...store,
    shown,
    admit(device, publicKey, approvalKey, provisional) {
      store.insert(device, publicKey, approvalKey, provisional);
      if (!provisional) publish({ type: 'device.changed', device });
    },
    markActive(id) {
      const stored = active(id);
      if (!stored.provisional) return;
      store.confirm(id);
      publish({ type: 'device.changed', device: shown(stored) });
      const facts = { fingerprint: stored.device.fingerprint };
      void audit.append({ actor: 'host', type: 'device.paired', object: id, facts }).catch(() => {});
    },
    rename: (id, name) => update(id, { name }),
    track(id, close) {
      const set = live.get(id) ?? new Set();
      live.set(id, set.add(close));
      update(id, { lastSeenAt: instant(clock.now()) });
      return () => {
        set.delete(close);
        if (set.size > 0 || live.get(id) !== set) return;
        live.delete(id);
        if (store.byId(id)?.device.state === 'active') update(id, { lastSeenAt: instant(clock.now()) });
      };
    },
    async revoke(id, by) {
      const { device: revoked } = active(id);
      const { lastSeenAt: _seen, connected: _connected, ...rest } = revoked;
      const device: Device = { ...rest, state: 'revoked', revokedAt: instant(clock.now()) };
      store.save(device);
      closeAll(id);
      live.delete(id);
      forgotten(`device:${id}`);
      publish({ type: 'device.changed', device });
      const facts = { fingerprint: device.fingerprint };
      await audit.append({ actor: by.principal, type: 'device.revoked', object: id, facts });
      return device;
    },
    endAllConnections() {
      for (const id of live.keys()) closeAll(id);
    },
  };
}
