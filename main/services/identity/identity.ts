import { createHash } from 'node:crypto';
import type { Claim, Opening } from '../../../contract/channel/channel-handshake.ts';
import type { DhKey } from '../../../contract/channel/dh-key.ts';
import { encodePairingLink, encodePairingText } from '../../../contract/channel/pairing-text.ts';
import type { ApprovalStatement } from '../../../contract/action.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { Device, DeviceScope, Invitation } from '../../../contract/identity.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import { deviceCaller, ownerCaller, type Caller } from '../../kernel/caller.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type RandomSource, type SecretStore } from '../../kernel/ports.ts';
import { createDeviceBook } from './device-book.ts';
import { createDeviceStore } from './device-store.ts';
import { createHostKeys } from './host-keys.ts';
import { INVITATION_MS } from './invitations.ts';
import { createPairing, type Pairing } from './pairing.ts';
import { createPendingDevices } from './pending-devices.ts';
import type { Addresses, HostFacts } from './ports.ts';
import { isSignedBy } from './statements.ts';

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
  raise(kind: 'pairing-reused', message: string): void;
  /** A device is gone: its remembered answers go with it. */
  forgotten(principal: string): void;
}

/** A proven client, and the hook that says that its connection ended. */
export interface Connected {
  readonly caller: Caller;
  gone(): void;
}

export interface Identity extends Pick<Pairing, 'pair' | 'requestAdmission'> {
  readonly handlers: HandlersOf<'identity'>;
  /** Loads the keys of this host. Needed before a device can connect. */
  open(): Promise<DhKey>;
  pskFor(claim: Claim): Uint8Array | null;
  /** Runs in the tick that proved message 3. Throws to refuse. */
  verified(opening: Opening): undefined;
  unproven(claim: Claim): void;
  /** The caller behind a proven key; `close` ends its connection when the device is revoked. */
  connect(publicKey: Uint8Array, close: () => void): Connected | null;
  /** The owner behind a browser's cookie, by the hash of the cookie. */
  browser(secretHash: string, close: (() => void) | null): Connected | null;
  verifyStatement(deviceId: DeviceId, statement: ApprovalStatement, signature: string): void;
  endAllConnections(): void;
  devices(): Device[];
}

/** Who may speak to this host: invitations, devices and the browsers of this machine. */
export function createIdentity(deps: IdentityDeps): Identity {
  const { db, clock, random, audit, secrets, host, addresses, publish, raise, forgotten } = deps;
  const keys = createHostKeys({ secrets, clock, random });
  const book = createDeviceBook({ store: createDeviceStore(db), clock, audit, publish, forgotten });
  const pending = createPendingDevices({
    clock,
    changed: (device) => publish({ type: 'device.changed', device }),
    removed: (deviceId) => publish({ type: 'device.removed', deviceId }),
  });
  const pairing = createPairing({ clock, random, audit, host, keys, book, pending });
  let cancelExpiry = () => {};

  const setInvitation = (invitation: Invitation) => publish({ type: 'invitation.changed', invitation });
  const note = (type: string, object: string) =>
    void audit.append({ actor: 'host', type, object }).catch(() => {});

  function reused(): void {
    raise('pairing-reused', 'A second device used a pairing code that was already taken. It was refused.');
    note('pairing.reused', 'invitation');
  }

  async function createInvitation(scope: DeviceScope) {
    const { publicKey } = await keys.open();
    const invitation = keys.invitations().create(scope);
    const expiresAt = instant(clock.now() + INVITATION_MS);
    cancelExpiry();
    cancelExpiry = clock.after(INVITATION_MS, () => setInvitation({ state: 'expired', id: invitation.id }));
    setInvitation({ state: 'open', id: invitation.id, scope, expiresAt });
    const content = { hostPublicKey: publicKey, secret: invitation.secret, hosts: addresses.hosts() };
    const link = encodePairingLink(addresses.page(), content);
    return { id: invitation.id, text: encodePairingText(content), link, expiresAt };
  }

  function verified(opening: Opening): undefined {
    if (host.mode() === 'locked-down') throw new HostError('locked_down', 'the host is locked down');
    if (opening.mode === 'session') return undefined;
    const key = Buffer.from(opening.remoteStatic).toString('base64url');
    const claim = keys.invitations().claim(Buffer.from(opening.pairId).toString('hex'), key);
    if (claim.outcome !== 'admitted') {
      if (claim.outcome === 'reused') reused();
      throw new HostError('refused', 'this code cannot be used');
    }
    pairing.admit(key, claim.scope);
    cancelExpiry();
    setInvitation({ state: 'used', id: claim.id });
    return undefined;
  }

  return {
    open: keys.open,
    pair: pairing.pair,
    requestAdmission: pairing.requestAdmission,
    verified,
    pskFor(claim) {
      if (claim.mode === 'pair') return keys.invitations().pskFor(Buffer.from(claim.pairId).toString('hex'));
      const stored = book.byKey(Buffer.from(claim.remoteStatic).toString('base64url'));
      if (stored === null || (stored.provisional && isTooLate(stored.device.pairedAt, clock.now())))
        return null;
      return keys.devicePsk(stored.device.id);
    },
    unproven(claim) {
      if (claim.mode === 'session') return;
      const { outcome } = keys.invitations().failed(Buffer.from(claim.pairId).toString('hex'));
      if (outcome === 'reused') reused();
    },
    connect(publicKey, close) {
      const stored = book.byKey(Buffer.from(publicKey).toString('base64url'));
      if (stored?.device.state !== 'active' || stored.device.scope === 'own') return null;
      // A session proves that the phone kept its key, even if its word for it was lost.
      book.markActive(stored.device.id);
      return {
        caller: deviceCaller(stored.device.id, stored.device.scope),
        gone: book.track(stored.device.id, close),
      };
    },
    browser(secretHash, close) {
      const stored = book.byKey(secretHash);
      if (stored?.device.state !== 'active' || stored.device.kind !== 'browser') return null;
      return { caller: ownerCaller('browser'), gone: close ? book.track(stored.device.id, close) : () => {} };
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
    endAllConnections: book.endAllConnections,
    devices: () => [
      ...pending.all(),
      ...book.all().flatMap((stored) => (stored.provisional ? [] : [book.shown(stored)])),
    ],
    handlers: {
      'identity.createInvitation': ({ scope }) => createInvitation(scope),
      'identity.cancelInvitation': async () => {
        await keys.open();
        keys.invitations().cancel();
        cancelExpiry();
        setInvitation({ state: 'none' });
        return {};
      },
      'identity.listDevices': () => ({ devices: [...pending.all(), ...book.all().map(book.shown)] }),
      'identity.approveDevice': ({ deviceId, code }, caller) => pairing.approve(deviceId, code, caller),
      'identity.refuseDevice': ({ deviceId }) => {
        if (!pending.end(deviceId, 'declined'))
          throw new HostError('not_found', 'no device waits under this id');
        return {};
      },
      'identity.revokeDevice': ({ deviceId }, caller) => book.revoke(deviceId, caller),
      'identity.renameDevice': ({ deviceId, name }) => book.rename(deviceId, name),
    },
  };
}

function isTooLate(pairedAt: string, now: number): boolean {
  return now - Date.parse(pairedAt) > STORED_WITHIN_MS;
}

/** SHA-256 of a browser's cookie, as it is stored: the cookie itself is never on the disk. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
