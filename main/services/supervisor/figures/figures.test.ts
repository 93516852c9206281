import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { handClock } from '../../../testing/fake-ports.ts';
import { createFigures } from './figures.ts';
import { listeningSockets } from './listening-ports.ts';
import { rowOfStat, rowsOfPs, type TableRow } from './process-table.ts';
import { processorsUsed, treesOf } from './process-tree.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    const ended = once(child, 'exit');
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await ended;
  }
});

/** A process of its own session that says when it is ready. */
async function begin(script: string): Promise<{ pid: number; said(text: string): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', script], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    async said(text) {
      while (!output.includes(text)) await once(child.stdout, 'data');
    },
  };
}

const row = (pid: number, parent: number, session = 1, cpuMs = 0): TableRow => ({
  ...{ pid, parent, session, cpuMs },
  startedAt: 'then',
});

/** The pids of each tree, in their order. */
function pidsOf(roots: Record<string, number>, table: readonly TableRow[]): Record<string, number[]> {
  const trees = treesOf(new Map(Object.entries(roots)), table);
  return Object.fromEntries(
    [...trees].map(([key, tree]) => [key, tree.map(({ pid }) => pid).sort((a, b) => a - b)]),
  );
}

test('a tree is the descendants and whoever stayed in the session', () => {
  const table = [row(1, 0), row(10, 1, 10), row(11, 10, 10), row(12, 11, 12), row(13, 1, 10), row(20, 1, 20)];
  expect(pidsOf({ ten: 10, none: 99 }, table)).toEqual({ ten: [10, 11, 12, 13], none: [] });
});

test('what an agent or a tunnel started is theirs, the managed processes are not the shim’s', () => {
  const table = [
    ...[row(100, 1, 50), row(101, 100, 50), row(102, 100, 102)],
    ...[row(200, 100, 200), row(201, 200, 200), row(202, 201, 202), row(300, 100, 300)],
    ...[row(400, 100, 400), row(401, 400, 401), row(402, 401, 401)],
  ];
  const roots = { host: 100, agent: 200, tunnel: 300, shim: 400, web: 401 };
  expect(pidsOf(roots, table)).toEqual({
    ...{ host: [100, 101, 102], agent: [200, 201, 202], tunnel: [300], shim: [400], web: [401, 402] },
  });
});

test('an orphan whose parent became the host, as in a container, stays with the process that began its session', () => {
  const table = [row(1, 0, 1), row(40, 1, 40), row(41, 1, 40), row(42, 41, 40), row(50, 1, 50)];
  expect(pidsOf({ host: 1, web: 40 }, table)).toEqual({ host: [1, 50], web: [40, 41, 42] });
});

test('whatever the table, loops of reused pids included, no process is in two trees and each root is in its own', () => {
  const rows = fc.uniqueArray(fc.tuple(fc.nat(12), fc.nat(12), fc.nat(12)), { selector: ([pid]) => pid });
  fc.assert(
    fc.property(rows, fc.uniqueArray(fc.nat(12), { maxLength: 5 }), (given, roots) => {
      const table = given.map(([pid, parent, session]) => row(pid, parent, session));
      const trees = pidsOf(Object.fromEntries(roots.map((pid) => [`r${pid}`, pid])), table);
      const all = Object.values(trees).flat();
      expect(new Set(all).size).toBe(all.length);
      for (const pid of roots)
        expect(trees[`r${pid}`]?.includes(pid)).toBe(table.some((one) => one.pid === pid));
      // Whoever has an owner above it has one itself.
      for (const { pid, parent } of table)
        if (all.includes(parent) && pid !== parent) expect(all).toContain(pid);
    }),
  );
});

test('processors in use are never negative, and a pid that was used again is another process', () => {
  expect(processorsUsed([row(1, 0, 1, 500)], [row(1, 0, 1, 1500)], 1000)).toBe(1);
  expect(processorsUsed([row(1, 0, 1, 500)], [{ ...row(1, 0, 1, 100), startedAt: 'now' }], 1000)).toBe(0.1);
  expect(processorsUsed([row(1, 0, 1, 500)], [row(1, 0, 1, 100)], 1000)).toBe(0);
  expect(processorsUsed([row(1, 0)], [row(1, 0, 1, 9)], 0)).toBe(0);
});

test('the name of a process cannot disturb its row', () => {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  const named = stat.replace(/\(.*\)/, '(a) 1 2 3) (b)');
  expect(rowOfStat(named)).toEqual(rowOfStat(stat));
  expect(rowOfStat(stat)).toMatchObject({ pid: process.pid, parent: process.ppid });
  expect(rowOfStat('nothing')).toBeNull();
});

test('the table of macOS is read, days and hours included', () => {
  const text = [
    '    1     0      0   0:12.34 Sat Nov 21 10:00:00 2026    ',
    '  77     1     77  1-02:03:04.50 Sat Nov 21 10:00:01 2026',
    'garbage',
  ].join('\n');
  expect(rowsOfPs(text)).toEqual([
    { pid: 1, parent: 0, session: 0, startedAt: 'Sat Nov 21 10:00:00 2026', cpuMs: 12_340 },
    { pid: 77, parent: 1, session: 77, startedAt: 'Sat Nov 21 10:00:01 2026', cpuMs: 93_784_500 },
  ]);
});

test('only sockets that listen have a port', () => {
  const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1
   1: 0100007F:1F91 0100007F:1F90 01 00000000:00000000 00:00000000 00000000     0        0 4243 1`;
  expect([...listeningSockets(table)]).toEqual([['4242', 8080]]);
});

test.skipIf(process.platform !== 'linux')(
  'a busy process with a child that listens: processors, memory of both, and the port',
  async () => {
    const busy = await begin(`
      const { spawn } = require('node:child_process');
      const server = "const s = require('node:net').createServer().listen(0, '127.0.0.1', () => console.log(s.address().port))";
      spawn(process.execPath, ['-e', server]).stdout.once('data', () => {
        process.stdout.write('listening');
        const start = process.cpuUsage().user;
        while (process.cpuUsage().user - start < 500_000);
        process.stdout.write('burnt');
        setInterval(() => {}, 1e6);
      });
    `);
    const idle = await begin("console.log('here'); setInterval(() => {}, 1e6)");
    let nowMs = 0;
    const clock = { ...handClock(), monotonic: () => nowMs };
    const figures = createFigures({
      live: () => [
        { name: 'busy', pid: busy.pid },
        { name: 'idle', pid: idle.pid },
      ],
      ...{ parts: () => [], ended: () => [] },
      clock,
    });
    const first = await figures();
    expect(first.supported).toBe(true);
    expect(first.processes.map(({ samples }) => samples.map(({ cpu }) => cpu))).toEqual([[null], [null]]);
    expect(await figures()).toBe(first);
    await busy.said('burnt');
    nowMs = 1000;
    const [one, two] = (await figures()).processes;
    expect(one).toMatchObject({ name: 'busy', processes: 2 });
    expect(one?.ports).toHaveLength(1);
    expect(one?.samples).toHaveLength(2);
    expect(one?.samples[1]?.cpu).toBeGreaterThan(0.2);
    expect(one?.samples[1]?.memory).toBeGreaterThan(40e6);
    expect(two).toMatchObject({ name: 'idle', processes: 1, ports: [] });
    expect(two?.samples[1]?.cpu).toBeLessThan(0.2);
    nowMs = 60_000;
    expect((await figures()).processes.map(({ samples }) => samples.length)).toEqual([1, 1]);
  },
);
