import { HostError } from '../../../contract/errors.ts';
import type { DeviceBook } from './device-book.ts';
import { CONFIRM_MS, type PendingDevices } from './pending-devices.ts';
import type { Renewal } from './ports.ts';

export interface RenewalRequest {
  readonly publicKey: Uint8Array;
  /** Six digits that both ends derived from the handshake of this very channel. */
  readonly checkCode: string;
  /** Harmless when the connection is gone. */
  say(message: Renewal): void;
  close(): void;
}

/**
 * A device that was away for long comes back: its keys open a channel and nothing behind it, until the owner has
 * compared the code once more. Then it connects anew.
 */
export function createRenewal(deps: { book: DeviceBook; pending: PendingDevices }) {
  const { book, pending } = deps;
  return function renew(request: RenewalRequest): { gone(): void } {
    const stored = book.byKey(Buffer.from(request.publicKey).toString('base64url'));
    const device = stored?.device;
    if (device?.state !== 'idle') throw new HostError('refused', 'this device has nothing to renew');
    const { id, name, kind, platform, scope, fingerprint } = device;
    const { checkCode } = request;
    let over = false;
    pending.add(
      { id, name, kind, platform, scope, fingerprint, purpose: 'renew', checkCode },
      {
        admit: () => book.renew(id),
        decided(verdict) {
          over = true;
          const state = verdict === 'admitted' ? 'renewed' : 'refused';
          request.say({ type: 'renewal', state, expiresInMs: 0 });
          request.close();
        },
      },
    );
    request.say({ type: 'renewal', state: 'waiting', expiresInMs: CONFIRM_MS });
    return {
      gone() {
        // Another connection of the same device may wait by now.
        if (!over) pending.end(id, 'cancelled');
      },
    };
  };
}
