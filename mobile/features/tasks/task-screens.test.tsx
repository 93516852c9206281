import { act, fireEvent, screen, testRouter } from 'expo-router/testing-library';
import type { TaskView, TimelineView } from '../../host/task-views.ts';
import type { HostAction } from '../../host/views.ts';
import { agent, approval, host, session, start, task } from '../sample-views.ts';
import { show, shownPath } from '../show-screen.tsx';
import { ContinueScreen } from './continue-screen.tsx';
import { NewTaskScreen } from './new-task-screen.tsx';
import { TaskScreen } from './task-screen.tsx';

beforeEach(() => jest.useFakeTimers({ now: start }));
afterEach(() => jest.useRealTimers());

const page = (): React.JSX.Element => <TaskScreen id="s1" hostId="h1" />;
const press = (name: string): void => {
  fireEvent.press(screen.getByRole('button', { name }));
};
const withTask = (change: Partial<TaskView>) => [{ ...host, tasks: [{ ...task, ...change }] }];
const ended = { status: 'done', delivery: 'done', endedAt: start, agentSeenAt: null } as const;
const keyOf = (action: HostAction | undefined): string | undefined => {
  if (action?.kind === 'submit') return action.task.key;
  return action?.kind === 'retry-task' ? action.key : undefined;
};

const timeline = (...items: TimelineView['items']): TimelineView => ({
  ...{ state: 'ready', why: '', more: true, unreadable: 2, items },
});

test('a task shows how it stands and its timeline; it is stopped with one press', async () => {
  const { actions } = await show(page, [host]);
  for (const words of ['Working', 'npm test', /Running for 0:50/, 'codex in site on studio-mac']) {
    expect(screen.getByText(words)).toBeTruthy();
  }
  press('Stop task');
  expect(actions).toEqual([{ kind: 'cancel-task', hostId: 'h1', taskId: 's1' }]);
});

test('the time that a task runs goes on', async () => {
  await show(page, [host]);
  act(() => {
    jest.advanceTimersByTime(11_000);
  });
  expect(screen.getByText(/Running for 1:01/)).toBeTruthy();
});

test('a queued task says its place, and can be stopped but not steered', async () => {
  await show(
    page,
    withTask({ status: 'queued', delivery: 'queued', position: 3, sessionId: null, startedAt: null }),
  );
  expect(screen.getByText('Queued, number 3')).toBeTruthy();
  expect(screen.getByText('The agent has not begun yet.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Steer' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Stop task' })).toBeEnabled();
});

test('steering sends what was written, and only then', async () => {
  const { actions, answer } = await show(page, [host]);
  press('Steer');
  expect(screen.getByRole('button', { name: 'Steer' })).toBeDisabled();
  fireEvent.changeText(screen.getByLabelText('Tell the agent something else'), '  Leave the tests alone ');
  press('Steer');
  expect(actions).toEqual([
    { kind: 'steer-task', hostId: 'h1', taskId: 's1', text: 'Leave the tests alone' },
  ]);
  answer({ kind: 'refused', why: 'the task is at its end' });
  expect(screen.getByText('Refused: the task is at its end')).toBeTruthy();
});

test('everything of a timeline is shown, thoughts and outputs folded', async () => {
  const items = timeline(
    { id: '1', at: start, kind: 'speech', who: 'you', text: 'Fix it' },
    { id: '2', at: start, kind: 'speech', who: 'thought', text: 'secret musing' },
    {
      ...{ id: '3', at: start, kind: 'plan' },
      steps: [
        { text: 'Read', state: 'completed' },
        { text: 'Write', state: 'in_progress' },
      ],
    },
    {
      id: '4',
      at: start,
      kind: 'tool',
      title: 'cat a',
      state: 'failed',
      paths: ['a'],
      output: 'not found\n',
    },
    { id: '5', at: start, kind: 'file', path: 'a.txt', diff: '@@ -1 +1 @@\n-old\n+new\n' },
    { id: '6', at: start, kind: 'note', state: 'done', detail: 'end_turn' },
  );
  const { asked } = await show(page, [host], { timeline: items });
  for (const words of ['Fix it', 'Plan: 1 of 2 done', 'cat a', 'Changes a.txt', 'The agent is done.']) {
    expect(screen.getByText(words)).toBeTruthy();
  }
  expect(screen.getByLabelText('in work: Write')).toBeTruthy();
  for (const [hidden, button] of [
    ['secret musing', 'Show Thinking'],
    ['not found', 'Show cat a, failed'],
    ['+new', 'Show Changes a.txt'],
  ] as const) {
    expect(screen.queryByText(hidden)).toBeNull();
    press(button);
    expect(screen.getByText(hidden)).toBeTruthy();
  }
  expect(screen.getByText('2 lines of this timeline could not be read.')).toBeTruthy();
  press('Show earlier entries');
  expect(asked).toEqual(['earlier']);
});

test('a question of the task leads to its approval', async () => {
  const waiting = { ...host, tasks: [{ ...task, status: 'waiting' as const, approvals: [approval.id] }] };
  await show(page, [waiting], { timeline: timeline() });
  expect(screen.getByText('It waits for your answer')).toBeTruthy();
  expect(screen.getByText('Run npm test')).toBeTruthy();
  press('Look at the question');
  expect(shownPath()).toBe('/approval/a1');
});

test('an ended task shows its changes, and says what keeps them from being the whole', async () => {
  const files = [{ path: 'a.txt', change: 'modified', added: 1, removed: 1 }] as const;
  const diff = '@@ -1 +1 @@\n-old\n+new\n';
  const note = 'the workspace is no git repository';
  await show(page, withTask({ ...ended, result: 'Fixed.' }), {
    diff: {
      kind: 'ready',
      diff: { source: 'writes', final: true, files, diff, redacted: true, truncated: true, note },
    },
  });
  for (const words of [
    ...[
      'Fixed.',
      '1 file changed',
      'a.txt · changed · +1 −1',
      '+new',
      'Secrets were taken out of this.',
      note,
    ],
    ...[/^This is not all of it/, /^Only what the agent wrote through the host/],
  ]) {
    expect(screen.getByText(words)).toBeTruthy();
  }
});

test('changes that cannot be read say why, and can be asked for again', async () => {
  await show(page, withTask(ended), { diff: { kind: 'failed', why: 'The host did not answer.' } });
  expect(screen.getByText('The host did not answer.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Show changes' })).toBeEnabled();
});

test('a task that was stopped by its budget says so, with what it used', async () => {
  const usage = {
    ...{ inputTokens: 900, outputTokens: 200, cachedTokens: null, totalTokens: null },
    ...{ contextUsed: 50, contextSize: 100, cost: { amount: 0.05, currency: 'USD' } },
  };
  const failed = { ...ended, status: 'failed', cause: 'budget', result: 'used 1100 of 1000 tokens' } as const;
  await show(page, withTask({ ...failed, usage, budget: { tokens: 1000, costUsd: 1 } }));
  for (const words of ['Stopped: its budget is used up', '1,100 of 1,000 tokens', 'Budget used up']) {
    expect(screen.getByText(words)).toBeTruthy();
  }
  expect(screen.getByText('0.0500 USD of 1.00 USD')).toBeTruthy();
  expect(screen.getByText('Context 50 % full')).toBeTruthy();
});

test('a retry that is pressed again is the same wish, and leads to the new task', async () => {
  const { actions, answer } = await show(page, withTask(ended));
  press('Retry');
  answer({ kind: 'unknown' });
  press('Retry');
  expect(actions).toHaveLength(2);
  expect(actions.map(keyOf)).toEqual(['key-0001', 'key-0001']);
  answer({ kind: 'done', taskId: 's2' });
  press('Open the new task');
  expect(shownPath()).toBe('/task/s2');
});

test('an ended task is gone on with in its session', async () => {
  await show(page, withTask(ended));
  press('Continue');
  expect(shownPath()).toBe('/continue/c1');
});

test('a delivery that is unknown says so, and what to do', async () => {
  await show(page, withTask({ ...ended, status: 'interrupted', delivery: 'unknown' }));
  expect(screen.getByText(/^Unknown: it was delivered/)).toBeTruthy();
  expect(screen.getByText(/then retry it or continue the session/)).toBeTruthy();
});

test('a device that may only look is told so, and offered nothing', async () => {
  await show(page, [{ ...host, scopes: ['view'] }]);
  expect(screen.getByText(/^This device may only look/)).toBeTruthy();
  for (const name of ['Steer', 'Stop task']) expect(screen.queryByRole('button', { name })).toBeNull();
  await show(NewTaskScreen, [{ ...host, scopes: ['view'] }]);
  expect(screen.getByText('This device may only look')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Send task' })).toBeNull();
});

test('a timeline that is not here is explained: offline, failed', async () => {
  const none = { ...timeline(), more: false, unreadable: 0 };
  const offline = { ...host, link: { kind: 'offline', asOf: start } } as const;
  await show(page, [offline], { timeline: { ...none, state: 'loading' } });
  expect(screen.getByText(/^The timeline is on the host/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Stop task' })).toBeDisabled();
  await show(page, [host], { timeline: { ...none, state: 'failed', why: 'it is damaged' } });
  expect(screen.getByText('The timeline could not be read: it is damaged')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeTruthy();
});

const write = (text: string): void => {
  fireEvent.changeText(screen.getByLabelText('Task'), text);
};

test('a task needs a text, then goes to the chosen host, folder and agent', async () => {
  const { actions } = await show(NewTaskScreen, [host]);
  press('Send task');
  expect(screen.getByText('Write what should be done.')).toBeTruthy();
  write(' Fix it ');
  press('Send task');
  const sent = { hostId: 'h1', folderId: 'f1', agentId: 'codex', mode: 'ask', text: 'Fix it', budget: {} };
  expect(actions).toEqual([{ kind: 'submit', task: { ...sent, key: 'key-0001' } }]);
});

test('a form sent again is the same task; another text is another', async () => {
  const { actions, answer } = await show(NewTaskScreen, [host]);
  write('Fix it');
  press('Send task');
  answer({ kind: 'unknown' });
  expect(screen.getByText(/^Unknown: nobody can say whether the host has it/)).toBeTruthy();
  press('Send again');
  answer({ kind: 'refused', why: 'too many' });
  write('Fix it well');
  press('Send task');
  expect(actions.map(keyOf)).toEqual(['key-0001', 'key-0001', 'key-0002']);
});

test('what became of a task is told step by step, and never more than is known', async () => {
  const { answer } = await show(NewTaskScreen, [host]);
  write('Fix it');
  press('Send task');
  answer({ kind: 'queued' });
  expect(screen.getByLabelText('On this phone: reached')).toBeTruthy();
  expect(screen.getByLabelText('With the host: not yet')).toBeTruthy();
  answer({ kind: 'done', taskId: 's9' });
  expect(screen.getByText('The host has it.')).toBeTruthy();
  expect(screen.getByLabelText('With the host: reached')).toBeTruthy();
  expect(screen.getByLabelText('Delivered to the agent: not yet')).toBeTruthy();
  press('Write another task');
  expect(screen.getByLabelText('Task').props['value']).toBe('');
});

test('the steps of a task that the host has are those of the host, and who comes back finds an empty form', async () => {
  const { answer } = await show(NewTaskScreen, [host]);
  write('Fix it');
  press('Send task');
  answer({ kind: 'done', taskId: 's1' });
  expect(screen.getByLabelText('Being worked on: reached')).toBeTruthy();
  press('Open the task');
  expect(shownPath()).toBe('/task/s1');
  act(() => {
    testRouter.back();
  });
  expect(screen.getByLabelText('Task').props['value']).toBe('');
});

test('an agent that is missing is shown and cannot be chosen; one without a login warns', async () => {
  const missing = { ...agent, id: 'goose', name: 'Goose', state: 'missing' as const };
  const out = { ...agent, id: 'qwen', name: 'Qwen', login: 'no' as const, version: null };
  const { actions } = await show(NewTaskScreen, [{ ...host, agents: [missing, agent, out] }]);
  expect(screen.getByRole('radio', { name: 'Goose · missing' })).toBeDisabled();
  expect(screen.getByRole('radio', { name: 'Codex · 1.2.3, logged in' })).toBeChecked();
  fireEvent.press(screen.getByRole('radio', { name: 'Qwen · not logged in' }));
  expect(screen.getByText(/Log in on the host first/)).toBeTruthy();
  write('x');
  press('Send task');
  expect(actions).toMatchObject([{ task: { agentId: 'qwen' } }]);
});

test('each mode says what it means', async () => {
  await show(NewTaskScreen, [host]);
  for (const [mode, means] of [
    ['Read only', /change nothing/],
    ['Act within policy', /rules on the host decide/],
    ['Ask before changes', /comes to you as a question/],
  ] as const) {
    fireEvent.press(screen.getByRole('radio', { name: mode }));
    expect(screen.getByText(means)).toBeTruthy();
  }
});

test('a budget is optional, and must be numbers', async () => {
  const { actions } = await show(NewTaskScreen, [host]);
  write('x');
  press('Set a budget');
  fireEvent.changeText(screen.getByLabelText('Tokens, at most'), '1.5');
  press('Send task');
  expect(screen.getByText(/^Tokens are a whole number/)).toBeTruthy();
  fireEvent.changeText(screen.getByLabelText('Tokens, at most'), '100,000');
  fireEvent.changeText(screen.getByLabelText('US dollars, at most'), '2,5');
  press('Send task');
  expect(actions).toMatchObject([{ task: { budget: { tokens: 100_000, costUsd: 2.5 } } }]);
});

test('a task for a host that is away waits on this phone; one that is locked down takes none', async () => {
  await show(NewTaskScreen, [{ ...host, link: { kind: 'offline', asOf: start } }]);
  expect(screen.getByText(/^studio-mac is not connected\. The task waits on this phone/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Send task' })).toBeEnabled();
  await show(NewTaskScreen, [{ ...host, link: { kind: 'locked-down', asOf: start } }]);
  expect(screen.getByText('No host can take a task')).toBeTruthy();
});

test('a session is gone on with by its own agent in its own workspace', async () => {
  const { actions } = await show(() => <ContinueScreen id="c1" hostId="h1" />, [host]);
  expect(screen.getByText('Continues “Fix the build”')).toBeTruthy();
  expect(screen.queryByText('Workspace')).toBeNull();
  write('Now the tests');
  press('Send task');
  expect(actions).toMatchObject([
    { task: { sessionId: 'c1', agentId: 'codex', folderId: 'f1', mode: 'ask', text: 'Now the tests' } },
  ]);
});

test('a session that the agent began itself may only read at first', async () => {
  const own = { ...session, id: 'own-1', origin: 'agent' as const, taskId: null };
  const { actions } = await show(() => <ContinueScreen id="own-1" hostId="h1" />, [host], {
    sessions: [own],
  });
  expect(screen.getByText(/may only read, unless you choose/)).toBeTruthy();
  write('Go on');
  press('Send task');
  expect(actions).toMatchObject([{ task: { sessionId: 'own-1', mode: 'read' } }]);
});
