import { createHash, hkdfSync } from 'node:crypto';
import type { Claim, Opening } from '../../../contract/channel/channel-handshake.ts';
import { nobleDhKey, type DhKey } from '../../../contract/channel/dh-key.ts';
import type { PairPayload } from '../../../contract/channel/handshake-payloads.ts';
import { encodePairingLink, encodePairingText } from '../../../contract/channel/pairing-text.ts';
import type { ApprovalStatement } from '../../../contract/action.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { DeviceId } from '../../../contract/ids.ts';
import type { Device, DeviceScope, Invitation } from '../../../contract/identity.ts';
import type { HostPairingMessage } from '../../../contract/pairing.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { deviceCaller, ownerCaller, type Caller } from '../../kernel/caller.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type RandomSource, type SecretStore } from '../../kernel/ports.ts';
import { createDeviceStore, fingerprint, type ActiveDevice } from './device-store.ts';
import { createInvitations, INVITATION_MS, type Invitations } from './invitations.ts';
import { createPendingDevices } from './pending-devices.ts';
import type { Addresses, HostFacts } from './ports.ts';
import { isSignedBy } from './statements.ts';

const CONFIRM_MS = 5 * 60_000;
const STORED_WITHIN_MS = 10 * 60_000;

export interface IdentityDeps {
  db: Database;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  secrets: SecretStore;
  host: HostFacts;
  addresses: Addresses;
  publish(event: HostEvent): void;
  raise(kind: 'pairing-reused' | 'device-refused', message: string): void;
  /** A device is gone: its remembered answers go with it. */
  forgotten(principal: string): void;
}

export interface Identity {
  readonly handlers: HandlersOf<'identity'>;
  /** Loads the keys of this host; the first call makes them. Needed before a device can connect. */
  open(): Promise<DhKey>;
  pskFor(claim: Claim): Uint8Array | null;
  /** Runs in the tick that proved message 3. Throws to refuse. */
  verified(opening: Opening): undefined;
  unproven(claim: Claim): void;
  /** A phone that proved a code: waits for the owner, tells the phone what became of it. */
  pair(request: PairRequest): PairingSession;
  /** The caller behind a proven key, and a hook that ends its connection when it is revoked. */
  connect(publicKey: Uint8Array, close: () => void): { caller: Caller; gone(): void } | null;
  /** A browser of this machine asks to be let in; `secretHash` is the SHA-256 of its cookie. */
  requestAdmission(name: string, secretHash: string): { deviceId: DeviceId; checkCode: string; decided: Promise<boolean> };
  browser(secretHash: string, close: (() => void) | null): { caller: Caller; gone(): void } | null;
  verifyStatement(deviceId: DeviceId, statement: ApprovalStatement, signature: string): void;
  endAllConnections(): void;
  devices(): Device[];
}

export interface PairRequest {
  readonly publicKey: Uint8Array;
  readonly payload: PairPayload;
  readonly checkCode: string;
  say(message: HostPairingMessage): void;
  close(): void;
}

export interface PairingSession {
  stored(): void;
  gone(): void;
}

export function createIdentity(deps: IdentityDeps): Identity {
  const { db, clock, random, audit, secrets, host, addresses, publish, raise, forgotten } = deps;
  const store = createDeviceStore(db);
  const pending = createPendingDevices({
    clock,
    changed: (device) => publish({ type: 'device.changed', device }),
    removed: (deviceId) => publish({ type: 'device.removed', deviceId }),
  });
  const live = new Map<DeviceId, Set<() => void>>();
  /** Device keys that were admitted by an invitation and may now ask the owner. */
  const admitted = new Map<string, DeviceScope>();
  const finishers = new Map<DeviceId, () => Promise<Device>>();
  let keys: { host: DhKey; master: Uint8Array; invitations: Invitations } | null = null;
  let cancelExpiry = () => {};

  const note = (type: string, object: string, facts?: Record<string, string>) =>
    audit.append({ actor: 'host', type, object, ...(facts && { facts }) });

  async function secret(name: string): Promise<Uint8Array> {
    const known = await secrets.get(name);
    if (known) return known;
    const made = random.bytes(32);
    await secrets.set(name, made);
    return made;
  }

  async function open(): Promise<DhKey> {
    if (!keys) {
      const hostKey = nobleDhKey(await secret('host-key'));
      const master = await secret('device-psk-master');
      keys ??= {
        host: hostKey,
        master,
        invitations: createInvitations({ clock, random, hostPublicKey: hostKey.publicKey }),
      };
    }
    return keys.host;
  }

  function opened() {
    if (!keys) throw new HostError('unavailable', 'the keys of this host are not loaded yet');
    return keys;
  }

  /** Each device has a key of its own, derived from a master that never leaves; a revoked id is never used again. */
  function devicePsk(id: DeviceId): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', opened().master, id, 'signalbox/device-psk/v1', 32));
  }

  function setInvitation(invitation: Invitation): void {
    publish({ type: 'invitation.changed', invitation });
  }

  function reused(): void {
    raise('pairing-reused', 'A second device used a pairing code that was already taken. It was refused.');
    void note('pairing.reused', 'invitation').catch(() => {});
  }

  function markActive(id: DeviceId): void {
    const stored = store.byId(id);
    if (!stored?.provisional || stored.device.state !== 'active') return;
    store.confirm(id);
    publish({ type: 'device.changed', device: stored.device });
    void note('device.paired', id, { fingerprint: stored.device.fingerprint }).catch(() => {});
  }

  function update(id: DeviceId, change: Partial<Pick<ActiveDevice, 'connected' | 'lastSeenAt' | 'name'>>): Device | null {
    const stored = store.byId(id);
    if (stored?.device.state !== 'active') return null;
    const device = { ...stored.device, ...change };
    store.save(device);
    if (!stored.provisional) publish({ type: 'device.changed', device });
    return device;
  }

  function track(id: DeviceId, close: () => void): () => void {
    const set = live.get(id) ?? new Set();
    live.set(id, set.add(close));
    update(id, { connected: true, lastSeenAt: instant(clock.now()) });
    return () => {
      set.delete(close);
      if (set.size > 0) return;
      live.delete(id);
      update(id, { connected: false, lastSeenAt: instant(clock.now()) });
    };
  }

  function pair({ publicKey, payload, checkCode, say, close }: PairRequest): PairingSession {
    const key = Buffer.from(publicKey).toString('base64url');
    const earlier = store.byKey(key);
    const scope = earlier?.device.scope ?? admitted.get(key);
    if (scope === undefined || scope === 'own') throw new HostError('refused', 'this key was not admitted by a code');
    const id = earlier?.device.id ?? DeviceId.parse(random.id());
    const paired = () =>
      say({
        type: 'paired',
        deviceId: id,
        devicePsk: Buffer.from(devicePsk(id)).toString('base64url'),
        hostId: host.id,
        hostName: host.name(),
        scope,
      });
    const session = { stored: () => markActive(id), gone: () => void pending.end(id, 'cancelled') };
    if (earlier) {
      paired();
      return session;
    }
    const facts = { name: payload.deviceName, kind: 'phone', platform: payload.platform, scope } as const;
    pending.add({ id, ...facts, fingerprint: fingerprint(key), checkCode }, CONFIRM_MS, (verdict) => {
      finishers.delete(id);
      if (verdict === 'admitted') return;
      say({ type: 'refused', reason: verdict });
      close();
    });
    finishers.set(id, async () => {
      const device: ActiveDevice = {
        ...facts,
        id,
        fingerprint: fingerprint(key),
        state: 'active',
        pairedAt: instant(clock.now()),
        lastSeenAt: null,
        connected: false,
      };
      store.insert(device, key, payload.approvalKey, true);
      paired();
      return device;
    });
    say({ type: 'pending', hostName: host.name(), expiresInMs: CONFIRM_MS });
    return session;
  }

  function requestAdmission(name: string, secretHash: string) {
    const id = DeviceId.parse(random.id());
    const checkCode = String(Buffer.from(random.bytes(4)).readUInt32BE() % 1_000_000).padStart(6, '0');
    const facts = { name, kind: 'browser', platform: 'web', scope: 'own', fingerprint: secretHash.slice(0, 16) } as const;
    const decided = new Promise<boolean>((resolve) => {
      pending.add({ id, ...facts, checkCode }, CONFIRM_MS, (verdict) => {
        finishers.delete(id);
        resolve(verdict === 'admitted');
      });
    });
    finishers.set(id, async () => {
      const at = instant(clock.now());
      const device: ActiveDevice = { ...facts, id, state: 'active', pairedAt: at, lastSeenAt: null, connected: false };
      store.insert(device, secretHash, '', false);
      publish({ type: 'device.changed', device });
      return device;
    });
    return { deviceId: id, checkCode, decided };
  }

  async function approveDevice(deviceId: DeviceId, code: string, caller: Caller): Promise<Device> {
    const device = pending.confirm(deviceId, code);
    await audit.append({
      actor: caller.principal,
      type: 'device.approved',
      object: deviceId,
      facts: { fingerprint: device.fingerprint, scope: device.scope },
    });
    const finish = finishers.get(deviceId);
    if (!finish) throw new HostError('not_found', 'the device is gone');
    const made = await finish();
    pending.end(deviceId, 'admitted');
    return made;
  }

  async function revokeDevice(deviceId: DeviceId, caller: Caller): Promise<Device> {
    const stored = store.byId(deviceId);
    if (stored?.device.state !== 'active') throw new HostError('not_found', 'no active device has this id');
    const { lastSeenAt: _seen, connected: _connected, ...rest } = stored.device;
    const device: Device = { ...rest, state: 'revoked', revokedAt: instant(clock.now()) };
    store.save(device);
    for (const close of live.get(deviceId) ?? []) close();
    live.delete(deviceId);
    forgotten(`device:${deviceId}`);
    publish({ type: 'device.changed', device });
    await audit.append({
      actor: caller.principal,
      type: 'device.revoked',
      object: deviceId,
      facts: { fingerprint: device.fingerprint },
    });
    return device;
  }

  /** Whether a device is connected is known here, not on the disk. */
  function asConnected(device: ReturnType<typeof store.all>[number]['device']): Device {
    return device.state === 'active' ? { ...device, connected: live.has(device.id) } : device;
  }

  return {
    open,
    pair,
    requestAdmission,
    pskFor(claim) {
      if (claim.mode === 'pair') return opened().invitations.pskFor(Buffer.from(claim.pairId).toString('hex'));
      const stored = store.byKey(Buffer.from(claim.remoteStatic).toString('base64url'));
      if (stored === null || (stored.provisional && tooLate(stored.device.pairedAt, clock.now()))) return null;
      return devicePsk(stored.device.id);
    },
    verified(opening) {
      if (host.mode() === 'locked-down') throw new HostError('locked_down', 'the host is locked down');
      if (opening.mode === 'session') return undefined;
      const key = Buffer.from(opening.remoteStatic).toString('base64url');
      const claim = opened().invitations.claim(Buffer.from(opening.pairId).toString('hex'), key);
      if (claim.outcome !== 'admitted') {
        if (claim.outcome === 'reused') reused();
        throw new HostError('refused', 'this code cannot be used');
      }
      admitted.set(key, claim.scope);
      cancelExpiry();
      setInvitation({ state: 'used', id: claim.id });
      return undefined;
    },
    unproven(claim) {
      if (claim.mode === 'session') return;
      const { outcome } = opened().invitations.failed(Buffer.from(claim.pairId).toString('hex'));
      if (outcome === 'reused') reused();
    },
    connect(publicKey, close) {
      const stored = store.byKey(Buffer.from(publicKey).toString('base64url'));
      if (stored?.device.state !== 'active' || stored.device.scope === 'own') return null;
      // A session proves that the phone kept its key, even if its word for it was lost.
      markActive(stored.device.id);
      return { caller: deviceCaller(stored.device.id, stored.device.scope), gone: track(stored.device.id, close) };
    },
    browser(secretHash, close) {
      const stored = store.byKey(secretHash);
      if (stored?.device.state !== 'active' || stored.device.kind !== 'browser') return null;
      return { caller: ownerCaller('browser'), gone: close ? track(stored.device.id, close) : () => {} };
    },
    verifyStatement(deviceId, statement, signature) {
      const stored = store.byId(deviceId);
      if (stored?.device.state !== 'active' || !isSignedBy(stored.approvalKey, statement, signature)) {
        throw new HostError('not_permitted', 'the signature under this answer does not fit the device');
      }
      if (!store.useCounter(deviceId, statement.counter)) {
        void note('approval.replayed', deviceId).catch(() => {});
        throw new HostError('conflict', 'this answer was given before; it counts once');
      }
    },
    endAllConnections() {
      for (const set of live.values()) for (const close of set) close();
    },
    devices: () => [
      ...pending.all(),
      ...store.all().flatMap(({ device, provisional }) => (provisional ? [] : [asConnected(device)])),
    ],
    handlers: {
      'identity.createInvitation': async ({ scope }) => {
        const { publicKey } = await open();
        const invitation = opened().invitations.create(scope);
        const expiresAt = instant(clock.now() + INVITATION_MS);
        cancelExpiry();
        cancelExpiry = clock.after(INVITATION_MS, () => setInvitation({ state: 'expired', id: invitation.id }));
        setInvitation({ state: 'open', id: invitation.id, scope, expiresAt });
        const pairing = { hostPublicKey: publicKey, secret: invitation.secret, hosts: addresses.hosts() };
        return {
          id: invitation.id,
          text: encodePairingText(pairing),
          link: encodePairingLink(addresses.page(), pairing),
          expiresAt,
        };
      },
      'identity.cancelInvitation': async () => {
        await open();
        opened().invitations.cancel();
        cancelExpiry();
        setInvitation({ state: 'none' });
        return {};
      },
      'identity.listDevices': () => ({
        devices: [...pending.all(), ...store.all().map(({ device }) => device)],
      }),
      'identity.approveDevice': ({ deviceId, code }, caller) => approveDevice(deviceId, code, caller),
      'identity.refuseDevice': ({ deviceId }) => {
        if (!pending.end(deviceId, 'declined')) throw new HostError('not_found', 'no device waits under this id');
        return {};
      },
      'identity.revokeDevice': ({ deviceId }, caller) => revokeDevice(deviceId, caller),
      'identity.renameDevice': ({ deviceId, name }) => {
        const device = update(deviceId, { name });
        if (!device) throw new HostError('not_found', 'no active device has this id');
        return device;
      },
    },
  };
}

function tooLate(pairedAt: string, now: number): boolean {
  return now - Date.parse(pairedAt) > STORED_WITHIN_MS;
}

/** SHA-256 of a browser's cookie, as it is stored: the cookie itself is never on the disk. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
