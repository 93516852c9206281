import { act, fireEvent, screen } from 'expo-router/testing-library';
import type { FiguresAnswer, PartOutputAnswer } from '../../host/process-views.ts';
import type { HostView } from '../../host/views.ts';
import { host, start } from '../sample-views.ts';
import { show, shownPath } from '../show-screen.tsx';
import { PartScreen } from './part-screen.tsx';
import { ProcessesScreen } from './processes-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const figures: FiguresAnswer = {
  ...{ kind: 'ready', supported: true, of: new Map() },
  parts: [
    { id: 'tunnel-3', kind: 'tunnel', name: '', startedAt: start - 61_000, memory: 33_554_432 },
    { id: 'agent-4', kind: 'agent', name: 'demo\u202e', startedAt: start - 5_000, memory: 262_144_000 },
  ],
  ended: [
    { id: 'agent-2', kind: 'agent', name: 'old', endedAt: start - 120_000, exitCode: 3, signal: null },
    { id: 'tunnel-1', kind: 'tunnel', name: '', endedAt: start - 180_000, exitCode: null, signal: 'SIGTERM' },
  ],
};
const printed = { kind: 'ready', text: 'one\n\u001b[31mtwo\u001b[0m \u202e\n', missing: 2048 } as const;
const list = (): React.JSX.Element => <ProcessesScreen hostId="h1" />;
const page = (id: string) => (): React.JSX.Element => <PartScreen hostId="h1" id={id} />;
const offline: HostView['link'] = { kind: 'offline', asOf: start - 60_000 };
const off: HostView = { ...host, processes: [], tunnel: { state: 'off' } };

/** What was asked has been answered. */
const answered = (): Promise<void> => act(async () => Promise.resolve());

test.each([
  [/^Tunnel/, '/part/tunnel-3'],
  [/^Agent demo⟦U\+202E⟧/, '/part/agent-4'],
])('the tunnel and each agent lead to what they printed: %s', async (name, path) => {
  await show(list, [{ ...host, processes: [] }], { figures });
  fireEvent.press(screen.getByRole('button', { name }));
  expect(shownPath()).toBe(path);
});

test.each([
  ['that failed', 'what it printed before it ended', 'failed', '/part/tunnel-1'],
  ['that opens', 'the page of the host', 'opening', '/host'],
] as const)('a tunnel %s leads to %s', async (_which, _where, state, path) => {
  await show(list, [{ ...off, tunnel: { state } }], { figures: { ...figures, parts: [] } });
  fireEvent.press(screen.getByRole('button', { name: /^Tunnel/ }));
  expect(shownPath()).toBe(path);
});

test('what ended lately is folded away below, with how and when it ended, and leads to what it printed', async () => {
  await show(list, [{ ...off, doors: { bridge: false, remote: null } }], { figures });
  expect(screen.queryByText('Agent old')).toBeNull();
  fireEvent.press(screen.getByRole('button', { name: 'Show the 2 parts that ended lately' }));
  expect(screen.getByText('exit code 3 · 2 min ago')).toBeTruthy();
  expect(screen.getByText('ended by SIGTERM · 3 min ago')).toBeTruthy();
  fireEvent.press(screen.getByText('Agent old'));
  expect(shownPath()).toBe('/part/agent-2');
  const nothing = { ...figures, parts: [], ended: [] };
  await show(list, [{ ...off, doors: { bridge: false, remote: null } }], { figures: nothing });
  expect(screen.queryByText('Also running')).toBeNull();
});

test('what a part printed stands there without colours and with nothing hidden, and how much is not shown', async () => {
  const { asked } = await show(page('agent-4'), [host], { figures, printed: () => printed });
  for (const text of [
    ...['Agent demo⟦U+202E⟧', 'Running', 'up 0:05 · 250 MB memory', 'one', 'two ⟦U+202E⟧'],
    '2.0 KB before this are not shown.',
  ]) {
    expect(screen.getByText(text)).toBeTruthy();
  }
  expect(screen.queryByRole('button', { name: 'Go to the host' })).toBeNull();
  expect(asked).toEqual(['output agent-4']);
});

test('the page of the tunnel leads to where it is closed, as long as it is not off', async () => {
  await show(page('tunnel-3'), [host], { figures, printed: () => printed });
  fireEvent.press(screen.getByRole('button', { name: 'Go to the host' }));
  expect(shownPath()).toBe('/host');
  await show(page('tunnel-1'), [off], { figures, printed: () => printed });
  expect(screen.getByText('ended by SIGTERM · 3 min ago')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Go to the host' })).toBeNull();
});

test('it is read again on request, and what was read stays in sight when that fails or nothing is kept', async () => {
  const answers: PartOutputAnswer[] = [
    printed,
    { ...printed, text: 'three\n', missing: 0 },
    { kind: 'failed', why: 'busy\u202e' },
    { kind: 'gone' },
  ];
  await show(page('agent-4'), [host], { figures, printed: () => answers.shift() ?? printed });
  const again = async (): Promise<void> => {
    fireEvent.press(screen.getByRole('button', { name: 'Read again' }));
    await answered();
  };
  await again();
  expect(screen.getByText('three')).toBeTruthy();
  expect(screen.queryByText('one')).toBeNull();
  expect(screen.queryByText(/are not shown/)).toBeNull();
  await again();
  expect(screen.getByText('busy⟦U+202E⟧')).toBeTruthy();
  await again();
  expect(screen.getByText('Its output is not kept any more.')).toBeTruthy();
  expect(screen.getByText('three')).toBeTruthy();
});

test('a part that printed nothing says so', async () => {
  await show(page('agent-4'), [host], { figures });
  expect(screen.getByText('It has printed nothing on its error stream.')).toBeTruthy();
});

test('of a part that the host has forgotten nothing is kept, and a failure can be tried again', async () => {
  const { asked } = await show(page('agent-1'), [host], { figures, printed: () => ({ kind: 'gone' }) });
  expect(screen.getByText('Its output is not kept any more.')).toBeTruthy();
  expect(asked).toEqual(['output agent-1']);
  const answers: PartOutputAnswer[] = [{ kind: 'failed', why: 'too many wait' }];
  await show(page('agent-4'), [host], { figures, printed: () => answers.shift() ?? printed });
  expect(screen.getByText('too many wait')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Try again' }));
  await answered();
  expect(screen.getByText('one')).toBeTruthy();
});

test('the output of an absent host says where it is, and nothing is asked', async () => {
  const { asked } = await show(page('agent-4'), [{ ...host, link: offline }], { figures });
  expect(screen.getByText(/^What it printed is on the host/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Read again' })).toBeDisabled();
  expect(asked).toEqual([]);
});
