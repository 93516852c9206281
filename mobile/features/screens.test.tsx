import { act, fireEvent, renderRouter, screen } from 'expo-router/testing-library';
import { AgentsScreen } from './sessions/agents-screen.tsx';
import { ApprovalScreen } from './approvals/approval-screen.tsx';
import { HostScreen } from './hosts/host-screen.tsx';
import { InboxScreen } from './inbox/inbox-screen.tsx';
import { NewTaskScreen } from './tasks/new-task-screen.tsx';
import { SessionScreen } from './sessions/session-screen.tsx';
import { ConnectionProvider } from '../host/connection.tsx';
import type { HostConnection } from '../host/connection.tsx';
import type { ApprovalView, Delivery, HostAction, HostView } from '../host/views.ts';

const start = 1_800_000_000_000;

const approval: ApprovalView = {
  id: 'a1',
  hostId: 'h1',
  hostName: 'studio-mac',
  agent: 'codex',
  title: 'Run npm test',
  risk: 'low',
  argv: ['npm', 'test', '--', 'a b'],
  network: [],
  sandbox: 'workspace, no network',
  fingerprint: '9f2c 11aa',
  agentSays: 'just a harmless check',
  askedAt: start - 1000,
  expiresAt: start + 90_000,
};

const host: HostView = {
  id: 'h1',
  name: 'studio-mac',
  link: { kind: 'online' },
  scopes: ['view', 'submit', 'approve', 'manage'],
  approvals: [approval],
  sessions: [
    {
      ...{ id: 's1', hostId: 'h1', hostName: 'studio-mac', agent: 'codex', title: 'Fix the build' },
      ...{
        status: 'working',
        changedAt: start,
        timeline: [{ id: 't1', at: start, kind: 'tool', text: 'npm test' }],
      },
    },
  ],
  processes: [{ id: 'p1', name: 'web', state: 'failed', detail: 'exit code 1' }],
  tunnel: { state: 'open', address: 'https://x.example', closesAt: start + 60_000 },
  bashMode: 'safe',
  paused: false,
  folders: [{ id: 'f1', name: 'site' }],
  agents: [{ id: 'g1', name: 'codex' }],
};

/** Shows a screen with hosts; the test answers actions through `report`. */
function show(Shown: () => React.JSX.Element, hosts: readonly HostView[]) {
  const actions: HostAction[] = [];
  let report: (delivery: Delivery) => void = () => undefined;
  const connection: HostConnection = {
    hosts: () => hosts,
    subscribe: () => () => undefined,
    act(action, tell) {
      actions.push(action);
      report = tell;
      return Promise.resolve();
    },
    forget: () => Promise.resolve(),
  };
  const page = (): React.JSX.Element => (
    <ConnectionProvider connection={connection}>
      <Shown />
    </ConnectionProvider>
  );
  renderRouter({ index: page, '[...rest]': page }, { initialUrl: '/' });
  const answer = (delivery: Delivery): void => {
    act(() => {
      report(delivery);
    });
  };
  return { actions, answer };
}

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const approvalPage = (): React.JSX.Element => <ApprovalScreen id="a1" hostId="h1" />;

test('an approval shows the action as it runs, and one press decides a low risk', () => {
  const { actions, answer } = show(approvalPage, [host]);
  for (const part of [
    'npm',
    'test',
    'a b',
    'workspace, no network',
    '9f2c 11aa',
    'None',
    'Low risk',
    '1:30 left',
  ]) {
    expect(screen.getAllByText(part).length).toBeGreaterThan(0);
  }
  fireEvent.press(screen.getByRole('button', { name: 'Allow' }));
  expect(actions).toEqual([{ kind: 'decide', hostId: 'h1', approvalId: 'a1', decision: 'allow' }]);
  expect(screen.getByText('Sending…')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Deny' })).toBeDisabled();
  answer({ kind: 'unknown' });
  expect(screen.getByText('Unknown: the answer got lost. It was not sent again.')).toBeTruthy();
});

test('a high risk has to be held', () => {
  const { actions } = show(approvalPage, [{ ...host, approvals: [{ ...approval, risk: 'high' }] }]);
  const button = screen.getByRole('button', { name: 'Hold to allow' });
  fireEvent.press(button);
  expect(actions).toEqual([]);
  fireEvent(button, 'longPress');
  expect(actions).toHaveLength(1);
});

test('nothing can be decided after time is up', () => {
  show(approvalPage, [host]);
  act(() => {
    jest.advanceTimersByTime(91_000);
  });
  expect(screen.getByText('It ran out of time. The host has denied it.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Allow' })).toBeNull();
});

test('hidden characters of an action are made visible', () => {
  show(approvalPage, [{ ...host, approvals: [{ ...approval, argv: ['rm', 'a\u202eb\nc'] }] }]);
  expect(screen.getByText('a\\u{202e}b\\u{a}c')).toBeTruthy();
});

test('an offline host shows its last data with its age, and offers no decision', () => {
  show(approvalPage, [{ ...host, link: { kind: 'offline', asOf: start - 180_000 } }]);
  expect(screen.getByText('studio-mac is offline. You see what it said 3 min ago.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Allow' })).toBeDisabled();
});

test('a device without the scope cannot decide', () => {
  show(approvalPage, [{ ...host, scopes: ['view'] }]);
  expect(screen.getByRole('button', { name: 'Allow' })).toBeDisabled();
});

test('the quiet inbox says how many agents work', () => {
  show(InboxScreen, [{ ...host, approvals: [] }]);
  expect(screen.getByText('Nothing needs you. 1 agent working.')).toBeTruthy();
});

test('the agents tab without sessions offers a task', () => {
  show(AgentsScreen, [{ ...host, sessions: [] }]);
  expect(screen.getByRole('button', { name: 'Start a task' })).toBeTruthy();
});

test('a session can be answered and stopped', () => {
  const { actions } = show(() => <SessionScreen id="s1" hostId="h1" />, [host]);
  expect(screen.getByText('npm test')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled();
  fireEvent.changeText(screen.getByLabelText('Reply'), ' go on ');
  fireEvent.press(screen.getByRole('button', { name: 'Send' }));
  expect(actions).toEqual([{ kind: 'reply', hostId: 'h1', sessionId: 's1', text: 'go on' }]);
});

test('a task needs a text, then goes to the chosen host, folder and agent', () => {
  const { actions } = show(NewTaskScreen, [host]);
  fireEvent.press(screen.getByRole('button', { name: 'Submit task' }));
  expect(screen.getByText('Write what should be done.')).toBeTruthy();
  fireEvent.changeText(screen.getByLabelText('What should be done?'), 'Fix it');
  fireEvent.press(screen.getByRole('button', { name: 'Submit task' }));
  const task = { hostId: 'h1', folderId: 'f1', agentId: 'g1', mode: 'ask', text: 'Fix it' };
  expect(actions).toEqual([{ kind: 'submit', task }]);
});

test('no task can be written while no host is online', () => {
  show(NewTaskScreen, [{ ...host, link: { kind: 'asleep', asOf: start } }]);
  expect(screen.getByText('No host is online')).toBeTruthy();
});

test('the host tab shows the exposure, and lock down has to be held', () => {
  const { actions } = show(HostScreen, [host]);
  expect(screen.getByText('Exposed')).toBeTruthy();
  fireEvent.press(screen.getByRole('button', { name: 'Start' }));
  expect(actions).toEqual([{ kind: 'process', hostId: 'h1', processId: 'p1', verb: 'start' }]);
});

test('a device without the scope sees the host but cannot manage it', () => {
  show(HostScreen, [{ ...host, scopes: ['view'] }]);
  expect(screen.queryByRole('button', { name: 'Lock down' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Start' })).toBeNull();
});
