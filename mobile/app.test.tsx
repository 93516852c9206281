import { act, fireEvent, renderRouter, screen } from 'expo-router/testing-library';

jest.mock('expo-camera', () => ({
  CameraView: () => null,
  useCameraPermissions: () => [{ granted: false, canAskAgain: true }, jest.fn()],
}));

/** A keychain in memory: what the device itself brings. */
jest.mock('expo-secure-store', () => {
  const items = new Map<string, string>();
  return {
    getItemAsync: (name: string) => Promise.resolve(items.get(name) ?? null),
    setItemAsync: (name: string, value: string) => Promise.resolve(void items.set(name, value)),
    deleteItemAsync: (name: string) => Promise.resolve(void items.delete(name)),
    canUseBiometricAuthentication: () => true,
  };
});

// The first test loads the whole app.
jest.setTimeout(30_000);

/** The paired hosts have been read from the keychain: a few turns, and no timer (they stand still here). */
const settled = (): Promise<void> =>
  act(async () => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  });

const link = 'signalbox://p#AAAA@host.example';

test('opens on the inbox, with four tabs and the one next step', async () => {
  const router = renderRouter('./app', { initialUrl: '/' });
  expect(router.getPathname()).toBe('/');
  for (const tab of ['Inbox', 'Agents', 'New task', 'Host'])
    expect(screen.getAllByText(tab).length).toBeGreaterThan(0);
  await settled();
  expect(screen.getByText('No host yet')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Pair with a host' }));
  expect(router.getPathname()).toBe('/pair');
});

test.each(['/agents', '/new-task', '/host'])('%s offers the pairing while there is no host', async (path) => {
  const router = renderRouter('./app', { initialUrl: path });
  expect(router.getPathname()).toBe(path);
  await settled();
  expect(screen.getAllByRole('button', { name: 'Pair with a host' }).length).toBeGreaterThan(0);
});

test.each(['/approval/a1', '/task/s1'])('%s says that it is gone when no host has it', async (path) => {
  renderRouter('./app', { initialUrl: path });
  await settled();
  expect(screen.getByText('This is no longer on the host.')).toBeTruthy();
});

test('an unknown address leads back to the inbox', async () => {
  const router = renderRouter('./app', { initialUrl: '/nowhere/at/all' });
  await settled();
  fireEvent.press(screen.getByRole('button', { name: 'Go to the inbox' }));
  expect(router.getPathname()).toBe('/');
});

test('the pairing screen refuses a text that is no pairing link', async () => {
  renderRouter('./app', { initialUrl: '/pair' });
  await settled();
  fireEvent.changeText(screen.getByLabelText('Pairing link'), 'https://example.org/');
  fireEvent.press(screen.getByRole('button', { name: 'Pair' }));
  expect(screen.getByText(/no Signalbox pairing link/)).toBeTruthy();
  fireEvent.changeText(screen.getByLabelText('Pairing link'), link);
  expect(screen.queryByText(/no Signalbox pairing link/)).toBeNull();
});
