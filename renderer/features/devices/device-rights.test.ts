import { expect, test } from 'vitest';
import type { Device } from '../../../contract/identity.ts';
import { admittedDevices, deviceActions, type Admitted } from './device-rights.ts';

const device = (id: string, state: string, scope = 'view'): Device =>
  ({ id, name: id, state, scope }) as Device;

test('devices are listed by what they may do: usable, away for long, revoked; those that ask are not among them', () => {
  const all = [
    device('d', 'revoked'),
    device('c', 'idle'),
    device('b', 'active'),
    device('a', 'active'),
    device('e', 'pending'),
  ];
  const shown = admittedDevices(Object.fromEntries(all.map((one) => [one.id, one])));
  expect(shown.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
});

test('nothing can be done to a revoked device, and a browser of this machine has no scope to choose', () => {
  expect(deviceActions(device('a', 'revoked') as Admitted)).toEqual([]);
  expect(deviceActions(device('a', 'idle') as Admitted)).toEqual(['scope', 'rename', 'revoke']);
  expect(deviceActions(device('a', 'active', 'own') as Admitted)).toEqual(['rename', 'revoke']);
});
