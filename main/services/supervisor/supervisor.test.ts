import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ByteChunk } from '../../../contract/byte-stream.ts';
import { createBench, owner, shell, viewer, type Bench } from './fakes.ts';

let bench: Bench;
beforeEach(() => void (bench = createBench()));
afterEach(() => bench.end());

const forever = 'while :; do sleep 60; done';
const wait = (
  name: string,
  until: Parameters<Bench['call']['supervisor.wait']>[0]['until'],
  timeoutMs = 10_000,
) => bench.call['supervisor.wait']({ name, until, timeoutMs }, viewer);
const log = (name: string, stream = 'stdout') =>
  readFileSync(join(bench.folder, 'logs', name, `${stream}.log`), 'utf8');
const freePort = async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
};
const settled = (name: string) =>
  bench.until(() => ['exited', 'failed', 'stopped'].includes(bench.state(name)?.state ?? ''));

test('a process runs, its output is in its logs and its end is told', async () => {
  const { process, outcome } = await bench.call['supervisor.run'](
    shell('web', 'echo out; echo err >&2; exit 3'),
    owner,
  );
  expect(outcome).toBe('started');
  expect(process).toMatchObject({ state: 'running', isolation: 'none' });
  await settled('web');
  expect(bench.state('web')).toMatchObject({ state: 'exited', exitCode: 3, signal: null });
  expect(log('web')).toBe('out\n');
  expect(log('web', 'stderr')).toBe('err\n');
  expect(bench.audit.map((entry) => entry.type)).toEqual(['process.started', 'process.ended']);
});

test('only an allow-list of the environment reaches a process, with PORT and HOST of its port', async () => {
  const port = await freePort();
  await bench.call['supervisor.run'](shell('web', 'env', { port, env: { MINE: '1' } }), owner);
  await settled('web');
  const names = log('web')
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names).not.toContain('SECRET_OF_HOST');
  expect(log('web')).toContain(`PORT=${port}\n`);
  expect(log('web')).toContain('HOST=127.0.0.1\n');
  expect(log('web')).toContain('MINE=1\n');
});

test('files that a process makes have the rights that they have in a shell', async () => {
  const before = process.umask(0o027);
  await bench.call['supervisor.run'](shell('web', 'umask'), owner);
  process.umask(before);
  await settled('web');
  expect(log('web')).toBe('0027\n');
});

test('inheritEnv passes on the environment', async () => {
  await bench.call['supervisor.run'](shell('web', 'echo $SECRET_OF_HOST', { inheritEnv: true }), owner);
  await settled('web');
  expect(log('web')).toBe('no\n');
});

test('the same definition again changes nothing and a changed one restarts the process', async () => {
  const first = await bench.call['supervisor.run'](shell('web', forever, { env: { A: '1', B: '2' } }), owner);
  const again = await bench.call['supervisor.run'](shell('web', forever, { env: { B: '2', A: '1' } }), owner);
  expect(again).toEqual({ process: first.process, outcome: 'unchanged' });
  const changed = await bench.call['supervisor.run'](shell('web', forever, { env: { A: '2' } }), owner);
  expect(changed.outcome).toBe('restarted');
  expect(changed.process).not.toMatchObject({ pid: (first.process as { pid: number }).pid });
});

test('the name of an ended process can be run again', async () => {
  await bench.call['supervisor.run'](shell('job', 'exit 0'), owner);
  await settled('job');
  expect((await bench.call['supervisor.run'](shell('job', 'exit 0'), owner)).outcome).toBe('started');
});

test('a text makes a process ready, also without a line break and over broken UTF-8', async () => {
  const line = `printf '\\377\\376 list'; printf 'ening > '; ${forever}`;
  await bench.call['supervisor.run'](
    shell('web', line, { ready: { kind: 'text', text: 'listening' } }),
    owner,
  );
  expect(await wait('web', { kind: 'ready' })).toEqual({ outcome: 'happened', line: null });
  expect(bench.state('web')?.state).toBe('ready');
});

test('a pattern on the standard error makes a process ready', async () => {
  const ready = { kind: 'regex', pattern: '^port \\d+$' } as const;
  await bench.call['supervisor.run'](shell('web', `echo port 80 >&2; ${forever}`, { ready }), owner);
  expect((await wait('web', { kind: 'ready' })).outcome).toBe('happened');
});

test.each(['tcp', 'http'] as const)('a server is ready when its %s port answers', async (kind) => {
  const port = await freePort();
  const ready = kind === 'tcp' ? { kind, port } : { kind, url: `http://127.0.0.1:${port}/` };
  const script = `setTimeout(() => require('http').createServer((q, s) => s.end('ok')).listen(${port}, '127.0.0.1'), 100)`;
  await bench.call['supervisor.run'](
    { ...shell('web', '', { ready }), argv: [process.execPath, '-e', script] },
    owner,
  );
  expect(bench.state('web')?.state).toBe('starting');
  expect((await wait('web', { kind: 'ready' })).outcome).toBe('happened');
});

test('a port that another program holds is refused before anything starts', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await expect(bench.call['supervisor.run'](shell('web', forever, { port }), owner)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(bench.state('web')).toMatchObject({ state: 'failed' });
  server.close();
});

test('a process that asks for any port gets one of its own from 4000 to 4999, and keeps it', async () => {
  const any = (name: string, line: string) => shell(name, line, { autoPort: true });
  const started = await Promise.all(
    ['a', 'b', 'c'].map(async (name) =>
      bench.call['supervisor.run'](any(name, `echo "$PORT $HOST"; ${forever}`), owner),
    ),
  );
  const ports = started.map(({ process }) => process.definition.port ?? 0);
  expect(new Set(ports).size).toBe(3);
  for (const port of ports) expect(port >= 4000 && port <= 4999).toBe(true);
  await wait('a', { kind: 'text', text: `${ports[0]} 127.0.0.1` });
  const again = await bench.call['supervisor.run'](any('a', `echo "$PORT $HOST"; ${forever}`), owner);
  expect(again.outcome).toBe('unchanged');
  const changed = await bench.call['supervisor.run'](any('a', forever), owner);
  expect([changed.outcome, changed.process.definition.port]).toEqual(['restarted', ports[0]]);
  // Somebody else has taken it meanwhile.
  await bench.call['supervisor.stop']({ name: 'b' }, owner);
  const other = createServer().listen(ports[1], '127.0.0.1');
  await once(other, 'listening');
  const moved = await bench.call['supervisor.run'](any('b', forever), owner);
  expect(ports).not.toContain(moved.process.definition.port);
  other.close();
});

test('what is stopped while it is being started is stopped', async () => {
  const starting = bench.call['supervisor.run'](shell('web', forever), owner);
  const { stopped } = await bench.call['supervisor.stopAll']({}, owner);
  await starting;
  expect(stopped).toEqual(['web']);
  expect(bench.state('web')?.state).toBe('stopped');
});

test('what is run while it is being removed does not come back', async () => {
  await bench.call['supervisor.run'](shell('web', forever), owner);
  const removing = bench.call['supervisor.remove']({ name: 'web' }, owner);
  await expect(bench.call['supervisor.run'](shell('web', 'exit 0'), owner)).rejects.toMatchObject({
    code: 'unavailable',
  });
  await removing;
  expect(bench.events.at(-1)).toEqual({ type: 'process.removed', name: 'web' });
  expect(bench.make().snapshot()).toEqual([]);
});

test('an end before it is ready fails at once with the last lines', async () => {
  const ready = { kind: 'text', text: 'never' } as const;
  await bench.call['supervisor.run'](
    shell('web', 'echo starting; echo no hunter2 >&2; exit 4', { ready }),
    owner,
  );
  expect(await wait('web', { kind: 'ready' })).toMatchObject({ outcome: 'ended-first' });
  const state = bench.state('web');
  expect(state).toMatchObject({ state: 'failed' });
  expect(JSON.stringify(state)).toContain('ended with code 4 before it was ready');
  expect(JSON.stringify(state)).toContain('no [secret]');
});

test('a process that is not ready in time is unhealthy, and ready when it comes late', async () => {
  const go = join(bench.folder, 'go');
  const ready = { kind: 'text', text: 'up' } as const;
  const line = `while [ ! -e ${go} ]; do sleep 0.02; done; echo up; ${forever}`;
  await bench.call['supervisor.run'](shell('web', line, { ready, readyTimeoutMs: 100 }), owner);
  await bench.until(() => bench.state('web')?.state === 'unhealthy');
  expect(JSON.stringify(bench.state('web'))).toContain('not ready after 0.1 s');
  writeFileSync(go, '');
  await bench.until(() => bench.state('web')?.state === 'ready');
});

test('a program that does not exist fails with its name', async () => {
  const definition = { ...shell('web', ''), argv: ['/no/such/program'] };
  await expect(bench.call['supervisor.run'](definition, owner)).rejects.toMatchObject({ code: 'not_found' });
  expect(bench.state('web')).toMatchObject({ state: 'failed' });
  expect(JSON.stringify(bench.state('web'))).toContain('no such program');
});

test('nothing starts that cannot be put on record', async () => {
  bench.auditor.fails = true;
  await expect(bench.call['supervisor.run'](shell('web', forever), owner)).rejects.toThrow('disk full');
  expect(bench.state('web')?.state).toBe('failed');
});

test('a crash loop backs off, gives up and says so', async () => {
  const restart = { mode: 'on-failure', maxRestarts: 2, delayMs: 1 } as const;
  await bench.call['supervisor.run'](shell('web', 'echo boom; exit 1', { restart }), owner);
  await bench.until(() => bench.state('web')?.state === 'failed');
  const states = bench.events.flatMap((event) =>
    event.type === 'process.changed' ? [event.process.state] : [],
  );
  expect(states.filter((state) => state === 'backing-off')).toHaveLength(2);
  expect(bench.state('web')).toMatchObject({ restarts: 2 });
  expect(JSON.stringify(bench.state('web'))).toMatch(/crash loop: 2 restarts.*ended with code 1: boom/);
  expect(readFileSync(join(bench.folder, 'logs/web/stderr.log.1'), 'utf8')).toContain(
    '[signalbox] ended with code 1',
  );
});

test('a stop during the back-off is final', async () => {
  const restart = { mode: 'always', maxRestarts: 10, delayMs: 60_000 } as const;
  await bench.call['supervisor.run'](shell('web', 'exit 0', { restart }), owner);
  await bench.until(() => bench.state('web')?.state === 'backing-off');
  expect(await bench.call['supervisor.stop']({ name: 'web' }, owner)).toMatchObject({ state: 'stopped' });
});

test('a stopped process is not restarted by its policy', async () => {
  const restart = { mode: 'always', maxRestarts: 10, delayMs: 1 } as const;
  await bench.call['supervisor.run'](shell('web', forever, { restart }), owner);
  expect(await bench.call['supervisor.stop']({ name: 'web' }, owner)).toMatchObject({
    state: 'stopped',
    restarts: 0,
  });
});

test('stopping a stubborn process holds up no other one', async () => {
  await bench.call['supervisor.run'](shell('stubborn', `trap '' TERM; echo up; ${forever}`), owner);
  await wait('stubborn', { kind: 'text', text: 'up' });
  const { pid } = bench.state('stubborn') as unknown as { pid: number };
  const stopping = bench.call['supervisor.stop']({ name: 'stubborn' }, owner);
  await bench.call['supervisor.run'](shell('web', 'echo hi'), owner);
  await settled('web');
  expect(bench.state('stubborn')?.state).toBe('stopping');
  process.kill(-pid, 'SIGKILL');
  expect((await stopping).state).toBe('stopped');
});

test('stop all stops all at the same time and names them', async () => {
  await Promise.all(
    ['a', 'b', 'c'].map(async (name) => bench.call['supervisor.run'](shell(name, forever), owner)),
  );
  const { stopped } = await bench.call['supervisor.stopAll']({}, owner);
  expect(stopped.sort()).toEqual(['a', 'b', 'c']);
  expect(bench.supervisor.snapshot().map((one) => one.state)).toEqual(['stopped', 'stopped', 'stopped']);
});

test('restart starts with a fresh log and keeps the old one', async () => {
  await bench.call['supervisor.run'](shell('web', `echo run; ${forever}`), owner);
  await wait('web', { kind: 'text', text: 'run' });
  await bench.call['supervisor.restart']({ name: 'web' }, owner);
  await wait('web', { kind: 'text', text: 'run' });
  expect(log('web')).toBe('run\n');
  expect(readFileSync(join(bench.folder, 'logs/web/stdout.log.1'), 'utf8')).toBe('run\n');
});

test('remove forgets the definition, keeps the log and frees the name', async () => {
  await bench.call['supervisor.run'](shell('web', `echo hi; ${forever}`), owner);
  await wait('web', { kind: 'text', text: 'hi' });
  await bench.call['supervisor.remove']({ name: 'web' }, owner);
  expect(bench.supervisor.snapshot()).toEqual([]);
  expect(bench.events.at(-1)).toEqual({ type: 'process.removed', name: 'web' });
  expect(log('web')).toBe('hi\n');
  expect(bench.make().snapshot()).toEqual([]);
  expect((await bench.call['supervisor.run'](shell('web', 'exit'), owner)).outcome).toBe('started');
});

test('wait ends when the process ends, on time, and finds what was printed before', async () => {
  await bench.call['supervisor.run'](shell('web', `echo one two; ${forever}`), owner);
  expect(await wait('web', { kind: 'text', text: 'two' })).toEqual({ outcome: 'happened', line: 'one two' });
  expect(await wait('web', { kind: 'regex', pattern: '^one' })).toEqual({
    outcome: 'happened',
    line: 'one two',
  });
  expect(await wait('web', { kind: 'text', text: 'three' }, 50)).toEqual({
    outcome: 'timed-out',
    line: null,
  });
  const forThree = wait('web', { kind: 'text', text: 'three' });
  const forExit = wait('web', { kind: 'exit' });
  await bench.call['supervisor.stop']({ name: 'web' }, owner);
  expect((await forThree).outcome).toBe('ended-first');
  expect((await forExit).outcome).toBe('happened');
  await expect(wait('nobody', { kind: 'exit' })).rejects.toMatchObject({ code: 'not_found' });
});

test('a pattern that would block the host for ever is refused', async () => {
  await bench.call['supervisor.run'](shell('web', `echo ${'a'.repeat(60)}!; ${forever}`), owner);
  await wait('web', { kind: 'text', text: '!' });
  await expect(wait('web', { kind: 'regex', pattern: '^(a+)+$' })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(wait('web', { kind: 'regex', pattern: '(' })).rejects.toMatchObject({ code: 'invalid_input' });
});

test('a log is read by byte offset, from either end, through the outbound gate', async () => {
  await bench.call['supervisor.run'](shell('web', 'printf "0123456789 hunter2"'), owner);
  await settled('web');
  const read = (offset: number, maxBytes: number) =>
    bench.call['supervisor.readLog']({ name: 'web', stream: 'stdout', offset, maxBytes }, viewer);
  expect(await read(2, 3)).toEqual({ text: '234', offset: 2, nextOffset: 5, size: 18 });
  expect(await read(-7, 100)).toEqual({ text: '[secret]', offset: 11, nextOffset: 18, size: 18 });
  expect(await read(500, 10)).toEqual({ text: '', offset: 18, nextOffset: 18, size: 18 });
});

test('followers of the log are told when it grows', async () => {
  await bench.call['supervisor.run'](shell('web', `read line; echo late; ${forever}`), owner);
  let seen = '';
  const done = new Promise<void>((resolve) => {
    const listener = { chunk: (chunk: ByteChunk) => (seen += chunk.text) && resolve(), end() {} };
    expect(bench.streams.follow({ kind: 'log', name: 'web', stream: 'stdout' }, 0, listener)).not.toBeNull();
  });
  await bench.call['supervisor.run'](shell('web', `echo late; ${forever}`), owner);
  await done;
  expect(seen).toBe('late\n');
});

test('a log folder that is removed while the process prints does not hurt', async () => {
  const go = join(bench.folder, 'go');
  const line = `echo one; while [ ! -e ${go} ]; do sleep 0.02; done; echo two; ${forever}`;
  await bench.call['supervisor.run'](shell('web', line), owner);
  await wait('web', { kind: 'text', text: 'one' });
  rmSync(join(bench.folder, 'logs'), { recursive: true });
  const waiting = wait('web', { kind: 'text', text: 'two' });
  writeFileSync(go, '');
  expect((await waiting).outcome).toBe('happened');
  expect(log('web')).toBe('two\n');
});

test('a host that starts while the processes of the last one live takes them over and forgets nothing', async () => {
  await bench.call['supervisor.run'](shell('live', forever), owner);
  await bench.call['supervisor.run'](shell('done', 'exit 5'), owner);
  await settled('done');
  await bench.call['supervisor.run'](shell('held', forever), owner);
  await bench.call['supervisor.stop']({ name: 'held' }, owner);
  bench.db.run('INSERT INTO processes (name, body) VALUES (?, ?)', 'broken', '{"state":"running"}');
  const next = bench.make();
  await next.start();
  const byName = Object.fromEntries(next.snapshot().map((one) => [one.name, one]));
  expect(byName['live']).toMatchObject({ state: 'running', adopted: true });
  expect(byName['done']).toMatchObject({ state: 'exited', exitCode: 5 });
  expect(byName['held']).toMatchObject({ state: 'stopped' });
  expect(byName['broken']).toBeUndefined();
  await next.stop();
});

test('a stopped host starts nothing more and leaves nothing running', async () => {
  await bench.call['supervisor.run'](shell('web', forever, { port: await freePort() }), owner);
  expect(bench.supervisor.portOf('web')).toBeGreaterThan(0);
  await bench.supervisor.stop();
  expect(bench.state('web')?.state).toBe('stopped');
  expect(bench.supervisor.portOf('web')).toBeNull();
  await expect(bench.call['supervisor.start']({ name: 'web' }, owner)).rejects.toMatchObject({
    code: 'unavailable',
  });
  await expect(bench.call['supervisor.run'](shell('new', forever), owner)).rejects.toMatchObject({
    code: 'unavailable',
  });
});

function projectFile(text: string, name = 'signalbox.yaml'): string {
  const file = join(bench.folder, name);
  writeFileSync(file, text);
  return file;
}

test('up starts dependencies first and waits until they are ready; down stops dependents first', async () => {
  const file = projectFile(`
session: demo
processes:
  web: { cmd: 'echo web; ${forever}', depends_on: [api] }
  api: { cmd: 'sleep 0.1; echo listening; ${forever}', ready: listening, depends_on: [db, seed] }
  db: { cmd: [/bin/sh, -c, '${forever}'] }
  seed: { cmd: exit 0 }
`);
  const { processes } = await bench.call['supervisor.up']({ file: bench.folder }, owner);
  expect(processes.map(({ process }) => process.name).sort()).toEqual(['api', 'db', 'seed', 'web']);
  expect(processes.every(({ outcome }) => outcome === 'started')).toBe(true);
  const order = bench.audit.filter((entry) => entry.type === 'process.started').map((entry) => entry.object);
  expect(order.slice(2)).toEqual(['api', 'web']);
  expect(bench.state('web')).toMatchObject({ project: file, definition: { cwd: bench.folder } });
  expect(log('web', 'stderr')).toContain('`session` has no effect');

  const again = await bench.call['supervisor.up']({ file, only: ['web'] }, owner);
  expect(
    again.processes
      .filter(({ outcome }) => outcome === 'unchanged')
      .map((one) => one.process.name)
      .sort(),
  ).toEqual(['api', 'db', 'web']);
  rmSync(file);
  const { stopped } = await bench.call['supervisor.down']({ file }, owner);
  // The second `up` ran the seed again; whether it has ended by itself yet is its own affair.
  expect(stopped.filter((name) => name !== 'seed')).toEqual(['web', 'api', 'db']);
});

test('up with "only" starts what is needed too and nothing else', async () => {
  const file = projectFile(`
processes:
  a: { cmd: '${forever}', depends_on: [b] }
  b: { cmd: '${forever}' }
  c: { cmd: '${forever}' }
`);
  await bench.call['supervisor.up']({ file, only: ['a'] }, owner);
  expect(
    bench.supervisor
      .snapshot()
      .map((one) => one.name)
      .sort(),
  ).toEqual(['a', 'b']);
  await expect(bench.call['supervisor.up']({ file, only: ['x'] }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('what depends on a process that does not come up is not started and the error says why', async () => {
  const file = projectFile(`
processes:
  bad: { cmd: 'echo cannot bind; exit 1', ready: up }
  web: { cmd: 'touch started; ${forever}', depends_on: [bad] }
  other: { cmd: '${forever}' }
`);
  await expect(bench.call['supervisor.up']({ file }, owner)).rejects.toMatchObject({
    code: 'unavailable',
    message: 'bad: ended with code 1 before it was ready: cannot bind; not started because of that: web',
    data: { failed: ['bad'], notStarted: ['web'], running: ['other'] },
  });
  expect(existsSync(join(bench.folder, 'started'))).toBe(false);
});

test('a process of another project is not taken over', async () => {
  await bench.call['supervisor.up'](
    { file: projectFile(`processes: { web: { cmd: '${forever}' } }`) },
    owner,
  );
  const other = projectFile(`processes: { web: { cmd: sleep 61 } }`, 'other.yaml');
  await expect(bench.call['supervisor.up']({ file: other }, owner)).rejects.toMatchObject({
    code: 'conflict',
  });
});
