import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Device, DeviceScope } from '../../../contract/identity.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import type { ActiveDevice, AdmittedDevice, DeviceStore, StoredDevice } from './device-store.ts';
import type { HostAge } from './host-age.ts';
import type { LiveSession, LiveSessions } from './live-sessions.ts';
import { nextStage } from './pairing-machine.ts';

/** A device that was not seen for so long must be confirmed by the owner once more. */
export const IDLE_MS = 30 * 86_400_000;

/** The admitted devices: what is on the disk, and which of them are connected now. */
export interface DeviceBook extends Pick<
  DeviceStore,
  'all' | 'byKey' | 'byId' | 'wasRevoked' | 'useCounter' | 'setGeneration'
> {
  /** It is on the disk when this returns. */
  admit(device: ActiveDevice, keys: AdmittedKeys): void;
  /** It has stored its key: from now on it counts as paired. */
  confirm(id: DeviceId): void;
  /** It never said so: it is gone as if it had not been there. */
  drop(id: DeviceId): void;
  rename(id: DeviceId, name: string): Device;
  setScope(id: DeviceId, scope: DeviceScope, by: string): Promise<Device>;
  /** The owner compared its code again. */
  renew(id: DeviceId): Device;
  /** Notes a live connection; the returned function notes its end. */
  track(id: DeviceId, session: LiveSession): () => void;
  revoke(id: DeviceId, by: string, why: 'asked' | 'keys-ended'): Promise<Device>;
  /** Looks whether this one was away for too long, and puts that down: `idle` stays until it is renewed. */
  checkAway(stored: StoredDevice): StoredDevice;
  /** The same for all. */
  sweep(): void;
  endAllConnections(): void;
  /** As the state shows it: whether a device is connected is known here, not on the disk. */
  shown(stored: StoredDevice): Device;
}

export interface AdmittedKeys {
  readonly publicKey: string;
  readonly approvalKey: string;
  /** Of the host keys that it was given. */
  readonly generation: number;
  readonly stage: 'provisional' | 'active';
}

export function createDeviceBook(deps: {
  store: DeviceStore;
  live: LiveSessions;
  age: HostAge;
  clock: Clock;
  audit: Auditor;
  publish(event: HostEvent): void;
  forgotten(principal: string): void;
  withdrawn(principal: string): void;
}): DeviceBook {
  const { store, live, age, clock, audit, publish, forgotten, withdrawn } = deps;

  const shown = ({ device }: StoredDevice): Device =>
    device.state === 'active' ? { ...device, connected: live.has(device.id) } : device;

  /** Still ours: whatever its stage, but not revoked. */
  function find(id: DeviceId): StoredDevice & { device: Exclude<AdmittedDevice, { state: 'revoked' }> } {
    const stored = store.byId(id);
    if (!stored || stored.device.state === 'revoked')
      throw new HostError('not_found', 'no device of this host has this id');
    return { ...stored, device: stored.device };
  }

  function put(stored: StoredDevice): Device {
    store.save(stored.device, stored.stage);
    const next = shown(stored);
    if (stored.stage !== 'provisional') publish({ type: 'device.changed', device: next });
    return next;
  }

  function seen(id: DeviceId): void {
    const stored = store.byId(id);
    if (stored?.device.state !== 'active') return;
    const device = { ...stored.device, lastSeenAt: instant(clock.now()) };
    store.seen(device, age.now());
    if (stored.stage !== 'provisional')
      publish({ type: 'device.changed', device: shown({ ...stored, device }) });
  }

  function checkAway(stored: StoredDevice): StoredDevice {
    const { device } = stored;
    const isAway = age.now() - stored.seenAge > IDLE_MS && !live.has(device.id);
    if (!isAway || stored.stage !== 'active' || device.state !== 'active') return stored;
    const { connected: _connected, ...rest } = device;
    const next: StoredDevice = { ...stored, stage: 'idle', device: { ...rest, state: 'idle' } };
    put(next);
    const facts = { fingerprint: device.fingerprint };
    void audit.append({ actor: 'host', type: 'device.idle', object: device.id, facts }).catch(() => {});
    return next;
  }

  return {
    all: store.all,
    byKey: store.byKey,
    byId: store.byId,
    wasRevoked: store.wasRevoked,
    useCounter: store.useCounter,
    setGeneration: store.setGeneration,
    shown,
    checkAway,
    admit(device, keys) {
      const stored: StoredDevice = { device, ...keys, seenAge: age.now() };
      store.insert(stored);
      if (keys.stage === 'active') publish({ type: 'device.changed', device });
    },
    confirm(id) {
      const stored = store.byId(id);
      // One that was revoked or dropped meanwhile is not confirmed by its own word.
      if (!stored || nextStage(stored.stage, 'stored') !== 'active') return;
      put({ ...stored, stage: 'active' });
      const facts = { fingerprint: stored.device.fingerprint };
      void audit.append({ actor: 'host', type: 'device.paired', object: id, facts }).catch(() => {});
    },
    drop(id) {
      const stored = store.byId(id);
      if (!stored || nextStage(stored.stage, 'late') !== 'unknown') return;
      store.remove(id);
      live.end(id, 'revoked');
      publish({ type: 'device.removed', deviceId: id });
      const facts = { fingerprint: stored.device.fingerprint };
      void audit.append({ actor: 'host', type: 'device.dropped', object: id, facts }).catch(() => {});
    },
    rename(id, name) {
      const stored = find(id);
      return put({ ...stored, device: { ...stored.device, name } });
    },
    async setScope(id, scope, by) {
      const { device: before } = find(id);
      if (before.scope === 'own')
        throw new HostError('invalid_input', 'a browser of this machine is the owner; revoke it instead');
      const facts = { fingerprint: before.fingerprint, from: before.scope, to: scope };
      await audit.append({ actor: by, type: 'device.scope-changed', object: id, facts });
      // Read again: it may have been revoked while the record was written.
      const stored = find(id);
      if (stored.device.scope === scope) return shown(stored);
      live.end(id, 'scope-changed');
      if (scope === 'view' || scope === 'submit') forgotten(`device:${id}`);
      return put({ ...stored, device: { ...stored.device, scope } });
    },
    renew(id) {
      const stored = find(id);
      if (stored.device.state !== 'idle') throw new HostError('conflict', 'this device needs no renewal');
      const device: ActiveDevice = {
        ...stored.device,
        state: 'active',
        lastSeenAt: instant(clock.now()),
        connected: false,
      };
      store.seen(device, age.now());
      return put({ ...stored, stage: 'active', device });
    },
    track(id, session) {
      live.add(id, session);
      seen(id);
      return () => {
        if (live.remove(id, session)) seen(id);
      };
    },
    async revoke(id, by, why) {
      const { device: before } = find(id);
      const { id: deviceId, name, kind, platform, scope, fingerprint, pairedAt } = before;
      const facts = { id: deviceId, name, kind, platform, scope, fingerprint, pairedAt };
      const device: Device = { ...facts, state: 'revoked', revokedAt: instant(clock.now()) };
      // All in one tick: on the disk, off the line, its answers forgotten. Then it is put on record.
      store.save(device, 'revoked');
      live.end(id, 'revoked');
      forgotten(`device:${id}`);
      withdrawn(`device:${id}`);
      publish({ type: 'device.changed', device });
      await audit.append({ actor: by, type: 'device.revoked', object: id, facts: { fingerprint, why } });
      return device;
    },
    sweep() {
      for (const id of live.ids()) seen(id);
      for (const stored of store.all()) checkAway(stored);
      age.save();
    },
    endAllConnections() {
      for (const id of live.ids()) live.end(id, 'locked-down');
    },
  };
}
