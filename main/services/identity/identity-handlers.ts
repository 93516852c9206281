import { hkdfSync } from 'node:crypto';
import { HostError } from '../../../contract/errors.ts';
import type { Device } from '../../../contract/identity.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { DeviceBook } from './device-book.ts';
import type { HostKeys } from './host-keys.ts';
import type { PairingCodes } from './pairing-codes.ts';
import type { PendingDevices } from './pending-devices.ts';
import type { Rotation } from './rotation.ts';

const CACHE_LABEL = 'signalbox/cache-share/v1';

/** What the owner may ask of this service, and the one thing that a device may ask for itself. */
export function createIdentityHandlers(deps: {
  keys: HostKeys;
  codes: PairingCodes;
  pending: PendingDevices;
  book: DeviceBook;
  rotation: Rotation;
  /** All of them, also those that have not yet said that they stored their key. */
  devices(): Device[];
}): HandlersOf<'identity'> {
  const { keys, codes, pending, book, rotation, devices } = deps;

  /** What it asked for was for the device as it was. */
  function endRenewal(id: DeviceId): void {
    if (book.byId(id)) pending.end(id, 'cancelled');
  }

  function cacheShare(id: DeviceId): string {
    const stored = book.byId(id);
    const set = stored && keys.byNumber(stored.generation);
    if (!stored || !set || stored.device.state !== 'active')
      throw new HostError('not_permitted', 'this device has no key of its own here');
    const share = hkdfSync('sha256', set.devicePsk(id), id, CACHE_LABEL, 32);
    return Buffer.from(share).toString('base64url');
  }

  return {
    'identity.createInvitation': async ({ scope }) => {
      await keys.open();
      return codes.create(scope, keys.current());
    },
    'identity.cancelInvitation': () => {
      codes.cancel();
      return {};
    },
    'identity.listDevices': () => ({ devices: devices() }),
    'identity.approveDevice': ({ deviceId, code }, { principal }) =>
      pending.approve(deviceId, code, principal),
    'identity.refuseDevice': ({ deviceId }) => {
      if (!pending.end(deviceId, 'declined'))
        throw new HostError('not_found', 'no device waits under this id');
      return {};
    },
    'identity.revokeDevice': ({ deviceId }, { principal }) => {
      endRenewal(deviceId);
      return book.revoke(deviceId, principal, 'asked');
    },
    'identity.renameDevice': ({ deviceId, name }) => {
      endRenewal(deviceId);
      return book.rename(deviceId, name);
    },
    'identity.setScope': ({ deviceId, scope }, { principal }) => {
      endRenewal(deviceId);
      return book.setScope(deviceId, scope, principal);
    },
    'identity.rotateKeys': ({ dropOld }, { principal }) => rotation.rotate(dropOld, principal),
    'identity.cacheKey': (_input, { deviceId }) => {
      if (deviceId === null)
        throw new HostError('not_permitted', 'only a paired device has a share of a cache key');
      return { share: cacheShare(deviceId) };
    },
  };
}
