/** @jest-environment node */
import { at } from './fake-host.ts';
import { paired, stopPhones, until } from './fake-phone.ts';
import type { RunView } from './predefined-views.ts';
import type { Delivery } from './views.ts';

afterEach(stopPhones);

const run = { id: 'r1', name: 'smoke', startedBy: 'device:1', requestedAt: at, state: 'waiting' };

test('a command is started by its name and goes on without this phone; its run can be stopped', async () => {
  const { host, phone } = await paired();
  host.onCall = () => run;
  const last: Delivery[] = [];
  for (const action of [
    { kind: 'start-action', hostId: 'host-1', name: 'smoke' },
    { kind: 'stop-action', hostId: 'host-1', runId: 'r1' },
    { kind: 'stop-action', hostId: 'host-1', runId: '../r1' },
  ] as const) {
    const steps: Delivery[] = [];
    await phone.store.act(action, (step) => steps.push(step));
    last.push(...steps.slice(-1));
  }
  expect(last[0]).toEqual({ kind: 'done', runId: 'r1' });
  expect(last.map(({ kind }) => kind)).toEqual(['done', 'done', 'refused']);
  expect(host.calls).toMatchObject([
    { name: 'tasks.startAction', input: { name: 'smoke', whenUnread: 'continue' } },
    { name: 'tasks.stopAction', input: { runId: 'r1' } },
  ]);
});

test('commands, runs, their output and logs are read, and what is gone is told', async () => {
  const { host, phone } = await paired();
  const { store } = phone;
  const answers: Record<string, unknown> = {
    'tasks.actions': { actions: [], logSources: [], unusable: [{ name: 'old', reason: 'gone' }] },
    'tasks.actionRuns': { runs: [run] },
    'tasks.readLogSource': { name: 'server', text: 'GET /\n', truncated: true },
    'tasks.readActionOutput': { run, text: '', offset: 0, nextOffset: 0, end: 0 },
  };
  host.onRead = ({ input, name }) =>
    (input as { wait?: unknown }).wait === undefined ? answers[name] : undefined;
  expect(await store.predefined('host-1')).toMatchObject({
    ...{ kind: 'ready', unusable: [{ name: 'old' }], runs: [{ id: 'r1', state: 'waiting' }] },
  });
  expect(await store.logSource('host-1', 'server', 200)).toEqual({
    ...{ kind: 'ready', text: 'GET /\n', truncated: true },
  });
  const views: RunView[] = [];
  const feed = store.actionRun('host-1', 'r1', (view) => views.push(view));
  await until(() => views.at(-1)?.run?.state === 'waiting');
  feed.close();
  expect(await store.logSource('nowhere', 'server', 200)).toEqual({
    ...{ kind: 'failed', why: 'This is no longer on the host.' },
  });
  store.actionRun('host-1', '../r1', (view) => views.push(view)).close();
  expect(views.at(-1)).toMatchObject({ state: 'failed', run: null });
});
