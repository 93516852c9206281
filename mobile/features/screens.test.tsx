import { act, fireEvent, screen } from 'expo-router/testing-library';
import { ApprovalScreen } from './approvals/approval-screen.tsx';
import { HostScreen } from './hosts/host-screen.tsx';
import { InboxScreen } from './inbox/inbox-screen.tsx';
import { approval, host, start } from './sample-views.ts';
import { show } from './show-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const approvalPage = (): React.JSX.Element => <ApprovalScreen id="a1" hostId="h1" />;

test('an approval shows the action as it runs, and one press decides a low risk', async () => {
  const { actions, answer } = await show(approvalPage, [host]);
  for (const part of [
    'npm',
    'test',
    'a b',
    'May write in the workspace, no network',
    '9f2c 11aa 0000 beef',
    'just a harmless check',
    'rule ask-exec',
    'Low risk',
    '1:30 left',
  ]) {
    expect(screen.getAllByText(part).length).toBeGreaterThan(0);
  }
  fireEvent.press(screen.getByRole('button', { name: 'Approve' }));
  expect(actions).toEqual([
    {
      kind: 'decide',
      hostId: 'h1',
      approvalId: 'a1',
      actionHash: approval.actionHash,
      decision: 'allow',
      scope: 'once',
    },
  ]);
  expect(screen.getByText('Sending…')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Deny' })).toBeDisabled();
  answer({ kind: 'unknown' });
  expect(
    screen.getByText('Unknown: nobody can say whether it was done. It was not sent again.'),
  ).toBeTruthy();
});

test('a high risk has to be held', async () => {
  const { actions } = await show(approvalPage, [{ ...host, approvals: [{ ...approval, risk: 'high' }] }]);
  const button = screen.getByRole('button', { name: 'Approve' });
  fireEvent.press(button);
  expect(actions).toEqual([]);
  fireEvent(button, 'longPress');
  expect(actions).toHaveLength(1);
});

test('who cannot hold a button confirms a high risk with a second one', async () => {
  const { actions } = await show(approvalPage, [{ ...host, approvals: [{ ...approval, risk: 'critical' }] }]);
  fireEvent.press(screen.getByRole('button', { name: 'Approve' }));
  expect(actions).toEqual([]);
  fireEvent.press(screen.getByRole('button', { name: 'Yes, approve this' }));
  expect(actions).toHaveLength(1);
});

test('an action that does not match its fingerprint is not shown, and can only be denied', async () => {
  await show(approvalPage, [{ ...host, approvals: [{ ...approval, genuine: false }] }]);
  expect(screen.getByText(/does not match its fingerprint/)).toBeTruthy();
  expect(screen.queryByText('Run npm test')).toBeNull();
  expect(screen.getByRole('button', { name: 'Approve' })).toBeDisabled();
  expect(screen.getByRole('button', { name: 'Deny' })).toBeEnabled();
});

test('a text that is not what would be written cannot be approved', async () => {
  const diffs = [{ path: 'a.txt', diff: '+x', check: 'differs' }] as const;
  await show(approvalPage, [host], {
    content: { kind: 'ready', content: { diffs, notShown: [], agentSays: '' } },
  });
  expect(screen.getByText(/is not what would be written/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Approve' })).toBeDisabled();
});

test('nothing can be approved while what stands behind it is unknown', async () => {
  await show(approvalPage, [host], { content: { kind: 'failed', why: 'gone' } });
  expect(screen.getByRole('button', { name: 'Approve' })).toBeDisabled();
});

test('an answer from elsewhere says whose it was', async () => {
  const outcome = { state: 'denied', by: 'owner', reason: 'not today' } as const;
  await show(approvalPage, [{ ...host, approvals: [{ ...approval, outcome }] }]);
  expect(screen.getByText('Denied by the owner at the host.')).toBeTruthy();
  expect(screen.getByText('not today')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
});

test('a host that turned this device away can be removed', async () => {
  await show(HostScreen, [{ ...host, link: { kind: 'refused' } }]);
  expect(screen.getByRole('button', { name: 'Remove studio-mac from this device' })).toBeTruthy();
});

test('nothing can be decided after time is up', async () => {
  await show(approvalPage, [host]);
  act(() => {
    jest.advanceTimersByTime(91_000);
  });
  expect(screen.getByText('It ran out of time. The host has denied it.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Approve' })).toBeNull();
});

test('hidden characters of an action are made visible', async () => {
  await show(approvalPage, [{ ...host, approvals: [{ ...approval, argv: ['rm', 'a\u202eb\nc'] }] }]);
  expect(screen.getByText('a⟦U+202E⟧b⟦U+000A⟧c')).toBeTruthy();
});

test('an offline host shows its last data with its age, and offers no decision', async () => {
  await show(approvalPage, [{ ...host, link: { kind: 'offline', asOf: start - 180_000 } }]);
  expect(
    screen.getByText(/^studio-mac is offline\. You see what it said at \d\d:\d\d, 3 min ago\.$/),
  ).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Approve' })).toBeDisabled();
});

test('a device without the scope cannot decide', async () => {
  await show(approvalPage, [{ ...host, scopes: ['view'] }]);
  expect(screen.getByRole('button', { name: 'Approve' })).toBeDisabled();
});

test('the quiet inbox says how many agents work', async () => {
  await show(InboxScreen, [{ ...host, approvals: [] }]);
  expect(screen.getByText('Nothing needs you. 1 agent working.')).toBeTruthy();
});

test('the host tab shows the exposure, and lock down has to be held', async () => {
  const { actions } = await show(HostScreen, [host]);
  expect(screen.getByText('Exposed')).toBeTruthy();
  const lockDown = screen.getByRole('button', { name: 'Lock down' });
  fireEvent.press(lockDown);
  expect(actions).toEqual([]);
  fireEvent(lockDown, 'longPress');
  expect(actions).toEqual([{ kind: 'lock-down', hostId: 'h1' }]);
});

test('a device without the scope sees the host but cannot manage it', async () => {
  await show(HostScreen, [{ ...host, scopes: ['view'] }]);
  expect(screen.queryByRole('button', { name: 'Lock down' })).toBeNull();
  expect(screen.queryByRole('button', { name: 'Pause all agents' })).toBeNull();
});
