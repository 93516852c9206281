import { createHash } from 'node:crypto';
import type { ApprovalStatement } from '../../../contract/action.ts';
import type { Claim, Opening } from '../../../contract/channel/channel-handshake.ts';
import type { DhKey } from '../../../contract/channel/dh-key.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Device } from '../../../contract/identity.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { KeepSecret, Clock, RandomSource, SecretStore } from '../../kernel/ports.ts';
import { createDeviceBook } from './device-book.ts';
import { createDeviceDoor, type DeviceDoor } from './device-door.ts';
import { createDeviceStore } from './device-store.ts';
import { createGenerationStore } from './generation-store.ts';
import { createIdentityHandlers } from './identity-handlers.ts';
import { createHostAge } from './host-age.ts';
import { createHostKeys } from './host-keys.ts';
import { createLiveSessions } from './live-sessions.ts';
import { createPairing, type Pairing } from './pairing.ts';
import { createPairingCodes } from './pairing-codes.ts';
import { createPendingDevices } from './pending-devices.ts';
import type { Addresses, HostFacts } from './ports.ts';
import { createProvisional } from './provisional.ts';
import { createRenewal, type RenewalRequest } from './renewal.ts';
import { createRotation } from './rotation.ts';
import { areSignedBy, isSignedBy } from './statements.ts';

const DAY_MS = 86_400_000;

export interface IdentityDeps {
  db: Database;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  secrets: SecretStore;
  keepSecret?: KeepSecret;
  host: HostFacts;
  addresses: Addresses;
  publish(event: HostEvent): void;
  raise(kind: 'pairing-reused', message: string): void;
  /** A device is gone, or may answer no longer: its remembered answers go with it. */
  forgotten(principal: string): void;
  /** A device is gone: what it asked for is wanted no longer. */
  withdrawn(principal: string): void;
}

export interface Identity extends DeviceDoor, Pick<Pairing, 'pair' | 'requestAdmission'> {
  readonly handlers: HandlersOf<'identity'>;
  /** Loads the keys of this host, those that are handed out first. Needed before a device can connect. */
  open(): Promise<readonly DhKey[]>;
  pskFor(claim: Claim): Uint8Array | null;
  /** Runs in the tick that proved message 3. Throws to refuse. */
  verified(opening: Opening): undefined;
  unproven(claim: Claim): void;
  renew(request: RenewalRequest): { gone(): void };
  verifyStatement(deviceId: DeviceId, statement: ApprovalStatement, signature: string): void;
  /** Whether an active device signed these bytes; no counter is used up: they are good once by themselves. */
  isSigned(deviceId: DeviceId, bytes: Uint8Array, signature: string): boolean;
  /** Whether any paired phone has a key that it can sign with. */
  canSign(): boolean;
  /** The same for a rule that a device adds: the bytes that it signed, and its counter. */
  verifyRule(deviceId: DeviceId, bytes: Uint8Array, counter: number, signature: string): void;
  /** Whether a device is paired and its scope lets it answer: a vote that it has given counts only as long. */
  mayApprove(deviceId: DeviceId): boolean;
  endAllConnections(): void;
  devices(): Device[];
  /** Looks for devices that were away and keys that are old, now and once a day. */
  start(): Promise<void>;
  stop(): void;
}

/** Who may speak to this host: invitations, devices and the browsers of this machine. */
export function createIdentity(deps: IdentityDeps): Identity {
  const { db, clock, random, audit, secrets, host, addresses, publish, raise, forgotten, withdrawn } = deps;
  const store = createDeviceStore(db);
  const generations = createGenerationStore(db);
  const age = createHostAge({ db, clock, atLeast: store.lastSeenAge() });
  const keys = createHostKeys({ secrets, random, generations, keepSecret: deps.keepSecret });
  const live = createLiveSessions();
  const book = createDeviceBook({ store, live, age, clock, audit, publish, forgotten, withdrawn });
  const pending = createPendingDevices({
    clock,
    audit,
    changed: (device) => publish({ type: 'device.changed', device }),
    left({ id }) {
      const stored = book.byId(id);
      publish(
        stored
          ? { type: 'device.changed', device: book.shown(stored) }
          : { type: 'device.removed', deviceId: id },
      );
    },
  });
  const provisional = createProvisional({ book, age, clock });
  const pairing = createPairing({ clock, random, host, keys, book, pending, provisional });
  const codes = createPairingCodes({
    clock,
    random,
    keepSecret: deps.keepSecret,
    addresses,
    changed: (invitation) => publish({ type: 'invitation.changed', invitation }),
    reused() {
      raise('pairing-reused', 'A second device used a pairing code that was already taken. It was refused.');
      note('pairing.reused', 'invitation');
    },
  });
  const rotation = createRotation({
    ...{ keys, generations, book, live, age, clock, audit },
    cancelPairing() {
      codes.cancel();
      pairing.cancelAll();
    },
  });
  const door = createDeviceDoor({ book, keys, rotation });
  let cancelSweep = () => {};

  const note = (type: string, object: string) =>
    void audit.append({ actor: 'host', type, object }).catch(() => {});

  function sweepDaily(): void {
    book.sweep();
    cancelSweep = clock.after(DAY_MS, () => {
      sweepDaily();
      // What could not be written now is tried again tomorrow, and at every start.
      void rotation.sweep().catch(() => {});
    });
  }

  function verified(opening: Opening): undefined {
    if (host.mode() === 'locked-down') throw new HostError('locked_down', 'the host is locked down');
    if (opening.mode === 'session') return undefined;
    const key = Buffer.from(opening.remoteStatic).toString('base64url');
    if (book.wasRevoked(key))
      throw new HostError('refused', 'this key was revoked; the device needs a new one');
    const { scope, hostPublicKey } = codes.proven(opening);
    const set = keys.byHostKey(hostPublicKey);
    if (!set) throw new HostError('refused', 'the keys in this code are the host’s no longer');
    pairing.admit(key, { scope, generation: set.number });
    return undefined;
  }

  /** The key of this device under the host key that it knocked on, unless it has newer ones. */
  function sessionPsk({ remoteStatic, hostPublicKey }: Claim): Uint8Array | null {
    const stored = book.byKey(Buffer.from(remoteStatic).toString('base64url'));
    const set = keys.byHostKey(hostPublicKey);
    if (!stored || !set || stored.device.kind !== 'phone' || set.number < stored.generation) return null;
    return set.devicePsk(stored.device.id);
  }

  /** Those that wait stand in for what the disk knows of them. */
  function devices(alsoProvisional: boolean): Device[] {
    const waiting = pending.all();
    const stored = book
      .all()
      .filter(({ device, stage }) => {
        const isWaiting = waiting.some(({ id }) => id === device.id);
        return !isWaiting && (alsoProvisional || stage !== 'provisional');
      })
      .map(book.shown);
    return [...waiting, ...stored];
  }

  return {
    ...door,
    pair: pairing.pair,
    requestAdmission: pairing.requestAdmission,
    renew: createRenewal({ book, pending }),
    verified,
    async open() {
      await keys.open();
      return keys.all().map(({ hostKey }) => hostKey);
    },
    pskFor: (claim) => (claim.mode === 'pair' ? codes.pskFor(claim) : sessionPsk(claim)),
    unproven(claim) {
      if (claim.mode === 'pair') codes.unproven(claim);
    },
    verifyStatement(deviceId, statement, signature) {
      const stored = book.byId(deviceId);
      if (stored?.device.state !== 'active' || !isSignedBy(stored.approvalKey, statement, signature)) {
        throw new HostError('not_permitted', 'the signature under this answer does not fit the device');
      }
      if (!book.useCounter(deviceId, statement.counter)) {
        note('approval.replayed', deviceId);
        throw new HostError('conflict', 'this answer was given before; it counts once');
      }
    },
    canSign: () =>
      book.all().some(({ device, approvalKey }) => device.state === 'active' && approvalKey !== ''),
    isSigned(deviceId, bytes, signature) {
      const stored = book.byId(deviceId);
      return stored?.device.state === 'active' && areSignedBy(stored.approvalKey, bytes, signature);
    },
    verifyRule(deviceId, bytes, counter, signature) {
      const stored = book.byId(deviceId);
      if (stored?.device.state !== 'active' || !areSignedBy(stored.approvalKey, bytes, signature)) {
        throw new HostError('not_permitted', 'the signature under this rule does not fit the device');
      }
      if (!book.useCounter(deviceId, counter)) {
        note('policy.replayed', deviceId);
        throw new HostError('conflict', 'this rule was signed before; a signature counts once');
      }
    },
    mayApprove(deviceId) {
      const device = book.byId(deviceId)?.device;
      return device?.state === 'active' && (device.scope === 'approve' || device.scope === 'manage');
    },
    endAllConnections: book.endAllConnections,
    devices: () => devices(false),
    async start() {
      provisional.resume();
      sweepDaily();
      await rotation.resume();
    },
    stop() {
      cancelSweep();
      provisional.stop();
      rotation.stop();
      age.save();
    },
    handlers: createIdentityHandlers({ keys, codes, pending, book, rotation, devices: () => devices(true) }),
  };
}

/** SHA-256 of a browser's cookie, as it is stored: the cookie itself is never on the disk. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
