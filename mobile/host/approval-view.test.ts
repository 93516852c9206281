/** @jest-environment node */
import { emptyHostState } from '../../contract/apply-event.ts';
import { Device } from '../../contract/identity.ts';
import { approvalView } from './approval-view.ts';
import { action, at, DEVICE, pending } from './fake-host.ts';

const host = { id: 'host-1', name: 'studio', deviceId: DEVICE };
const phone = Device.parse({
  ...{ id: DEVICE, name: 'My phone', kind: 'phone', platform: 'web', scope: 'manage' },
  ...{ fingerprint: '00', state: 'active', pairedAt: at, lastSeenAt: null, connected: true },
});
const devices = { [DEVICE]: phone };
const askedBy = (agent: string | null, ...requester: string[]): string => {
  const asked = pending('ap-1', undefined, { action: { ...action, agent, requester } });
  return approvalView(asked, { ...emptyHostState, devices }, host).agent;
};

test('who asks is told by a name that a person knows, never by an id', () => {
  expect(askedBy('codex', 'task:t1', 'agent:codex')).toBe('codex');
  expect(askedBy(null, `device:${DEVICE}`)).toBe('My phone');
  expect(askedBy(null, 'device:gone')).toBe('device');
  expect(askedBy(null, 'owner:1000')).toBe('owner');
});
