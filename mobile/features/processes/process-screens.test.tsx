import { fireEvent, screen } from 'expo-router/testing-library';
import type { LogLine } from '../../../contract/process-logs.ts';
import type { FiguresAnswer, LogView, ProcessView } from '../../host/process-views.ts';
import { host, process, start } from '../sample-views.ts';
import { show, shownPath } from '../show-screen.tsx';
import { HostScreen } from '../hosts/host-screen.tsx';
import { movedAway } from './log-list.tsx';
import { LogScreen } from './log-screen.tsx';
import { LogSearchScreen } from './log-search-screen.tsx';
import { ProcessScreen } from './process-screen.tsx';
import { ProcessesScreen } from './processes-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const { detail: _why, ...plain } = process;
const running: ProcessView = { ...plain, state: 'running', startedAt: start - 61_000, endedAt: null };
const figures: FiguresAnswer = {
  ...{ kind: 'ready' as const, supported: true },
  of: new Map([['web', { cpu: 0.031, memory: 130_023_424, count: 3, ports: [3000, 3001] }]]),
  parts: [
    { id: 'host', kind: 'host', name: '', startedAt: start - 7_200_000, memory: 130_023_424 },
    { id: 'shim-2', kind: 'shim', name: '', startedAt: null, memory: null },
    { id: 'tunnel-3', kind: 'tunnel', name: '', startedAt: start - 61_000, memory: 33_554_432 },
    { id: 'agent-4', kind: 'agent', name: 'demo', startedAt: start - 5_000, memory: 262_144_000 },
  ],
  ended: [],
};
const line = (number: number, text: string, stream: LogLine['stream'] = 'stdout'): LogLine => ({
  ...{ number, name: 'web', stream, at: new Date(start).toISOString(), text },
});
const log: LogView = {
  ...{ state: 'ready', why: '', following: true, hasEarlier: true, newer: 0 },
  lines: [line(7, '\u001b[32mready\u001b[0m'), line(8, 'password=[redacted] \u202e', 'stderr')],
};
const processPage = (): React.JSX.Element => <ProcessScreen hostId="h1" name="web" />;
const logPage = (): React.JSX.Element => <LogScreen hostId="h1" name="web" line={undefined} />;
const offline = { kind: 'offline', asOf: start - 60_000 } as const;

test('the host tab shows the processes that need somebody first, with what they use', async () => {
  const many = ['a', 'b', 'c', 'd'].map((name) => ({ ...running, id: name, name }));
  await show(HostScreen, [{ ...host, processes: [...many, process] }], { figures });
  expect(
    screen.getByText(/^exit code 1 · ended 1 min ago · 2 restarts · port 3000 · 3\.1 % CPU/),
  ).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Show all 5 processes' }));
  expect(shownPath()).toBe('/processes');
});

test('with few processes, or none, the host tab leads to what else runs there', async () => {
  await show(HostScreen, [{ ...host, processes: [] }]);
  expect(screen.queryByRole('button', { name: 'Search all logs' })).toBeNull();
  fireEvent.press(screen.getByRole('button', { name: 'Show what else runs' }));
  expect(shownPath()).toBe('/processes');
});

test('all processes are one list, each leads to its page, and without any it says what will appear', async () => {
  const page = (): React.JSX.Element => <ProcessesScreen hostId="h1" />;
  await show(page, [{ ...host, processes: [running] }], { figures });
  fireEvent.press(screen.getByText('web'));
  expect(shownPath()).toBe('/process/web');
  await show(page, [{ ...host, processes: [] }]);
  expect(screen.getByText(/signalbox run/)).toBeTruthy();
});

test('what the host itself runs stands below the processes', async () => {
  const page = (): React.JSX.Element => <ProcessesScreen hostId="h1" />;
  const doors = { bridge: true, remote: { listens: true, connections: 2 } };
  await show(page, [{ ...host, processes: [], doors }], { figures });
  for (const text of [
    ...['Also running', 'Host', 'up 2:00:00 · 124 MB memory', 'MCP bridge', 'in the host'],
    ...['ACP remote', 'in the host · 2 connections', 'Agent demo', 'up 0:05 · 250 MB memory', 'Shim'],
  ]) {
    expect(screen.getByText(text)).toBeTruthy();
  }
  expect(screen.getByText('Exposed')).toBeTruthy();
  expect(screen.getByText('up 1:01 · 32 MB memory')).toBeTruthy();
  expect(screen.getByText(/signalbox run/)).toBeTruthy();
});

test('of a host that is away only what was heard is shown, and where nothing is known there is no section', async () => {
  const page = (): React.JSX.Element => <ProcessesScreen hostId="h1" />;
  const off = { ...host, processes: [running], tunnel: { state: 'off' as const } };
  await show(page, [{ ...off, link: offline, doors: { bridge: true, remote: null } }], { figures });
  expect(screen.getByText('MCP bridge')).toBeTruthy();
  expect(screen.queryByText('Agent demo')).toBeNull();
  await show(page, [{ ...off, doors: { bridge: false, remote: null } }]);
  expect(screen.queryByText('Also running')).toBeNull();
});

test('a process shows its state and what it uses, and is restarted and stopped', async () => {
  const { actions, answer } = await show(processPage, [{ ...host, processes: [running] }], { figures });
  for (const text of [
    'Running',
    'up 1:01 · 2 restarts · port 3000',
    '3.1 % CPU · 124 MB memory',
    'Made of 3 processes',
    'Listens on 3000, 3001',
  ]) {
    expect(screen.getByText(text)).toBeTruthy();
  }
  fireEvent.press(screen.getByRole('button', { name: 'Restart' }));
  expect(actions).toEqual([{ kind: 'process', hostId: 'h1', processId: 'web', verb: 'restart' }]);
  expect(screen.getByRole('button', { name: 'Stop' })).toBeDisabled();
  answer({ kind: 'done' });
  expect(screen.getByText('web is started again.')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Stop' }));
  answer({ kind: 'refused', why: 'agents are paused' });
  expect(screen.getByText('Refused: agents are paused')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Open the log' }));
  expect(shownPath()).toBe('/log/web');
});

test('what ended again and again says so, and can be started', async () => {
  const { actions } = await show(processPage, [
    { ...host, processes: [{ ...process, crashLoop: true, logsLost: 2048 }] },
  ]);
  expect(screen.getByText(/^It ended again and again/)).toBeTruthy();
  expect(screen.getByText('2.0 KB of its output could not be written to the log.')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Start' }));
  expect(actions).toMatchObject([{ verb: 'start' }]);
});

test('who may not manage, and whoever has no connection, can look but not touch', async () => {
  await show(processPage, [{ ...host, processes: [running], scopes: ['view'] }]);
  expect(screen.getByText(/^This device may look at processes/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull();
  await show(processPage, [{ ...host, processes: [running], link: offline }]);
  expect(screen.getByRole('button', { name: 'Stop' })).toBeDisabled();
  expect(screen.getByText(/measured while the host is connected/)).toBeTruthy();
  // A minute ago it was heard last; whether it ran after that nobody knows.
  expect(screen.getByText(/^up 0:01 /)).toBeTruthy();
});

test('a log shows its lines without colours and with nothing hidden; errors are marked by a word', async () => {
  await show(logPage, [host], { log });
  expect(screen.getByText(/ready$/)).toBeTruthy();
  const error = screen.getByLabelText(/^Error output, .*password=\[redacted\] ⟦U\+202E⟧$/);
  expect(error).toBeTruthy();
  expect(screen.getByText('Following')).toBeTruthy();
});

test('following is paused and taken up again', async () => {
  const { asked } = await show(logPage, [host], { log: { ...log, newer: 12 } });
  fireEvent.press(screen.getByRole('button', { name: 'Pause' }));
  expect(screen.getByText('Paused · 12 newer lines')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Show later lines' }));
  fireEvent.press(screen.getByRole('button', { name: 'Show earlier lines' }));
  fireEvent.press(screen.getByRole('button', { name: 'Follow' }));
  expect(screen.getByText('Following')).toBeTruthy();
  expect(asked).toEqual(['log web both end', 'pause', 'later lines', 'earlier lines', 'follow']);
});

test('only a finger that moves away from the end pauses a log', () => {
  expect(movedAway({ y: 900, left: 0 }, { y: 700, left: 200 })).toBe(true);
  expect(movedAway({ y: 900, left: 0 }, { y: 880, left: 20 })).toBe(false);
  // Lines were added below, or dropped above.
  expect(movedAway({ y: 900, left: 0 }, { y: 900, left: 400 })).toBe(false);
  expect(movedAway({ y: 900, left: 300 }, { y: 500, left: 300 })).toBe(false);
});

test('one stream of a log is a log of its own', async () => {
  const { asked } = await show(logPage, [host], { log });
  fireEvent.press(screen.getByRole('button', { name: 'Filter' }));
  fireEvent.press(screen.getByRole('radio', { name: 'Errors' }));
  expect(asked).toEqual(['log web both end', 'log web stderr end']);
});

test.each([
  ['loading', {}, 'Loading…'],
  ['ready', {}, 'Nothing was written yet.'],
  ['failed', { why: 'too many wait' }, 'too many wait'],
] as const)('a log without lines that is %s says so', async (state, change, text) => {
  const { asked } = await show(logPage, [host], {
    log: { ...log, lines: [], hasEarlier: false, state, ...change },
  });
  expect(screen.getByText(text)).toBeTruthy();
  if (state !== 'failed') return;
  fireEvent.press(screen.getByRole('button', { name: 'Try again' }));
  expect(asked).toContain('log again');
});

test('the log of an absent host says where it is, and lines that were read stay in sight', async () => {
  await show(logPage, [{ ...host, link: offline }], { log: { ...log, lines: [], state: 'failed' } });
  expect(screen.getByText(/^The log is on the host/)).toBeTruthy();
  await show(logPage, [{ ...host, link: offline }], { log: { ...log, state: 'failed', why: 'gone' } });
  expect(screen.getByText(/ready$/)).toBeTruthy();
  expect(screen.getByText(/is offline/)).toBeTruthy();
});

test('a search finds lines of all processes and opens the log at one of them', async () => {
  const page = (): React.JSX.Element => <LogSearchScreen hostId="h1" name={null} />;
  const texts: string[] = [];
  await show(page, [host], {
    found({ text }) {
      texts.push(text);
      return { kind: 'ready', lines: [line(42, 'Error: boom')], next: null, more: true };
    },
  });
  expect(screen.getByText(/the newest come first/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Search' })).toBeDisabled();
  fireEvent.changeText(screen.getByLabelText('Text in the logs of all processes'), 'boom');
  fireEvent.press(screen.getByRole('button', { name: 'Search' }));
  fireEvent.press(await screen.findByText(/Error: boom/));
  expect(texts).toEqual(['boom']);
  expect(shownPath()).toBe('/log/web');
});

test('a search of one process goes on to older lines, and says when nothing was found or it failed', async () => {
  const page = (): React.JSX.Element => <LogSearchScreen hostId="h1" name="web" />;
  const next = { epoch: 'e1', number: 40 };
  await show(page, [host], {
    found: ({ after }) => ({
      ...{ kind: 'ready', more: after === null, next: after ? null : next },
      lines: [after ? line(3, 'older boom') : line(42, 'boom')],
    }),
  });
  fireEvent.changeText(screen.getByLabelText('Text in the log of web'), 'boom');
  fireEvent.press(screen.getByRole('button', { name: 'Search' }));
  fireEvent.press(await screen.findByRole('button', { name: 'Older lines' }));
  expect(await screen.findByText(/older boom/)).toBeTruthy();
  expect(screen.getByText('2 lines')).toBeTruthy();
  await show(page, [host], { found: () => ({ kind: 'failed', why: 'too many searches' }) });
  fireEvent.changeText(screen.getByLabelText('Text in the log of web'), 'x');
  fireEvent.press(screen.getByRole('button', { name: 'Search' }));
  expect(await screen.findByText(/too many searches/)).toBeTruthy();
});
