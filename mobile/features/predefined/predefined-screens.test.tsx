import { fireEvent, screen } from 'expo-router/testing-library';
import { PredefinedAction, ActionRun } from '../../../contract/predefined.ts';
import type { PredefinedAnswer, RunView } from '../../host/predefined-views.ts';
import { host, start } from '../sample-views.ts';
import { show, shownPath } from '../show-screen.tsx';
import { PredefinedScreen } from './predefined-screen.tsx';
import { RunScreen } from './run-screen.tsx';
import { SourceScreen } from './source-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const at = new Date(start - 61_000).toISOString();
const action = (name: string, risk: 'low' | 'high') =>
  PredefinedAction.parse({
    ...{ name, risk, argv: ['npm', 'run', name], workspaceId: 'f1', cwd: '.', timeoutMs: 1000 },
  });
const runOf = (change: object) =>
  ActionRun.parse({ id: 'r1', name: 'smoke', startedBy: 'owner', requestedAt: at, ...change });
const begun = { approvalId: null, startedAt: at };
const running = runOf({ ...begun, state: 'running' });
const ended = { ...begun, state: 'ended', endedAt: at, signal: null, durationMs: 3000 };
const done = runOf({ ...ended, exitCode: 0, timedOut: false, stopped: false });
const known: PredefinedAnswer = {
  kind: 'ready',
  actions: [action('smoke', 'low'), action('migrate', 'high')],
  logSources: [{ name: 'server', workspaceId: null, path: '/var/log/a.log' }],
  runs: [done],
  unusable: [{ name: 'old', reason: 'there is no workspace "gone"' }],
};
const page = (): React.JSX.Element => <PredefinedScreen hostId="h1" />;
const runPage = (): React.JSX.Element => <RunScreen hostId="h1" id="r1" />;
const sourcePage = (): React.JSX.Element => <SourceScreen hostId="h1" name="server" />;
const view = (run: ActionRun, change: Partial<RunView> = {}): RunView => ({
  ...{ state: 'ready', why: '', run, text: 'one\n\u001b[31mtwo\u001b[0m\n', incomplete: false },
  ...change,
});
const offline = { kind: 'offline', asOf: start - 60_000 } as const;

test('a command shows what it runs and what it asks for, and leads to its run', async () => {
  const { actions, answer } = await show(page, [host], { predefined: known });
  for (const text of [
    'smoke',
    'Low risk',
    'High risk',
    'Asks for an approval first',
    'exit code 0 · ran for 0:03 · 1 min ago',
  ])
    expect(screen.getAllByText(text).length).toBeGreaterThan(0);
  expect(screen.getAllByText('Asks for an approval first')).toHaveLength(1);
  expect(screen.getByText('old cannot be used: there is no workspace "gone"')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Run migrate' }));
  expect(actions).toEqual([{ kind: 'start-action', hostId: 'h1', name: 'migrate' }]);
  expect(screen.getByRole('button', { name: 'Run smoke' })).toBeDisabled();
  answer({ kind: 'done', runId: 'r9' });
  expect(shownPath()).toBe('/run/r9');
});

test('a refusal of a command says why, and nothing is opened', async () => {
  const { answer } = await show(page, [host], { predefined: known });
  fireEvent.press(screen.getByRole('button', { name: 'Run smoke' }));
  answer({ kind: 'refused', why: 'agents are paused' });
  expect(screen.getByText('Refused: agents are paused')).toBeTruthy();
  expect(shownPath()).toBe('/');
});

test('a log source is opened from the list', async () => {
  await show(page, [host], { predefined: known });
  fireEvent.press(screen.getByText('server'));
  expect(shownPath()).toBe('/source/server');
});

test('a device that may only look sees the commands and cannot run them', async () => {
  await show(page, [{ ...host, scopes: ['view'] }], { predefined: known });
  expect(screen.getByText(/^This device may look/)).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Run smoke' })).toBeNull();
});

test('nothing written down, an absent host and a failure each say so', async () => {
  await show(page, [host]);
  expect(screen.getByText('Nothing is written down')).toBeTruthy();
  await show(page, [{ ...host, link: offline }], { predefined: known });
  expect(screen.getByText(/appear when it is connected/)).toBeTruthy();
  await show(page, [host], { predefined: { kind: 'failed', why: 'the file is broken' } });
  expect(screen.getByText('the file is broken')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
});

test('a run shows what it prints, is stopped, and once it has ended is run again', async () => {
  const { actions, answer } = await show(runPage, [host], { run: view(running, { incomplete: true }) });
  for (const text of ['Running', 'running for 1:01', 'one', 'two'])
    expect(screen.getByText(text)).toBeTruthy();
  expect(screen.getByText(/^This is not all of it/)).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Stop' }));
  expect(actions).toEqual([{ kind: 'stop-action', hostId: 'h1', runId: 'r1' }]);
  answer({ kind: 'done' });
  expect(screen.getByText('It was stopped.')).toBeTruthy();
  const again = await show(runPage, [host], { run: view(done) });
  fireEvent.press(screen.getByRole('button', { name: 'Run again' }));
  expect(again.actions).toEqual([{ kind: 'start-action', hostId: 'h1', name: 'smoke' }]);
  again.answer({ kind: 'done', runId: 'r2' });
  expect(again.asked.filter((one) => one !== 'run again')).toEqual(['run r1', 'run r2']);
});

test.each([
  ['Failed', { ...ended, exitCode: 3, timedOut: false, stopped: false }],
  ['Stopped', { ...ended, exitCode: null, signal: 'SIGTERM', timedOut: false, stopped: true }],
  ['Out of time', { ...ended, exitCode: null, signal: 'SIGKILL', timedOut: true, stopped: false }],
  ['Not run', { state: 'refused', endedAt: at, code: 'refused', reason: 'the owner said no' }],
])('a run that did not come to a good end is “%s”, never done', async (word, change) => {
  await show(runPage, [host], { run: view(runOf(change), { text: '' }) });
  expect(screen.getByText(word)).toBeTruthy();
  expect(screen.queryByText('Done')).toBeNull();
});

test('a run that waits leads to the inbox and can be withdrawn', async () => {
  const { actions } = await show(runPage, [host], { run: view(runOf({ state: 'waiting' }), { text: '' }) });
  expect(screen.getByRole('button', { name: 'Open the inbox' })).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Withdraw' }));
  expect(actions).toEqual([{ kind: 'stop-action', hostId: 'h1', runId: 'r1' }]);
});

test('what a run printed stays in sight when the host goes, and a run that nobody knows says so', async () => {
  await show(runPage, [{ ...host, link: offline }], { run: view(running, { state: 'failed', why: 'lost' }) });
  expect(screen.getByText('two')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Stop' })).toBeDisabled();
  const { asked } = await show(runPage, [host], {
    run: { state: 'failed', why: 'there is no such run', run: null, text: '', incomplete: false },
  });
  fireEvent.press(screen.getByRole('button', { name: 'Try again' }));
  expect(asked).toContain('run again');
});

test('a log source shows its last lines, more of them on request, and is read again', async () => {
  const { asked } = await show(sourcePage, [host], {
    source: { kind: 'ready', text: 'GET / token=[redacted]\nGET /a\n', truncated: true },
  });
  expect(screen.getByText('GET / token=[redacted]')).toBeTruthy();
  expect(screen.getByText(/^There is more before/)).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Read again' }));
  fireEvent.press(screen.getByRole('radio', { name: '2000' }));
  expect(await screen.findByText('GET / token=[redacted]')).toBeTruthy();
  expect(asked).toEqual(['source server 200', 'source server 200', 'source server 2000']);
});

test('a log source that is empty, absent or unreadable says so', async () => {
  await show(sourcePage, [host]);
  expect(screen.getByText('This log is empty.')).toBeTruthy();
  await show(sourcePage, [{ ...host, link: offline }]);
  expect(screen.getByText(/^The log is on the host/)).toBeTruthy();
  await show(sourcePage, [host], { source: { kind: 'failed', why: 'log/server.log is not there' } });
  expect(screen.getByText('log/server.log is not there')).toBeTruthy();
});
