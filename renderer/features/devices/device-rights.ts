import type { Device, DeviceScope } from '../../../contract/identity.ts';

/** From the least to the most; each holds the ones before it. */
export const SCOPES: readonly DeviceScope[] = ['view', 'submit', 'approve', 'manage'];

export type Admitted = Exclude<Device, { state: 'pending' }>;

const ORDER: Readonly<Record<Admitted['state'], number>> = { active: 0, idle: 1, revoked: 2 };

/** All but those that ask: the usable ones first, then by name. */
export function admittedDevices(devices: Readonly<Record<string, Device>>): Admitted[] {
  return Object.values(devices)
    .flatMap((device) => (device.state === 'pending' ? [] : [device]))
    .sort((a, b) => ORDER[a.state] - ORDER[b.state] || a.name.localeCompare(b.name));
}

/** What can be done to a device. A browser of this machine is its owner: it has no scope to choose. */
export function deviceActions(device: Admitted): readonly ('scope' | 'rename' | 'revoke')[] {
  if (device.state === 'revoked') return [];
  return device.scope === 'own' ? ['rename', 'revoke'] : ['scope', 'rename', 'revoke'];
}
