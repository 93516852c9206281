import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ownerCaller } from '../../kernel/caller.ts';
import type { Task } from '../../../contract/tasks.ts';
import { groupMembers } from '../../testing/real-processes.ts';
import { taskBench, type Bench } from '../../testing/tasks-bench.ts';

const owner = ownerCaller('cli');
const AGENT = join(import.meta.dirname, 'misbehaving-agent.mjs');
const benches: Bench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map((made) => made.stop()));
});

async function run(way: string, seed = '1', settings = {}): Promise<{ on: Bench; task: Task }> {
  const on = await taskBench({ argv: [process.execPath, AGENT, way, seed], settings });
  benches.push(on);
  on.tasks.start();
  const input = { agent: 'demo', workspace: 'ws-1', mode: 'ask' as const, text: 'go', budget: {} };
  const { id } = await on.tasks.handlers['tasks.submit']({ ...input, idempotencyKey: `key-${way}` }, owner);
  if (way === 'late') {
    await expect.poll(() => on.statesOf(id)).toContain('running');
    await expect
      .poll(async () => (await on.tasks.handlers['tasks.get']({ taskId: id }, owner)).delivery)
      .toBe('delivered');
    await on.tasks.handlers['tasks.cancel']({ taskId: id }, owner);
  }
  const task = await on.until(id, 'done', 'failed', 'cancelled', 'interrupted');
  expect(groupMembers(on.started[0]!.pid), way).toBe(0);
  return { on, task };
}

test.each([
  ['dies', 'failed', 'unknown', 'SIGKILL'],
  ['exits', 'failed', 'unknown', 'exit code 3'],
  ['answersAndExits', 'done', 'done', ''],
  ['malformed', 'done', 'done', ''],
  ['twice', 'done', 'done', ''],
  ['children', 'done', 'done', ''],
  ['huge', 'failed', 'unknown', ''],
  ['late', 'cancelled', 'done', ''],
])(
  'an agent that misbehaves (%s) ends as %s, its words are %s, and nothing of it is left',
  async (way, state, delivery, reason) => {
    const { task } = await run(way);
    expect(task).toMatchObject({ state, delivery });
    if ('reason' in task) expect(task.reason).toContain(reason);
  },
);

test('an agent that never answers is stopped when it gave no sign of life for so long', async () => {
  const { task } = await run('silent', '1', { idleMinutes: 0.005 });
  expect(task).toMatchObject({ state: 'failed', cause: 'idle', delivery: 'unknown' });
});

test('a task that runs too long is stopped with that reason', async () => {
  const { task } = await run('silent', '1', { maxMinutes: 0.005 });
  expect(task).toMatchObject({ state: 'failed', cause: 'time' });
});

test('what an agent says beyond the cap of a task is counted and left out', async () => {
  const { on, task } = await run('large');
  expect(task).toMatchObject({
    state: 'done',
    output: { bytes: 9 * 1024 * 1024, droppedBytes: 9 * 1024 * 1024 },
  });
  expect(on.book.entries).toContainEqual(expect.objectContaining({ kind: 'state', state: 'capped' }));
});

test('a flood of updates is taken in without losing the answer', async () => {
  const { task } = await run('floods');
  expect(task).toMatchObject({ state: 'done', output: { droppedBytes: 0 } });
  expect(task.output.bytes).toBeGreaterThan(300_000);
});

test('noise on the line breaks nothing', async () => {
  const ends: Record<string, number> = {};
  for (let seed = 1; seed <= 6; seed += 1) {
    const { task } = await run('noise', String(seed * 7919));
    ends[task.state] = (ends[task.state] ?? 0) + 1;
  }
  expect(ends).toEqual({ done: 6 });
  process.stdout.write(
    `misbehaving agents: 12 ways and 6 runs of noise, ${JSON.stringify(ends)}, 0 processes left\n`,
  );
});
