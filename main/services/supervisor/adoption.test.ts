import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { bundleProgram, bundleShim } from '../../testing/bundle.ts';
import { ended, isRunning, writtenPid } from '../../testing/real-processes.ts';
import { createBench, owner, shell, type Bench } from './fakes.ts';

const PROCESSES = 20;
const forever = 'while :; do sleep 0.05; done';
let shim = '';
let hostProgram = '';
let folder = '';
let bench: Bench | null = null;
const hosts: ChildProcess[] = [];

beforeAll(async () => {
  shim = await bundleShim();
  hostProgram = await bundleProgram('main/testing/supervisor-crash-host.ts');
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adoption-'));
});
afterEach(async () => {
  for (const host of hosts.splice(0)) host.kill('SIGKILL');
  await bench?.end();
  bench = null;
  rmSync(folder, { recursive: true, force: true });
});

async function startHost(count: number): Promise<ChildProcess> {
  const host = spawn(process.execPath, [hostProgram, folder, shim, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  hosts.push(host);
  await once(createInterface({ input: host.stdout }), 'line');
  return host;
}

async function killHost(host: ChildProcess): Promise<void> {
  const gone = once(host, 'exit');
  host.kill('SIGKILL');
  await gone;
}

/** A host in this process, on what the one before left. */
async function nextHost(more: Parameters<typeof createBench>[0] = {}): Promise<Bench> {
  const next = createBench({ folder, shim, ...more });
  bench = next;
  await next.supervisor.start();
  return next;
}

const pids = (of: Bench) => of.supervisor.snapshot().map((one) => ('pid' in one ? one.pid : 0));

/** All lines of one run, over the files that were set aside in it. @returns how many; throws where one is missing or twice */
function countLines(name: string): number {
  const logs = join(folder, 'logs', name);
  const text = readFileSync(join(logs, 'stdout.log'), 'utf8');
  const lines = text.split('\n').slice(0, -1);
  const wrong = lines.findIndex((line, index) => line !== `line ${index + 1}`);
  if (wrong !== -1)
    throw new Error(`${name}: "${lines[wrong] ?? ''}" stands where line ${wrong + 1} belongs`);
  return lines.length;
}

test('a host that is killed with 20 processes: the next one takes over all, and no line of a log is lost or doubled', async () => {
  const host = await startHost(PROCESSES);
  await killHost(host);
  const next = await nextHost();
  // What was told in the last moment may not have been on the disk: then it is found out again.
  await next.until(() => next.supervisor.snapshot().every(({ state }) => state === 'ready'));
  const states = next.supervisor.snapshot();
  expect(states).toHaveLength(PROCESSES);
  expect(states.every((one) => 'adopted' in one)).toBe(true);
  const before = countLines('p0');
  const waited = await next.call['supervisor.wait'](
    { name: 'p0', until: { kind: 'text', text: `line ${before + 200}` }, timeoutMs: 10_000 },
    owner,
  );
  expect(waited.outcome).toBe('happened');
  const alive = pids(next);
  expect(alive.every(isRunning)).toBe(true);
  await next.call['supervisor.stopAll']({}, owner);
  expect(alive.filter(isRunning)).toEqual([]);
  const lines = states.map(({ name }) => countLines(name)).reduce((sum, count) => sum + count, 0);
  expect(lines).toBeGreaterThan(PROCESSES * 10);
  process.stdout.write(
    `host killed with ${PROCESSES} processes: all taken over, ${lines} lines, none lost or doubled\n`,
  );
}, 60_000);

test.each(['the host alone', 'the host and its shim'])(
  '%s killed while a process is being started: nothing of it goes on unknown',
  async (killed) => {
    const first = createBench({ folder, shim });
    await first.call['supervisor.run'](shell('other', forever), owner);
    const number = join(folder, 'number');
    const answer = first.call['supervisor.run'](shell('task', `echo $$ > ${number}; ${forever}`), owner);
    Promise.resolve(answer).catch(() => {});
    const isAsked = () => first.db.all("SELECT run FROM process_runs WHERE name = 'task'").length > 0;
    while (!isAsked()) await new Promise((resolve) => setImmediate(resolve));
    const shimPid = first.supervisor.shimPid() ?? 0;
    await first.vanish();
    const pid = await writtenPid(number);
    if (killed !== 'the host alone') {
      process.kill(shimPid, 'SIGKILL');
      await ended(shimPid);
    }
    const next = await nextHost();
    await ended(pid);
    expect(next.supervisor.snapshot().map(({ name, state }) => `${name} ${state}`)).toContain(
      'other running',
    );
    expect(next.db.all("SELECT run FROM process_runs WHERE name = 'task'")).toEqual([]);
    await next.call['supervisor.run'](shell('task', 'exit 0'), owner);
  },
  30_000,
);

test('how a process ended while no host was there is known to the next', async () => {
  const first = createBench({ folder, shim });
  const go = join(folder, 'go');
  await first.call['supervisor.run'](
    shell('task', `while [ ! -e ${go} ]; do sleep 0.02; done; echo done; exit 7`),
    owner,
  );
  const pid = pids(first)[0] ?? 0;
  const text = { name: 'task', until: { kind: 'exit' }, timeoutMs: 10_000 } as const;
  // As a host that dies: nothing is told, nothing is stopped.
  await first.vanish();
  writeFileSync(go, '');
  await ended(pid);
  const next = await nextHost();
  await next.call['supervisor.wait'](text, owner);
  expect(next.state('task')).toMatchObject({ state: 'exited', exitCode: 7 });
});

test('a shim that is killed is noticed, replaced, and its processes are taken over with their output', async () => {
  const notices: string[] = [];
  const next = await nextHost({ more: { notice: (text) => notices.push(text) } });
  const go = join(folder, 'go');
  await next.call['supervisor.run'](
    shell('web', `echo one; while [ ! -e ${go} ]; do sleep 0.02; done; echo two; ${forever}`),
    owner,
  );
  await next.call['supervisor.wait'](
    { name: 'web', until: { kind: 'text', text: 'one' }, timeoutMs: 5000 },
    owner,
  );
  const waiting = next.call['supervisor.wait'](
    { name: 'web', until: { kind: 'text', text: 'two' }, timeoutMs: 10_000 },
    owner,
  );
  const old = next.supervisor.shimPid() ?? 0;
  process.kill(old, 'SIGKILL');
  writeFileSync(go, '');
  expect(await waiting).toMatchObject({ outcome: 'happened', line: 'two' });
  expect(next.supervisor.shimPid()).not.toBe(old);
  expect(notices).toHaveLength(1);
  expect(next.state('web')?.state).toBe('running');
  expect(readFileSync(join(folder, 'logs/web/stdout.log'), 'utf8')).toBe('one\ntwo\n');
  const pid = pids(next)[0] ?? 0;
  await next.call['supervisor.stop']({ name: 'web' }, owner);
  expect(isRunning(pid)).toBe(false);
});

test('host and shim killed together: what lives is found by its number and start time', async () => {
  const host = await startHost(2);
  const shimPid = shimOf(folder);
  await killHost(host);
  process.kill(shimPid, 'SIGKILL');
  await ended(shimPid);
  const next = await nextHost();
  expect(next.supervisor.snapshot()).toHaveLength(2);
  await next.until(() => next.supervisor.snapshot().every(({ state }) => state === 'ready'));
  const alive = pids(next);
  await next.call['supervisor.stopAll']({}, owner);
  expect(alive.filter(isRunning)).toEqual([]);
});

test('a number that names another process by now is never signalled', async () => {
  // Long before: start times are counted in hundredths of a second.
  const stranger = spawn('sleep', ['60'], { detached: true });
  const first = createBench({ folder, shim });
  await first.call['supervisor.run'](shell('web', forever), owner);
  const pid = pids(first)[0] ?? 0;
  await first.vanish();
  const shimPid = shimOf(folder);
  process.kill(shimPid, 'SIGKILL');
  process.kill(-pid, 'SIGKILL');
  await ended(shimPid, pid);
  const broken = createBench({ folder, shim });
  broken.db.run('UPDATE process_runs SET pid = ?', stranger.pid ?? 0);
  bench = broken;
  await broken.supervisor.start();
  expect(broken.state('web')).toMatchObject({ state: 'exited', exitCode: null });
  await broken.call['supervisor.stop']({ name: 'web' }, owner);
  expect(isRunning(stranger.pid ?? 0)).toBe(true);
  stranger.kill('SIGKILL');
});

test('a host that is told to end what outlived the last one does so', async () => {
  const host = await startHost(2);
  await killHost(host);
  const next = await nextHost({ more: { afterCrash: 'stop' } });
  await next.until(() => next.supervisor.snapshot().every(({ state }) => state === 'failed'));
  expect(JSON.stringify(next.supervisor.snapshot())).toContain('the host was gone');
});

test('a process that should run always comes back with the host, one that a person stopped does not', async () => {
  const restart = { mode: 'always' } as const;
  const first = createBench({ folder, shim });
  await first.call['supervisor.run'](shell('kept', forever, { restart }), owner);
  await first.call['supervisor.run'](shell('halted', forever, { restart }), owner);
  await first.call['supervisor.run'](shell('once', forever), owner);
  await first.call['supervisor.stop']({ name: 'halted' }, owner);
  await first.supervisor.stop();
  expect(existsSync(join(folder, 'shim'))).toBe(false);
  first.db.close();
  const next = await nextHost();
  expect(next.state('kept')?.state).toBe('running');
  expect(next.state('halted')?.state).toBe('stopped');
  expect(next.state('once')?.state).toBe('stopped');
});

/** The shim of this folder, by its command line. */
function shimOf(of: string): number {
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(join(of, 'shim'))) return Number(pid);
    } catch {
      // It ended meanwhile.
    }
  }
  throw new Error('there is no shim');
}
