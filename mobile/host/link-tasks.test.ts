/** @jest-environment node */
import { Task } from '../../contract/tasks.ts';
import { Session } from '../../contract/sessions.ts';
import { at } from './fake-host.ts';
import { paired, stopPhones, until } from './fake-phone.ts';
import type { NewTask, TimelineView } from './task-views.ts';
import type { Delivery } from './views.ts';

afterEach(stopPhones);

const task = (id: string) =>
  Task.parse({
    ...{ id, agent: 'demo', workspaceId: 'w1', mode: 'read', text: 'Look\nat it', submittedBy: 'owner' },
    ...{ createdAt: at, revision: 0, state: 'queued', position: 2 },
  });
const session = Session.parse({
  ...{ id: 'c1', origin: 'agent', agentSessionId: 'x', agent: 'demo', workspaceId: 'w1', taskId: null },
  ...{ title: 'Earlier', state: 'ended', createdAt: at, lastActiveAt: at },
});
const form: NewTask = {
  ...{ hostId: 'host-1', folderId: 'w1', agentId: 'demo', mode: 'read', text: 'Look' },
  ...{ budget: { minutes: 5 }, sessionId: 'c1', key: 'key-of-the-form' },
};

test('a form goes out with its session, budget and key, and what came of it is named', async () => {
  const { host, phone } = await paired();
  host.onCall = () => task('t9');
  const steps: Delivery[] = [];
  await phone.store.act({ kind: 'submit', task: form }, (step) => steps.push(step));
  expect(steps.at(-1)).toEqual({ kind: 'done', taskId: 't9' });
  expect(host.calls).toMatchObject([
    {
      name: 'tasks.submit',
      input: {
        ...{ agent: 'demo', workspace: 'w1', session: 'c1', mode: 'read', text: 'Look' },
        ...{ budget: { minutes: 5 }, idempotencyKey: 'key-of-the-form' },
      },
    },
  ]);
});

test('a form for a host that is away waits on this phone, and goes out once when it is back', async () => {
  const { host, phone, view } = await paired();
  host.reachable = false;
  host.cut();
  await until(() => view()?.link.kind === 'offline');
  host.onCall = () => task('t9');
  const steps: Delivery[] = [];
  const over = phone.store.act({ kind: 'submit', task: form }, (step) => steps.push(step));
  await until(() => steps.some(({ kind }) => kind === 'queued'));
  expect([view()?.waiting, host.calls.length]).toEqual([1, 0]);
  host.reachable = true;
  phone.store.wake();
  await over;
  expect(steps.map(({ kind }) => kind)).toEqual(['sending', 'queued', 'sent', 'done']);
  expect(host.calls).toHaveLength(1);
});

test('steer, retry and the end of a session go to the host by their names', async () => {
  const { host, phone } = await paired();
  host.onCall = ({ name }) => (name === 'sessions.close' ? session : task('t9'));
  const hostId = 'host-1';
  const last: Delivery[] = [];
  const act = async (action: Parameters<typeof phone.store.act>[0]): Promise<void> => {
    const steps: Delivery[] = [];
    await phone.store.act(action, (step) => steps.push(step));
    last.push(...steps.slice(-1));
  };
  await act({ kind: 'steer-task', hostId, taskId: 't1', text: 'Stop that' });
  await act({ kind: 'retry-task', hostId, taskId: 't1', key: phone.store.newKey() });
  await act({ kind: 'end-session', hostId, sessionId: 'c1' });
  await act({ kind: 'cancel-task', hostId, taskId: '../t1' });
  expect(host.calls.map(({ name }) => name)).toEqual(['tasks.steer', 'tasks.retry', 'sessions.close']);
  expect(last.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'refused']);
  expect(phone.store.newKey()).toMatch(/^[A-Za-z0-9_-]{22}$/);
});

test('what is set of a session, and the end of its turn, go to the host as the contract has them', async () => {
  const { host, phone } = await paired();
  const of = { hostId: 'host-1', sessionId: 'c1' };
  host.onCall = () => session;
  const last: Delivery[] = [];
  for (const action of [
    { kind: 'set-session-mode', ...of, modeId: 'plan' },
    { kind: 'set-session-option', ...of, optionId: 'thinking', value: true },
    { kind: 'cancel-turn', ...of },
    { kind: 'set-session-mode', ...of, sessionId: '../c1', modeId: 'plan' },
  ] as const) {
    const steps: Delivery[] = [];
    await phone.store.act(action, (step) => steps.push(step));
    last.push(...steps.slice(-1));
  }
  expect(host.calls).toMatchObject([
    { name: 'sessions.setMode', input: { sessionId: 'c1', modeId: 'plan' } },
    { name: 'sessions.setOption', input: { sessionId: 'c1', optionId: 'thinking', value: true } },
    { name: 'sessions.cancel', input: { sessionId: 'c1' } },
  ]);
  expect(last.map(({ kind }) => kind)).toEqual(['done', 'done', 'done', 'refused']);
});

test('sessions, one session, a diff and a timeline are read, and refusals are told', async () => {
  const { host, phone } = await paired();
  const entries = [{ seq: 0, at, kind: 'user', text: 'Look' }];
  const answers: Record<string, unknown> = {
    'sessions.list': { sessions: [session], next: 'n1', notices: [] },
    'sessions.get': session,
    'sessions.timeline': { session, epoch: '', reset: false, entries, more: false, unreadable: 0 },
  };
  host.onRead = ({ name }) => answers[name];
  const { store } = phone;
  expect(await store.sessions('host-1', 'demo', null)).toMatchObject({
    ...{
      kind: 'ready',
      next: 'n1',
      sessions: [{ id: 'c1', origin: 'agent', folder: 'w1', hostName: 'studio' }],
    },
  });
  expect(await store.session('host-1', 'c1')).toMatchObject({ kind: 'ready', session: { title: 'Earlier' } });
  const views: TimelineView[] = [];
  const feed = store.timeline('host-1', 'c1', (view) => views.push(view));
  await until(() => views.at(-1)?.state === 'ready');
  expect(views.at(-1)?.items).toMatchObject([{ kind: 'speech', who: 'you', text: 'Look' }]);
  feed.close();
  for (const answer of [
    await store.session('host-1', '../c1'),
    await store.diff('nowhere', 't1'),
    await store.sessions('nowhere', 'demo', null),
  ]) {
    expect(answer).toEqual({ kind: 'failed', why: 'This is no longer on the host.' });
  }
});
