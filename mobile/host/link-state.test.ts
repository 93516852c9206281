/** @jest-environment node */
import { linkStateOf } from './link-state.ts';

const facts = { renewal: undefined, renewalOver: false, isRefused: false, tried: true, asOf: 7 };
const offline = { kind: 'offline', reason: null } as const;

test('a host that was not tried yet is being connected, not offline', () => {
  expect(linkStateOf(offline, { ...facts, tried: false })).toEqual({ kind: 'connecting' });
  expect(linkStateOf(offline, facts)).toEqual({ kind: 'offline', asOf: 7 });
});

test('what the host said of itself goes before that it is away', () => {
  const lockedDown = { kind: 'offline', reason: 'locked-down' } as const;
  expect(linkStateOf(lockedDown, facts)).toEqual({ kind: 'locked-down', asOf: 7 });
  expect(linkStateOf(lockedDown, { ...facts, isRefused: true })).toEqual({ kind: 'refused' });
  expect(linkStateOf(offline, { ...facts, renewalOver: true, isRefused: true })).toEqual({
    kind: 'renewal-over',
  });
});

test('a renewal without a code of its own is a connection that is being made', () => {
  const state = { kind: 'renewal', expiresInMs: 1000 } as const;
  expect(linkStateOf(state, facts)).toEqual({ kind: 'connecting' });
  const renewal = { checkCode: '482913', until: 9 };
  expect(linkStateOf(state, { ...facts, renewal })).toEqual({ kind: 'renewal', ...renewal });
});
