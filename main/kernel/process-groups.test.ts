import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { aMoment } from '../testing/real-processes.ts';
import { openDatabase, type Database } from './database.ts';
import type { Clock, Log } from './ports.ts';
import { createProcessGroups, type ProcessGroups } from './process-groups.ts';
import { createProcessTable, parsePs } from './process-table.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const log: Log = { info() {}, warn() {}, error() {} };
const env = { PATH: process.env['PATH'] ?? '' };
const table = createProcessTable();

let db: Database;
let groups: ProcessGroups;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groups-'));
  db = openDatabase(':memory:');
  groups = createProcessGroups({ db, clock, log });
});

afterEach(async () => {
  await groups.stopAll();
  db.close();
  rmSync(folder, { recursive: true });
});

const shell = (script: string, graceMs?: number) =>
  groups.spawn({
    argv: ['/bin/sh', '-c', script],
    cwd: folder,
    env,
    label: 'test',
    ...(graceMs !== undefined && { graceMs }),
  });

/** The first lines of a stream, as soon as they are there. */
async function lines(stream: Readable, count: number): Promise<string[]> {
  let text = '';
  stream.setEncoding('utf8');
  while (text.split('\n').length <= count) text += String((await once(stream, 'data'))[0]);
  return text.split('\n').slice(0, count);
}

/** Of processes that are not our children, and of our own books, nobody tells. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await aMoment();
}

const recorded = () => db.all('SELECT pid FROM children').map((row) => Number(row['pid']));

test('a child is on record while it lives and its exit is told with its whole output', async () => {
  const group = await shell('echo one; read line; echo $line; exit 3');
  expect(recorded()).toEqual([group.pid]);
  let output = '';
  group.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  group.stdin.end('two\n');
  expect(await group.exited).toEqual({ code: 3, signal: null });
  expect(output).toBe('one\ntwo\n');
  await until(() => recorded().length === 0);
});

test('nothing of the environment of the host reaches a child', async () => {
  const group = await shell('env');
  let output = '';
  group.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await group.exited;
  const names = output.split('\n').map((line) => line.split('=')[0]);
  expect(names).not.toContain('HOME');
  expect(names).toContain('PATH');
});

test('stop ends a group whose members all ignore TERM', async () => {
  const group = await shell(
    `trap '' TERM; sh -c 'trap "" TERM; echo $$; while :; do sleep 60; done' & wait; wait`,
    300,
  );
  await lines(group.stdout, 1);
  const exit = await group.stop();
  expect(exit.signal).toBe('SIGKILL');
  expect(table.group(group.pid)).toEqual([]);
  expect(recorded()).toEqual([]);
});

test('a grandchild gets the rest of the grace period after its leader obeyed TERM', async () => {
  const script = `sh -c 'trap "echo cleaned; exit 0" TERM; echo up; while :; do sleep 0.05; done' & trap 'exit 7' TERM; wait; wait`;
  const group = await shell(script, 5000);
  let output = '';
  group.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  while (!output.includes('up')) await once(group.stdout, 'data');
  expect((await group.stop()).code).toBe(7);
  expect(output).toContain('cleaned');
  expect(table.group(group.pid)).toEqual([]);
});

test('a grandchild that ignores TERM outlives its leader for no longer than the grace period', async () => {
  const group = await shell(
    `sh -c 'trap "" TERM; echo up; while :; do sleep 60; done' & trap 'exit 0' TERM; wait; wait`,
    300,
  );
  await lines(group.stdout, 1);
  const from = performance.now();
  await group.stop();
  expect(performance.now() - from).toBeGreaterThan(250);
  expect(table.group(group.pid)).toEqual([]);
});

test('what a leader leaves behind when it ends by itself is ended', async () => {
  const group = await shell(`sh -c 'trap "" TERM HUP; while :; do sleep 60; done' & exit 0`);
  expect((await group.exited).code).toBe(0);
  await group.stop();
  expect(table.group(group.pid)).toEqual([]);
});

test('a process that left the group and holds the pipes does not hold up the exit', async () => {
  const script = `const c = require('child_process').spawn('sleep', ['60'], { detached: true, stdio: 'inherit' }); c.unref(); console.log(c.pid);`;
  const group = await groups.spawn({
    argv: [process.execPath, '-e', script],
    cwd: folder,
    env,
    label: 'test',
  });
  const [escaped] = await lines(group.stdout, 1);
  try {
    expect((await group.exited).code).toBe(0);
  } finally {
    process.kill(Number(escaped), 'SIGKILL');
  }
});

test('a reader that lags behind still gets everything an ended child wrote', async () => {
  const group = await shell('head -c 60000 /dev/zero');
  let size = 0;
  for await (const chunk of group.stdout) {
    if (size === 0) await until(() => table.startTime(group.pid) === null);
    size += (chunk as Buffer).length;
  }
  expect(size).toBe(60_000);
});

test('a suspended process can be stopped', async () => {
  const group = await shell(`trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done`, 5000);
  await lines(group.stdout, 1);
  process.kill(group.pid, 'SIGSTOP');
  expect((await group.stop()).code).toBe(9);
});

test('stop is safe to call twice and after the end', async () => {
  const group = await shell('sleep 60');
  const [first, second] = await Promise.all([group.stop(), group.stop()]);
  expect(first).toEqual(second);
  expect(await group.stop()).toEqual({ code: null, signal: 'SIGTERM' });
});

test('a program, a folder or an argument that cannot be used is named', async () => {
  const request = { cwd: folder, env, label: 'test' };
  await expect(groups.spawn({ ...request, argv: ['/no/such/program'] })).rejects.toThrow(/no such program/);
  await expect(groups.spawn({ ...request, argv: ['sh'], cwd: '/no/such/folder' })).rejects.toThrow(
    /\/no\/such\/folder/,
  );
  await expect(groups.spawn({ ...request, argv: ['sh', 'a\0b'] })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(groups.spawn({ ...request, argv: [] })).rejects.toMatchObject({ code: 'invalid_input' });
  expect(recorded()).toEqual([]);
});

test('what a killed host left behind is ended by the next one, grandchildren too', async () => {
  const file = join(folder, 'state.db');
  const here = (name: string) => JSON.stringify(pathToFileURL(join(import.meta.dirname, name)).href);
  const script = `
    import { openDatabase } from ${here('database.ts')};
    import { createProcessGroups } from ${here('process-groups.ts')};
    const clock = { now: Date.now, monotonic: () => performance.now(), after: (ms, run) => { const t = setTimeout(run, ms); return () => clearTimeout(t); } };
    const groups = createProcessGroups({ db: openDatabase(${JSON.stringify(file)}), clock, log: console });
    const line = (s) => new Promise((r) => s.once('data', r));
    const request = { cwd: '/', env: { PATH: process.env.PATH }, label: 'test' };
    const whole = await groups.spawn({ ...request, argv: ['sh', '-c', 'trap "" TERM HUP PIPE; echo; while :; do sleep 60; done'] });
    const orphaned = await groups.spawn({ ...request, argv: ['sh', '-c', 'trap "" TERM HUP PIPE; (echo; while :; do sleep 60; done) & wait'] });
    await Promise.all([line(whole.stdout), line(orphaned.stdout)]);
    console.log(whole.pid, orphaned.pid);
  `;
  const bundle = join(folder, 'host.mjs');
  await build({
    stdin: { contents: script, resolveDir: import.meta.dirname, loader: 'ts' },
    outfile: bundle,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    plugins: [
      {
        name: 'file-urls',
        setup: (b) => b.onResolve({ filter: /^file:/ }, ({ path }) => ({ path: new URL(path).pathname })),
      },
    ],
  });
  // Packages are looked up from where the bundle lies.
  symlinkSync(join(import.meta.dirname, '../../node_modules'), join(folder, 'node_modules'));
  const host = spawn(process.execPath, [bundle], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [pids] = await lines(host.stdout, 1);
  const [whole, orphaned] = (pids ?? '').split(' ').map(Number) as [number, number];
  host.kill('SIGKILL');
  await once(host, 'exit');
  // One group also loses its leader: what remains of it is still ours.
  process.kill(orphaned, 'SIGKILL');
  await until(() => table.startTime(orphaned) === null);
  expect(table.group(whole).length).toBeGreaterThan(0);
  expect(table.group(orphaned).length).toBeGreaterThan(0);

  const state = openDatabase(file);
  expect(createProcessGroups({ db: state, clock, log }).reapLeftovers()).toBe(2);
  await until(() => table.group(whole).length + table.group(orphaned).length === 0);
  expect(state.all('SELECT pid FROM children')).toEqual([]);
  state.close();
});

test('a record of another boot, of another process with the same pid or of nobody ends nothing', async () => {
  const bystander = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  const pid = bystander.pid!;
  const startTime = table.startTime(pid)!;
  const put = (...row: [number, string, string, string]) =>
    db.run('INSERT INTO children (pid, start_time, boot_id, label) VALUES (?, ?, ?, ?)', ...row);
  put(pid, startTime, 'another boot', 'test');
  put(pid, String(Number(startTime) - 1), table.bootId(), 'test');
  put(4_194_303, '1', table.bootId(), 'test');
  expect(groups.reapLeftovers()).toBe(0);
  expect(table.startTime(pid)).toBe(startTime);
  expect(recorded()).toEqual([]);
  bystander.kill('SIGKILL');
  await once(bystander, 'exit');
});

test('stopAll ends every group, those just starting included', async () => {
  const first = await shell('sleep 60');
  const second = shell('sleep 60');
  await groups.stopAll();
  await second;
  expect(table.group(first.pid)).toEqual([]);
  expect(table.group((await second).pid)).toEqual([]);
});

test('the output of ps is read without zombies and with start times of words', () => {
  const text =
    '  10    10 Ss   Sat Nov 21 03:54:00 2026\n  11    10 Z    Sat Nov 21 03:55:00 2026\nrubbish\n';
  expect(parsePs(text)).toEqual([{ pid: 10, group: 10, startTime: 'Sat Nov 21 03:54:00 2026' }]);
});

test('ps and /proc agree about a group', async () => {
  const group = await shell('sleep 60 & sleep 60 & echo up; wait');
  await lines(group.stdout, 1);
  const pids = (entries: readonly { pid: number }[]) => entries.map((entry) => entry.pid).sort();
  await until(() => table.group(group.pid).length === 3);
  expect(pids(createProcessTable('darwin').group(group.pid))).toEqual(pids(table.group(group.pid)));
  expect(createProcessTable('darwin').startTime(group.pid)).not.toBeNull();
});
