import type { Device, Invitation } from '../../../contract/identity.ts';

export type PendingDevice = Extract<Device, { state: 'pending' }>;

/** How long the host keeps a pairing code open, in milliseconds. */
export const PAIRING_CODE_MS = 120_000;

/** `choose`: no code yet. `admitting`: the code was used, and a phone waits to be admitted. */
export type PairingStep = 'choose' | 'open' | 'admitting' | 'used' | 'expired';

/** What the pairing dialog is about. @param now milliseconds */
export function pairingStep(
  made: { readonly id: string; readonly expiresAt: string } | null,
  invitation: Invitation,
  phonesWait: boolean,
  now: number,
): PairingStep {
  if (made === null) return 'choose';
  const mine = 'id' in invitation && invitation.id === made.id ? invitation.state : null;
  if (mine === 'used') return phonesWait ? 'admitting' : 'used';
  return mine === 'expired' || Date.parse(made.expiresAt) <= now ? 'expired' : 'open';
}

/** Who asks, shared out so that nobody is shown twice: the open pairing dialog shows the phones that are new. */
export function pendingDevices(
  devices: Readonly<Record<string, Device>>,
  pairing: boolean,
): { readonly onPage: PendingDevice[]; readonly inDialog: PendingDevice[] } {
  const all = Object.values(devices).flatMap((device) => (device.state === 'pending' ? [device] : []));
  const isNew = (device: PendingDevice) => device.kind === 'phone' && device.purpose === 'pair';
  const inDialog = pairing ? all.filter(isNew) : [];
  return { onPage: all.filter((device) => !inDialog.includes(device)), inDialog };
}
