import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../testing/fake-ports.ts';
import { openDatabase, type Database } from './database.ts';
import type { PartLabel } from './host-parts.ts';
import type { Clock } from './ports.ts';
import { createProcessGroups, type ProcessGroups } from './process-groups.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const demo: PartLabel = { kind: 'agent', name: 'demo', purpose: 'task t1' };
let db: Database;
let groups: ProcessGroups;

beforeEach(() => {
  db = openDatabase(':memory:');
  groups = createProcessGroups({ db, clock, log: silentLog });
});
afterEach(async () => {
  await groups.stopAll();
  db.close();
});

const node = (script: string, part?: PartLabel) =>
  groups.spawn({
    ...{ argv: [process.execPath, '-e', script], cwd: tmpdir(), env: {}, label: 'test' },
    ...(part && { part }),
  });

test('a part is listed from its start to its end, others never are', async () => {
  const git = await node('process.stdin.resume()');
  const agent = await node(
    "console.error('why it died'); process.stdin.on('end', () => process.exit(3)).resume()",
    demo,
  );
  const [live, ...others] = groups.parts.live();
  expect(others).toEqual([]);
  expect(live).toMatchObject({ ...demo, pid: agent.pid });
  expect(Math.abs((live?.startedAt ?? 0) - Date.now())).toBeLessThan(10_000);
  agent.stderr.resume();
  agent.stdin.end();
  await agent.exited;
  expect(groups.parts.live()).toEqual([]);
  expect(groups.parts.ended()).toMatchObject([{ id: live?.id, code: 3, signal: null }]);
  expect(groups.parts.output(live?.id ?? '')).toEqual({ bytes: Buffer.from('why it died\n'), total: 12 });
  await git.stop();
  expect(groups.parts.ended()).toHaveLength(1);
});

test('what cannot be started is no part', async () => {
  const request = { argv: ['/no/such/agent'], cwd: tmpdir(), env: {}, label: 'test', part: demo };
  await expect(groups.spawn(request)).rejects.toThrow('no such program');
  expect([groups.parts.live(), groups.parts.ended()]).toEqual([[], []]);
});

test('the last eight that ended keep their output, and it was said by themselves', async () => {
  for (let n = 0; n < 10; n += 1) {
    const one = await node(`console.error('I am ${n}')`, { ...demo, purpose: `task ${n}` });
    one.stderr.resume();
    await one.exited;
  }
  const ended = groups.parts.ended();
  expect(ended.map(({ purpose }) => purpose)).toEqual([9, 8, 7, 6, 5, 4, 3, 2].map((n) => `task ${n}`));
  expect(ended.map(({ id }) => groups.parts.output(id)?.bytes.toString())).toEqual(
    [9, 8, 7, 6, 5, 4, 3, 2].map((n) => `I am ${n}\n`),
  );
});

test('10 MB that is no UTF-8: its reader gets every byte, the end is kept, and nothing else', async () => {
  // Every byte value, and no length of it a power of two.
  const said = 'const b = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) % 256));';
  const group = await node(
    `${said} process.stdout.write('begun'); const s = require('node:fs'); for (let i = 0; i < 10000; i += 1) s.writeSync(2, b);`,
    demo,
  );
  const [{ id } = { id: '' }] = groups.parts.live();
  await new Promise((resolve) => group.stdout.once('data', resolve));
  await turn();
  // Nobody has begun to read: it neither flows nor is more of it held than without us.
  expect(group.stderr.readableFlowing).toBeNull();
  expect(group.stderr.readableLength).toBeLessThanOrEqual(group.stderr.readableHighWaterMark + 65_536);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of group.stderr) {
    hash.update(chunk as Buffer);
    size += (chunk as Buffer).length;
    // A reader that lags behind.
    await turn();
  }
  await group.exited;
  const piece = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * 7) % 256));
  const whole = Buffer.concat(Array.from({ length: 10_000 }, () => piece));
  expect(size).toBe(10_000_000);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(whole).digest('hex'));
  const kept = groups.parts.output(id);
  expect(kept?.total).toBe(10_000_000);
  expect(kept?.bytes.equals(whole.subarray(whole.length - 106_496))).toBe(true);
});

test('a reader that takes text is given text, and bytes are kept', async () => {
  const group = await node("process.stderr.write('f\\u00fcr'); process.stderr.end()", demo);
  const [{ id } = { id: '' }] = groups.parts.live();
  let text = '';
  group.stderr.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  await group.exited;
  expect([text, groups.parts.output(id)?.bytes]).toEqual(['für', Buffer.from('für')]);
});
