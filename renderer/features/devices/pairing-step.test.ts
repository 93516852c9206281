import { expect, test } from 'vitest';
import type { Device, Invitation } from '../../../contract/identity.ts';
import { pairingStep, pendingDevices } from './pairing-step.ts';

const made = { id: 'inv_1', expiresAt: '2026-01-01T00:02:00Z' };
const now = Date.parse('2026-01-01T00:01:00Z');
const used: Invitation = { state: 'used', id: 'inv_1' };

test('a code is open until it is used or over', () => {
  expect(pairingStep(null, { state: 'none' }, false, now)).toBe('choose');
  expect(pairingStep(made, { state: 'none' }, false, now)).toBe('open');
  expect(pairingStep(made, { state: 'none' }, false, now + 60_000)).toBe('expired');
  expect(pairingStep(made, { state: 'expired', id: 'inv_1' }, true, now)).toBe('expired');
});

test('a code that was used gives way to the phone that waits, and is named when none does', () => {
  expect(pairingStep(made, used, true, now)).toBe('admitting');
  expect(pairingStep(made, used, true, now + 60_000)).toBe('admitting');
  expect(pairingStep(made, used, false, now)).toBe('used');
});

test('the end of another code says nothing about this one', () =>
  expect(pairingStep(made, { state: 'used', id: 'inv_0' }, true, now)).toBe('open'));

test('a device that asks is shown once, in the dialog or on the page', () => {
  const table = Object.fromEntries(
    [
      { id: 'phone', kind: 'phone', state: 'pending', purpose: 'pair' },
      { id: 'returning', kind: 'phone', state: 'pending', purpose: 'renew' },
      { id: 'browser', kind: 'browser', state: 'pending', purpose: 'pair' },
      { id: 'paired', kind: 'phone', state: 'active' },
    ].map((device) => [device.id, device as Device]),
  );
  const ids = (pairing: boolean) => {
    const { onPage, inDialog } = pendingDevices(table, pairing);
    return [onPage, inDialog].map((part) => part.map(({ id }) => id));
  };
  expect(ids(false)).toEqual([['phone', 'returning', 'browser'], []]);
  expect(ids(true)).toEqual([['returning', 'browser'], ['phone']]);
});
