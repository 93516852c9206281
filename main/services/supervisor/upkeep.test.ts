import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createListener, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSandbox } from '../../guard/sandbox.ts';
import { createBench, owner, shell, type Bench } from './fakes.ts';

const forever = 'while :; do sleep 0.05; done';
let bench: Bench;
const servers: Server[] = [];

beforeEach(() => {
  bench = createBench();
});
afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await bench.end();
});

const wait = (
  name: string,
  until: Parameters<Bench['call']['supervisor.wait']>[0]['until'],
  timeoutMs = 10_000,
) => bench.call['supervisor.wait']({ name, until, timeoutMs }, owner);
const stateOf = (name: string) => bench.state(name)?.state;
const reasonOf = (name: string) => {
  const process = bench.state(name);
  return process && 'reason' in process ? process.reason : '';
};
const restartsOf = (name: string) => bench.state(name)?.restarts ?? -1;
const file = (path: string, text = '') => writeFileSync(join(bench.folder, path), text);

/** A server that answers with the status of the moment. */
async function serve(status: () => number): Promise<string> {
  const server = createServer((_request, response) => response.writeHead(status()).end());
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('a command that ends with 0 makes a process ready, in its folder and its environment', async () => {
  const argv = ['/bin/sh', '-c', 'test "$WORD" = yes && test -e go'];
  const ready = { kind: 'command', argv } as const;
  await bench.call['supervisor.run'](
    shell('web', forever, { ready, cwd: bench.folder, env: { WORD: 'yes' } }),
    owner,
  );
  expect(stateOf('web')).toBe('starting');
  file('go');
  expect((await wait('web', { kind: 'ready' })).outcome).toBe('happened');
});

test('only a status of the range makes a process ready', async () => {
  let status = 200;
  const url = await serve(() => status);
  const ready = { kind: 'http', url, status: [201, 204] as [number, number] } as const;
  await bench.call['supervisor.run'](shell('web', forever, { ready, readyTimeoutMs: 200 }), owner);
  await bench.until(() => stateOf('web') === 'unhealthy');
  status = 204;
  expect((await wait('web', { kind: 'ready' })).outcome).toBe('happened');
});

test('a process that stops to answer is unhealthy, and well again when it answers', async () => {
  let status = 200;
  const url = await serve(() => status);
  const health = { check: { kind: 'http', url }, intervalMs: 100, failures: 2 } as const;
  await bench.call['supervisor.run'](shell('web', forever, { health }), owner);
  expect(stateOf('web')).toBe('running');
  status = 500;
  await bench.until(() => stateOf('web') === 'unhealthy');
  expect(reasonOf('web')).toContain('2 health checks in a row failed');
  status = 200;
  await bench.until(() => stateOf('web') === 'running');
  status = 500;
  await bench.until(() => stateOf('web') === 'unhealthy');
  expect(await bench.call['supervisor.stop']({ name: 'web' }, owner)).toMatchObject({ state: 'stopped' });
});

test('a process that is to be restarted when it is unhealthy is', async () => {
  const argv = ['test', '-e', 'well'];
  const health = {
    check: { kind: 'command', argv },
    ...{ intervalMs: 100, failures: 1, restart: true },
  } as const;
  const line = `touch well; echo up; ${forever}`;
  const ready = { kind: 'text', text: 'up' } as const;
  await bench.call['supervisor.run'](shell('web', line, { health, ready, cwd: bench.folder }), owner);
  await bench.until(() => stateOf('web') === 'ready');
  rmSync(join(bench.folder, 'well'));
  await bench.until(() => restartsOf('web') === 1 && stateOf('web') === 'ready');
  expect(
    bench.events.some((event) => event.type === 'process.changed' && event.process.state === 'unhealthy'),
  ).toBe(true);
});

test('what depends on a process that fails is stopped, and says why', async () => {
  file(
    'signalbox.yaml',
    `processes:
  db: { cmd: 'while [ ! -e crash ]; do sleep 0.02; done; echo no space; exit 9', autorestart: on-failure, max_restarts: 0 }
  api: { cmd: '${forever}', depends_on: [db] }
  web: { cmd: '${forever}', depends_on: [api] }
  other: { cmd: '${forever}' }
`,
  );
  await bench.call['supervisor.up']({ file: bench.folder }, owner);
  file('crash');
  await bench.until(() => stateOf('web') === 'failed');
  expect(reasonOf('api')).toMatch(/^it depends on db, which failed: .*code 9.*no space/);
  expect(reasonOf('web')).toMatch(/^it depends on api, which failed: it depends on db/);
  expect(stateOf('other')).toBe('running');
});

test('a project whose failed process is mended leaves alone what was started by hand meanwhile', async () => {
  const project = (db: string) =>
    file(
      'signalbox.yaml',
      `processes:\n  db: { cmd: '${db}', ready: up }\n  api: { cmd: '${forever}', depends_on: [db] }\n`,
    );
  const up = async () => bench.call['supervisor.up']({ file: bench.folder }, owner);
  project(`echo up; ${forever}`);
  await up();
  project('exit 1');
  await expect(up()).rejects.toMatchObject({ code: 'unavailable' });
  expect(stateOf('api')).toBe('failed');
  const { pid } = (await bench.call['supervisor.start']({ name: 'api' }, owner)) as { pid: number };
  project(`echo up; ${forever}`);
  const { processes } = await up();
  expect(processes.map(({ process, outcome }) => [process.name, outcome])).toEqual([
    ['db', 'started'],
    ['api', 'unchanged'],
  ]);
  expect(bench.state('api')).toMatchObject({ pid });
});

test('what ran before and depends on a process that does not come up is stopped with the reason', async () => {
  const project = (db: string) =>
    file(
      'signalbox.yaml',
      `processes:\n  db: { cmd: '${db}', ready: up }\n  api: { cmd: '${forever}', depends_on: [db] }\n`,
    );
  project(`echo up; ${forever}`);
  await bench.call['supervisor.up']({ file: bench.folder }, owner);
  project('exit 1');
  await expect(bench.call['supervisor.up']({ file: bench.folder }, owner)).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(stateOf('api')).toBe('failed');
  expect(reasonOf('api')).toContain('it depends on db');
});

const watchRule = (paths: string[], ignore: string[] = []) => ({ paths, ignore, debounceMs: 500 });

/** What each of its restarts was because of, oldest first; the last runs' logs are kept. */
function reasonsOf(name: string): string[] {
  const files = ['.5', '.4', '.3', '.2', '.1', ''].map((end) =>
    join(bench.folder, 'logs', name, `stderr.log${end}`),
  );
  const texts = files.filter((path) => existsSync(path)).map((path) => readFileSync(path, 'utf8'));
  return [...texts.join('').matchAll(/\[signalbox\] restarted: (.*)/g)].map(([, reason = '']) => reason);
}

test('a storm of changes is one restart, and what is ignored is none', async () => {
  for (const folder of ['src/deep', 'node_modules/x', 'tmp'])
    mkdirSync(join(bench.folder, folder), { recursive: true });
  const watch = watchRule(['src/**', '*.json'], ['*.log']);
  await bench.call['supervisor.run'](shell('web', forever, { watch, cwd: bench.folder }), owner);
  // At once: nobody waits until all files were looked through.
  for (let count = 0; count < 500; count += 1) file(`src/deep/file${count}.ts`, 'x');
  await bench.until(() => restartsOf('web') === 1);
  for (const path of ['node_modules/x/a.ts', 'src/a.log', 'tmp/a.ts', 'src/b.swp']) file(path, 'x');
  file('package.json', '{}');
  // Whatever had been noticed of the storm or of what is ignored would be named with it, or be a restart of its own.
  await bench.until(() => restartsOf('web') === 2);
  await bench.call['supervisor.stop']({ name: 'web' }, owner);
  expect(reasonsOf('web')).toEqual([
    expect.stringMatching(/^src\/deep.* and 19 more changed$/),
    'package.json changed',
  ]);
  process.stdout.write('file watch: 500 changed files, 1 restart\n');
});

test('a change revives what has failed, and leaves alone what a person has stopped', async () => {
  mkdirSync(join(bench.folder, 'src'));
  const watch = watchRule(['src/**']);
  const line = `test -e src/broken && exit 1; echo up; ${forever}`;
  const restart = { mode: 'on-failure', maxRestarts: 0 } as const;
  await bench.call['supervisor.run'](shell('web', line, { watch, restart, cwd: bench.folder }), owner);
  await wait('web', { kind: 'text', text: 'up' });
  file('src/broken');
  await bench.until(() => stateOf('web') === 'failed');
  rmSync(join(bench.folder, 'src/broken'));
  await bench.until(() => stateOf('web') === 'running');
  await bench.call['supervisor.run'](shell('witness', forever, { watch, cwd: bench.folder }), owner);
  const before = restartsOf('web');
  await bench.call['supervisor.stop']({ name: 'web' }, owner);
  file('src/again.ts');
  await bench.until(() => restartsOf('witness') === 1);
  expect(bench.state('web')).toMatchObject({ state: 'stopped', restarts: before });
});

test('a sandbox that is asked for is there or the process is refused, and its label says which', async () => {
  const { ok } = await createSandbox().probe();
  const outside = join(bench.folder, 'outside');
  const line = `touch inside ${outside}; touch /usr/outside; test -e inside && echo kept`;
  mkdirSync(join(bench.folder, 'work'));
  const started = bench.call['supervisor.run'](
    shell('caged', line, { isolation: 'sandbox', cwd: join(bench.folder, 'work') }),
    owner,
  );
  if (ok) {
    await started;
    expect(await wait('caged', { kind: 'text', text: 'kept' })).toMatchObject({ outcome: 'happened' });
    expect(await wait('caged', { kind: 'text', text: 'Read-only file system' })).toMatchObject({
      outcome: 'happened',
    });
    expect(existsSync(join(bench.folder, 'work/inside'))).toBe(true);
    expect(existsSync(outside)).toBe(false);
    expect(bench.state('caged')).toMatchObject({ isolation: 'sandbox' });
  } else {
    await expect(started).rejects.toMatchObject({ code: 'unavailable' });
    expect(stateOf('caged')).toBe('failed');
  }
});

test('a process in a sandbox sees no keys of its user, and nothing of the host that it could be the owner with', async () => {
  const { ok } = await createSandbox().probe();
  if (!ok) return;
  mkdirSync(join(bench.folder, '.ssh'));
  mkdirSync(join(bench.folder, 'home'));
  file('.ssh/id', 'PRIVATE');
  file('home/token', 'PRIVATE');
  const control = createListener((socket) => socket.end('PRIVATE'));
  control.listen(join(bench.folder, 'home/control.sock'));
  await once(control, 'listening');
  const connect = `require('net').connect('home/control.sock').on('data', (b) => console.log(String(b))).on('error', (e) => console.log(e.code))`;
  const line = `cat .ssh/id home/token; ls -A .ssh home /run/user /run/dbus; ${process.execPath} -e "${connect}"; touch below && echo over`;
  try {
    await bench.call['supervisor.run'](
      shell('caged', line, { isolation: 'sandbox', cwd: bench.folder }),
      owner,
    );
    expect(await wait('caged', { kind: 'text', text: 'over' })).toMatchObject({ outcome: 'happened' });
  } finally {
    control.close();
  }
  const out = readFileSync(join(bench.folder, 'logs/caged/stdout.log'), 'utf8');
  expect(out).not.toContain('PRIVATE');
  expect(out).toContain('ENOENT');
  expect(existsSync(join(bench.folder, 'below'))).toBe(true);
});

test.each([
  ['a hidden one', () => join(bench.folder, 'home/of')],
  ['everything', () => '/'],
])('a sandbox whose own folder would be %s is refused, and says so', async (_what, folder) => {
  const { ok } = await createSandbox().probe();
  if (!ok) return;
  mkdirSync(join(bench.folder, 'home/of'), { recursive: true });
  const started = bench.call['supervisor.run'](
    shell('caged', forever, { isolation: 'sandbox', cwd: folder() }),
    owner,
  );
  await expect(started).rejects.toMatchObject({ code: 'invalid_input' });
  expect(stateOf('caged')).toBe('failed');
});
