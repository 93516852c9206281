import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBench, forever, freePort, owner, shell, type Bench } from './fakes.ts';

let bench: Bench;
beforeEach(() => void (bench = createBench()));
afterEach(() => bench.end());

test('a process runs, its output is in its logs and its end is told', async () => {
  const { process, outcome } = await bench.call['supervisor.run'](
    shell('web', 'echo out; echo err >&2; exit 3'),
    owner,
  );
  expect(outcome).toBe('started');
  expect(process).toMatchObject({ state: 'running', isolation: 'none' });
  await bench.settled('web');
  expect(bench.state('web')).toMatchObject({ state: 'exited', exitCode: 3, signal: null });
  expect(bench.log('web')).toBe('out\n');
  expect(bench.log('web', 'stderr')).toBe('err\n');
  expect(bench.audit.map((entry) => entry.type)).toEqual(['process.started', 'process.ended']);
});

test('only an allow-list of the environment reaches a process, with PORT and HOST of its port', async () => {
  const port = await freePort();
  await bench.call['supervisor.run'](shell('web', 'env', { port, env: { MINE: '1' } }), owner);
  await bench.settled('web');
  const names = bench
    .log('web')
    .split('\n')
    .map((line) => line.split('=')[0]);
  expect(names).not.toContain('SECRET_OF_HOST');
  expect(bench.log('web')).toContain(`PORT=${port}\n`);
  expect(bench.log('web')).toContain('HOST=127.0.0.1\n');
  expect(bench.log('web')).toContain('MINE=1\n');
});

test('files that a process makes have the rights that they have in a shell', async () => {
  const before = process.umask(0o027);
  await bench.call['supervisor.run'](shell('web', 'umask'), owner);
  process.umask(before);
  await bench.settled('web');
  expect(bench.log('web')).toBe('0027\n');
});

test('inheritEnv passes on the environment', async () => {
  await bench.call['supervisor.run'](shell('web', 'echo $SECRET_OF_HOST', { inheritEnv: true }), owner);
  await bench.settled('web');
  expect(bench.log('web')).toBe('no\n');
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
  await bench.settled('job');
  expect((await bench.call['supervisor.run'](shell('job', 'exit 0'), owner)).outcome).toBe('started');
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
  await bench.wait('a', { kind: 'text', text: `${ports[0]} 127.0.0.1` });
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

test('a host that starts while the processes of the last one live takes them over and forgets nothing', async () => {
  await bench.call['supervisor.run'](shell('live', forever), owner);
  await bench.call['supervisor.run'](shell('done', 'exit 5'), owner);
  await bench.settled('done');
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
