/** @jest-environment node */
import { ManagedProcess, ProcessDefinition } from '../../contract/supervisor.ts';
import { at } from './fake-host.ts';
import { paired, stopPhones, until } from './fake-phone.ts';
import { byNeed, isAlive, processView } from './process-view.ts';
import type { LogView } from './process-views.ts';

afterEach(stopPhones);

const definition = ProcessDefinition.parse({ name: 'web', argv: ['npm', 'start'], cwd: '/src', port: 3000 });
const shared = { id: 'p1', name: 'web', definition, restarts: 2, project: null, isolation: 'none' };
const live = { ...shared, pid: 7, startedAt: at };
const view = (process: object) => processView(ManagedProcess.parse(process));

test('a process that is up and fails its check is told apart from one that has failed, and can be stopped', () => {
  const unhealthy = view({ ...live, state: 'unhealthy', reason: 'GET / answered 500' });
  const failed = view({ ...shared, state: 'failed', reason: 'it ended again', endedAt: at, crashLoop: true });
  expect(unhealthy).toMatchObject({
    state: 'unhealthy',
    detail: 'GET / answered 500',
    restarts: 2,
    port: 3000,
  });
  expect([isAlive(unhealthy), isAlive(failed)]).toEqual([true, false]);
  expect(failed).toMatchObject({ crashLoop: true, startedAt: null, endedAt: Date.parse(at) });
  expect(
    byNeed([view({ ...live, state: 'ready', readyAt: at }), unhealthy, failed]).map(({ state }) => state),
  ).toEqual([...['failed', 'unhealthy', 'running']]);
});

test('a process that ended by itself is stopped only when it ended well', () => {
  const ended = { ...shared, state: 'exited', endedAt: at };
  expect(view({ ...ended, exitCode: 0, signal: null }).state).toBe('stopped');
  expect(view({ ...ended, exitCode: 1, signal: null })).toMatchObject({
    state: 'failed',
    detail: 'exit code 1',
  });
  expect(view({ ...ended, exitCode: null, signal: 'SIGSEGV' })).toMatchObject({
    ...{ state: 'failed', detail: 'signal SIGSEGV' },
  });
});

test('figures, lines and searches are asked of the host, and refusals are told', async () => {
  const { host, phone } = await paired();
  const line = (number: number, time = at) => ({
    ...{ number, name: 'web', stream: 'stderr', at: time, text: `token [redacted] ${String(number)}` },
  });
  const extent = { epoch: 'e1', first: 0, end: 9, runStart: 0 };
  const later = '2026-01-01T00:00:05.000Z';
  const answers: Record<string, unknown> = {
    'supervisor.figures': {
      at,
      supported: true,
      processes: [
        {
          ...{ name: 'web', processes: 3, ports: [3000] },
          samples: [
            { at, cpu: null, memory: 1 },
            { at, cpu: 0.5, memory: 2048 },
          ],
        },
      ],
      parts: [
        {
          ...{ id: 'agent-1', kind: 'agent', name: 'demo', purpose: 'task t1', pid: 9, startedAt: at },
          ...{ processes: 2, ports: [], samples: [{ at, cpu: null, memory: 4096 }] },
        },
      ],
      ended: [
        {
          ...{ id: 'tunnel-1', kind: 'tunnel', name: '', purpose: '', pid: 8, startedAt: at },
          ...{ endedAt: later, exitCode: null, signal: 'SIGTERM' },
        },
      ],
    },
    'supervisor.readLines': { ...extent, lines: [line(7), line(8)] },
    'supervisor.searchLogs': {
      found: [
        { name: 'web', extent, hits: [2, 7], lines: [line(2), line(6), line(7)], next: 2 },
        { name: 'api', extent, hits: [1], lines: [{ ...line(1, later), name: 'api' }], next: null },
      ],
    },
  };
  const asked: unknown[] = [];
  host.onRead = ({ input, name }) => {
    if (name in answers) asked.push(input);
    return (input as { wait?: unknown }).wait === undefined ? answers[name] : undefined;
  };
  const { store } = phone;
  const figures = await store.figures('host-1');
  expect(figures.kind === 'ready' && figures.of.get('web')).toEqual({
    ...{ cpu: 0.5, memory: 2048, count: 3, ports: [3000] },
  });
  expect(figures.kind === 'ready' && figures.parts).toEqual([
    { id: 'agent-1', kind: 'agent', name: 'demo', startedAt: Date.parse(at), memory: 4096 },
  ]);
  expect(figures.kind === 'ready' && figures.ended).toEqual([
    {
      id: 'tunnel-1',
      kind: 'tunnel',
      name: '',
      endedAt: Date.parse(later),
      exitCode: null,
      signal: 'SIGTERM',
    },
  ]);
  const views: LogView[] = [];
  const feed = store.log('host-1', { name: 'web', streams: 'stderr' }, (log) => views.push(log));
  await until(() => views.at(-1)?.state === 'ready');
  expect(views.at(-1)?.lines.map(({ text }) => text)).toEqual(['token [redacted] 7', 'token [redacted] 8']);
  feed.close();
  const everywhere = await store.searchLogs('host-1', { name: null, text: 'token', after: null });
  expect(everywhere).toMatchObject({
    ...{ kind: 'ready', more: true, next: null },
    lines: [
      { name: 'api', number: 1 },
      { name: 'web', number: 7 },
      { name: 'web', number: 2 },
    ],
  });
  expect(asked).toEqual([
    {},
    { name: 'web', streams: 'stderr', from: -200, count: 200 },
    { what: { kind: 'text', text: 'token' }, caseSensitive: false, limit: 100 },
  ]);
  expect(await store.figures('nowhere')).toEqual({ kind: 'failed', why: 'This is no longer on the host.' });
});

test('a search of one process goes on where its page ended', async () => {
  const { host, phone } = await paired();
  const extent = { epoch: 'e1', first: 0, end: 900, runStart: 0 };
  let input: unknown;
  host.onRead = (call) => {
    if (call.name !== 'supervisor.searchLogs') return undefined;
    ({ input } = call);
    return { found: [{ name: 'web', extent, hits: [], lines: [], next: 400 }] };
  };
  const after = { epoch: 'e1', number: 800 };
  expect(await phone.store.searchLogs('host-1', { name: 'web', text: 'x', after })).toMatchObject({
    next: { epoch: 'e1', number: 400 },
  });
  expect(input).toMatchObject({ names: ['web'], after });
});

test('of what a part printed its end is read, and what is not kept any more is told apart from a failure', async () => {
  const { host, phone } = await paired();
  host.onRead = ({ id, input, name }) => {
    if (name !== 'supervisor.readPartOutput') return undefined;
    const part = (input as { id: string }).id;
    if (part === 'agent-7') return { text: 'warning: key [redacted]\n', missing: 2048 };
    const code = part === 'agent-8' ? 'not_found' : 'unavailable';
    host.push({ type: 'reply', id, reply: { ok: false, error: { code, message: `no ${part}` } } });
    return undefined;
  };
  const read = (id: string) => phone.store.partOutput('host-1', id);
  expect(await read('agent-7')).toEqual({ kind: 'ready', text: 'warning: key [redacted]\n', missing: 2048 });
  expect(await read('agent-8')).toEqual({ kind: 'gone' });
  expect(await read('agent-9')).toEqual({ kind: 'failed', why: 'no agent-9' });
  expect(await phone.store.partOutput('nowhere', 'agent-7')).toMatchObject({ kind: 'failed' });
});
