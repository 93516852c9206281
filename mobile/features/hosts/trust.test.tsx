import { fireEvent, screen } from 'expo-router/testing-library';
import type { HostView, LinkState } from '../../host/views.ts';
import { InboxScreen } from '../inbox/inbox-screen.tsx';
import { host, start } from '../sample-views.ts';
import { show } from '../show-screen.tsx';
import { HostScreen } from './host-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const at = (link: LinkState): HostView[] => [{ ...host, link }];

test.each<[string, LinkState, RegExp]>([
  ['is away', { kind: 'offline', asOf: start - 60_000 }, /is offline\. You see what it said at/],
  ['is locked down', { kind: 'locked-down', asOf: start }, /is locked down: .* This device is still paired/],
  ['was put back', { kind: 'rolled-back' }, /shows an older state than before/],
  ['asks for less protection', { kind: 'downgraded' }, /less protection than it once did/],
  ['is newer than the app', { kind: 'outdated' }, /newer version of this app/],
  ['did not renew the pairing', { kind: 'renewal-over' }, /did not take this device in again/],
])('the inbox says that a host %s', async (_how, link, words) => {
  await show(InboxScreen, at(link));
  expect(screen.getByText(words)).toBeTruthy();
});

test('a host that was put back is spoken to again when the person says that this was meant', async () => {
  const { asked } = await show(HostScreen, at({ kind: 'rolled-back' }));
  expect(screen.queryByRole('button', { name: 'Lock down' })).toBeNull();
  fireEvent.press(screen.getByRole('button', { name: 'Its state was put back on purpose' }));
  expect(asked).toEqual(['accept h1']);
});

test('after a long absence the code to compare is shown, with the time that is left', async () => {
  await show(HostScreen, at({ kind: 'renewal', checkCode: '482913', until: start + 45_000 }));
  expect(screen.getByText('This phone was away for 30 days')).toBeTruthy();
  expect(screen.getByLabelText('Check code: 4 8 2 9 1 3')).toBeTruthy();
  expect(screen.getByText('0:45 left')).toBeTruthy();
});

test('an altered record is red on every screen until the person has taken note', async () => {
  const witness = { kind: 'altered', how: 'smaller', size: 9, at: start - 60_000 } as const;
  const { asked } = await show(HostScreen, [{ ...host, witness }]);
  expect(
    screen.getByText('The record of studio-mac was altered or put back. See the Host tab.'),
  ).toBeTruthy();
  expect(screen.getByText('It has fewer records than this device saw before.')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'I know why. Begin anew' }));
  expect(asked).toEqual(['acknowledge h1']);
});

test('what this device has seen of the record is told with its size and time', async () => {
  await show(HostScreen, [{ ...host, witness: { kind: 'kept', size: 41, at: start - 60_000 } }]);
  expect(screen.getByText(/^This device has seen 41 records, at .*, 1 min ago\./)).toBeTruthy();
});

test('a host that removed this device is named until the person has taken note', async () => {
  const farewells = [{ hostId: 'h9', name: 'old-mac', at: start }];
  const { asked } = await show(InboxScreen, [], { farewells });
  expect(screen.getByText(/^old-mac removed this device\. Its keys .* were wiped\.$/)).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'OK' }));
  expect(asked).toEqual(['dismiss h9']);
});

test('lock down says what it does, has to be held, and leaves only the way back at the host', async () => {
  const { actions } = await show(HostScreen, [host]);
  expect(screen.getByText(/^Stops every agent, denies what waits, closes every tunnel/)).toBeTruthy();
  const button = screen.getByRole('button', { name: 'Lock down' });
  fireEvent.press(button);
  expect(actions).toEqual([]);
  fireEvent(button, 'longPress');
  expect(actions).toEqual([{ kind: 'lock-down', hostId: 'h1' }]);
  await show(HostScreen, at({ kind: 'locked-down', asOf: start }));
  expect(screen.getByText(/Only its owner can resume it/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Lock down' })).toBeNull();
});

test('a paused host says so, and can still be locked down', async () => {
  await show(HostScreen, [{ ...host, mode: 'paused', waiting: 2 }]);
  expect(screen.getByText(/^Agents are paused/)).toBeTruthy();
  expect(screen.getByText('2 commands wait for the answer of this host.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Pause all agents' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Lock down' })).toBeEnabled();
});
