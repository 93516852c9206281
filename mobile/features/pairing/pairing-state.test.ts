import { firstPairingState, nextPairing } from './pairing-state.ts';
import type { PairingEvent, PairingState } from './pairing-state.ts';

const ready: PairingEvent = { kind: 'channel-ready', hostName: 'studio-mac', checkCode: '482913' };
const admitted: PairingEvent = { kind: 'admitted', hostName: 'studio-mac', hostId: 'h1' };
const run = (events: PairingEvent[], from: PairingState = firstPairingState): PairingState =>
  events.reduce(nextPairing, from);

test('goes from the scan over the check and the approval to paired', () => {
  expect(run([{ kind: 'link-read' }])).toEqual({ kind: 'connecting' });
  expect(run([{ kind: 'link-read' }, ready])).toEqual({
    kind: 'checking',
    hostName: 'studio-mac',
    checkCode: '482913',
  });
  const end = run([{ kind: 'link-read' }, ready, { kind: 'code-confirmed' }, admitted]);
  expect(end).toEqual({ kind: 'paired', hostName: 'studio-mac', hostId: 'h1' });
});

test('a host cannot admit a device that has not shown its code', () => {
  expect(run([{ kind: 'link-read' }, admitted]).kind).toBe('connecting');
});

test('the answer of the owner is enough, with or without a tap here', () => {
  expect(run([{ kind: 'link-read' }, ready, admitted]).kind).toBe('paired');
});

test('the name of the host comes later, and another code has to be compared again', () => {
  const waiting = run([{ kind: 'link-read' }, ready, { kind: 'code-confirmed' }]);
  expect(nextPairing(waiting, { ...ready, hostName: 'box' })).toMatchObject({
    kind: 'waiting',
    hostName: 'box',
  });
  expect(nextPairing(waiting, { ...ready, checkCode: '000000' }).kind).toBe('checking');
  expect(run([{ kind: 'channel-lost' }, ready], waiting).kind).toBe('checking');
});

test('codes that differ end the pairing, and a late answer does not revive it', () => {
  const ended = run([{ kind: 'link-read' }, ready, { kind: 'code-rejected' }, admitted, ready]);
  expect(ended).toEqual({ kind: 'failed', reason: 'code-differs' });
});

test('a second link is ignored while the first is in use', () => {
  const checking = run([{ kind: 'link-read' }, ready]);
  expect(nextPairing(checking, { kind: 'link-read' })).toBe(checking);
});

test('a check code that is not six digits is an error, not a picture', () => {
  expect(run([{ kind: 'link-read' }, { ...ready, checkCode: '12345' }])).toEqual({
    kind: 'failed',
    reason: 'internal',
  });
});

test('a failure can be started over, a finished pairing cannot fail any more', () => {
  expect(run([{ kind: 'link-read' }, { kind: 'failed', reason: 'expired' }, { kind: 'restarted' }])).toEqual({
    kind: 'scanning',
  });
  const paired = run([{ kind: 'link-read' }, ready, { kind: 'code-confirmed' }, admitted]);
  expect(nextPairing(paired, { kind: 'failed', reason: 'unreachable' })).toBe(paired);
});
