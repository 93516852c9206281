import { act, fireEvent, render, screen } from '@testing-library/react-native';
import { PairingProvider } from './pairing-flow.tsx';
import type { StartPairing } from './pairing-flow.tsx';
import { PairScreen } from './pair-screen.tsx';
import type { PairingEvent } from './pairing-state.ts';

jest.mock('expo-router', () => ({ useRouter: () => ({ replace: () => undefined, push: () => undefined }) }));
jest.mock('react-native-safe-area-context', () => ({
  useSafeAreaInsets: () => ({ top: 0, bottom: 0, left: 0, right: 0 }),
}));
jest.mock('expo-camera', () => ({
  CameraView: () => null,
  useCameraPermissions: () => [{ granted: false, canAskAgain: false }, jest.fn()],
}));

const link = 'signalbox://p#AAAA@host.example';

/** A channel that is driven by the test. */
function setup() {
  const seen = { link: '', deviceName: '', cancelled: 0 };
  let tell: (event: PairingEvent) => void = () => undefined;
  const start: StartPairing = (request, report) => {
    Object.assign(seen, request);
    tell = report;
    return {
      cancel() {
        seen.cancelled += 1;
      },
    };
  };
  const view = render(
    <PairingProvider start={start}>
      <PairScreen />
    </PairingProvider>,
  );
  fireEvent.changeText(screen.getByLabelText('Name of this device'), 'Mia’s phone');
  fireEvent.changeText(screen.getByLabelText('Pairing link'), ` ${link} `);
  fireEvent.press(screen.getByRole('button', { name: 'Pair' }));
  const report = (event: PairingEvent): void => {
    act(() => {
      tell(event);
    });
  };
  return { seen, report, view };
}

test('compares the code, waits for the host and is done', () => {
  const { seen, report } = setup();
  expect(seen).toMatchObject({ link, deviceName: 'Mia’s phone' });
  expect(screen.getByText('Connecting to the host…')).toBeTruthy();
  report({ kind: 'channel-ready', hostName: 'studio-mac', checkCode: '482913' });
  expect(screen.getByText('Pair with studio-mac?')).toBeTruthy();
  expect(screen.getByTestId('check-code')).toHaveTextContent('482 913');
  expect(screen.getByLabelText('Check code: 4 8 2 9 1 3')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'The codes match' }));
  expect(screen.getByText('Now approve this device on studio-mac')).toBeTruthy();
  report({ kind: 'admitted', hostName: 'studio-mac', hostId: 'h1' });
  expect(screen.getByText('Paired with studio-mac')).toBeTruthy();
});

test('codes that differ cancel the attempt and share nothing', () => {
  const { seen, report } = setup();
  report({ kind: 'channel-ready', hostName: undefined, checkCode: '000001' });
  fireEvent.press(screen.getByRole('button', { name: 'Cancel' }));
  expect(seen).toMatchObject({ cancelled: 1 });
  expect(screen.getByText(/You said that the codes differ/)).toBeTruthy();
});

test('leaving the screen ends an unfinished attempt', () => {
  const { seen, view } = setup();
  view.unmount();
  expect(seen.cancelled).toBe(1);
});

test('a failure says why and offers to try again', () => {
  const { report } = setup();
  report({ kind: 'failed', reason: 'expired' });
  expect(screen.getByText(/older than two minutes/)).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Try again' }));
  expect(screen.getByLabelText('Pairing link')).toBeTruthy();
});
