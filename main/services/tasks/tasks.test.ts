import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { ParsedInputOf } from '../../../contract/commands.ts';
import { DeviceId } from '../../../contract/ids.ts';
import type { Task } from '../../../contract/tasks.ts';
import { deviceCaller, ownerCaller } from '../../kernel/caller.ts';
import { groupMembers } from '../../testing/real-processes.ts';
import { taskBench, type Bench, type BenchOptions } from '../../testing/tasks-bench.ts';

const owner = ownerCaller('cli');
const benches: Bench[] = [];
let keys = 0;

async function bench(options: BenchOptions = {}): Promise<Bench> {
  const made = await taskBench(options);
  benches.push(made);
  made.tasks.start();
  return made;
}

afterEach(async () => {
  await Promise.all(benches.splice(0).map((made) => made.stop()));
});

function submit(on: Bench, text: string, more: Partial<ParsedInputOf<'tasks.submit'>> = {}): Promise<Task> {
  const input = {
    agent: 'demo',
    workspace: 'ws-1',
    mode: 'ask' as const,
    budget: {},
    text,
    idempotencyKey: `key-${(keys += 1)}-long`,
  };
  return Promise.resolve(on.tasks.handlers['tasks.submit']({ ...input, ...more }, owner));
}

test('a task changes a file after a person allowed exactly that change', async () => {
  const on = await bench();
  writeFileSync(join(on.folder, 'README.md'), 'hello world\n');
  const { id } = await submit(on, 'in README.md replace world with signalbox');
  const done = await on.until(id, 'done', 'failed');
  expect(done).toMatchObject({ state: 'done', stopReason: 'end_turn', changedFiles: ['README.md'] });
  expect(readFileSync(join(on.folder, 'README.md'), 'utf8')).toBe('hello signalbox\n');
  expect(on.statesOf(id).filter((state, at, all) => state !== all[at - 1])).toEqual([
    ...['queued', 'running', 'waiting', 'running', 'done'],
  ]);
  const [request] = on.approver.requests;
  expect(request).toMatchObject({
    title: 'demo wants to change README.md',
    origin: 'acp',
    mustAsk: true,
    facts: {
      kind: 'fs.write',
      paths: ['README.md'],
      agent: 'demo',
      requester: ['owner:cli', `task:${id}`, 'agent:demo'],
    },
    diffs: [{ path: 'README.md', oldText: 'hello world\n', newText: 'hello signalbox\n', redacted: false }],
  });
  expect(on.approver.outcomes).toEqual([{ kind: 'fs.write', outcome: 'done' }]);
  const kinds = on.book.entries.map((entry) => entry.kind);
  expect(kinds).toContain('plan');
  expect(on.book.entries).toContainEqual(
    expect.objectContaining({
      kind: 'file',
      path: 'README.md',
      diff: expect.stringContaining('+hello signalbox') as string,
    }),
  );
  expect(on.book.ended).toHaveLength(1);
  expect(groupMembers(on.started[0]!.pid)).toBe(0);
});

test('a file in a new folder is created through the path guard', async () => {
  const on = await bench();
  const { id } = await submit(on, 'create notes/today.md with "first line"');
  expect((await on.until(id, 'done', 'failed')).state).toBe('done');
  expect(readFileSync(join(on.folder, 'notes/today.md'), 'utf8')).toBe('first line\n');
});

test('what a person denies does not happen', async () => {
  const on = await bench({ answer: 'deny' });
  writeFileSync(join(on.folder, 'README.md'), 'hello\n');
  const { id } = await submit(on, 'append the line "more" to README.md');
  expect(await on.until(id, 'done', 'failed')).toMatchObject({ state: 'done', changedFiles: [] });
  expect(readFileSync(join(on.folder, 'README.md'), 'utf8')).toBe('hello\n');
});

test('a task in mode read is refused every change without asking anybody', async () => {
  const on = await bench();
  writeFileSync(join(on.folder, 'README.md'), 'hello\n');
  const { id } = await submit(on, 'append more to README.md', { mode: 'read' });
  await on.until(id, 'done', 'failed');
  expect(on.approver.requests).toEqual([]);
  expect(readFileSync(join(on.folder, 'README.md'), 'utf8')).toBe('hello\n');
});

test('a command is put before a person as tokens and its output reaches the timeline', async () => {
  const on = await bench();
  const { id } = await submit(on, 'run touch made.txt', { mode: 'auto' });
  expect((await on.until(id, 'done', 'failed')).state).toBe('done');
  expect(on.approver.requests[0]).toMatchObject({
    mustAsk: false,
    facts: {
      kind: 'exec',
      exec: { argv: ['touch', 'made.txt'], cwd: '.', sandbox: 'none', binarySha256: null },
    },
  });
  expect(on.approver.outcomes).toEqual([{ kind: 'exec', outcome: 'done' }]);
  expect(existsSync(join(on.folder, 'made.txt'))).toBe(true);
});

test('an approval is stale when the file changed while the person was thinking', async () => {
  const on = await bench({
    answer: async () => {
      writeFileSync(join(on.folder, 'README.md'), 'changed meanwhile\n');
      return 'allow';
    },
  });
  writeFileSync(join(on.folder, 'README.md'), 'hello\n');
  const { id } = await submit(on, 'append the line "more" to README.md');
  await on.until(id, 'done', 'failed');
  expect(on.approver.outcomes).toEqual([{ kind: 'fs.write', outcome: 'stale' }]);
  expect(readFileSync(join(on.folder, 'README.md'), 'utf8')).toBe('changed meanwhile\n');
});

test('paths outside the workspace and blocked paths are never put before a person', async () => {
  const on = await bench();
  writeFileSync(join(on.folder, '.env'), 'SECRET=1\n');
  const { id } = await submit(on, 'append the line "more" to .env');
  await on.until(id, 'done', 'failed');
  expect(on.approver.requests).toEqual([]);
  expect(readFileSync(join(on.folder, '.env'), 'utf8')).toBe('SECRET=1\n');
});

test('a cancelled task withdraws its approval, ends its turn and leaves no process', async () => {
  const on = await bench({ answer: () => new Promise(() => {}) });
  const { id } = await submit(on, 'create a.txt with hello');
  expect(await on.until(id, 'waiting')).toMatchObject({ approvals: ['approval-1'] });
  const cancelled = await on.tasks.handlers['tasks.cancel']({ taskId: id }, owner);
  expect(cancelled.state).toBe('cancelled');
  expect(on.approver.requests[0]?.signal?.aborted).toBe(true);
  expect(existsSync(join(on.folder, 'a.txt'))).toBe(false);
  expect(groupMembers(on.started[0]!.pid)).toBe(0);
  await expect(
    Promise.resolve().then(() => on.tasks.handlers['tasks.cancel']({ taskId: id }, owner)),
  ).rejects.toMatchObject({
    code: 'conflict',
  });
});

test('an agent that is killed in the middle of its turn fails the task and withdraws its approval', async () => {
  const on = await bench({ answer: () => new Promise(() => {}) });
  const { id } = await submit(on, 'create a.txt with hello');
  await on.until(id, 'waiting');
  process.kill(on.started[0]!.pid, 'SIGKILL');
  expect(await on.until(id, 'failed')).toMatchObject({
    reason: expect.stringContaining('SIGKILL') as string,
  });
  expect(on.approver.requests[0]?.signal?.aborted).toBe(true);
  expect(groupMembers(on.started[0]!.pid)).toBe(0);
});

test('an agent that cannot speak fails the task with the last of what it said, redacted', async () => {
  const on = await bench({ argv: ['/bin/sh', '-c', 'echo "no login: hunter2hunter2" >&2; exit 3'] });
  const { id } = await submit(on, 'anything');
  const failed = await on.until(id, 'failed');
  expect(failed).toMatchObject({ reason: expect.stringContaining('exit code 3') as string });
  expect(failed).toMatchObject({ reason: expect.stringContaining('no login: [redacted]') as string });
});

test('an agent that ignores a cancel is ended with its whole group', async () => {
  const on = await bench({ argv: ['/bin/sh', '-c', 'trap "" TERM; sleep 60 & sleep 60'] });
  const { id } = await submit(on, 'anything');
  await on.until(id, 'running');
  await expect.poll(() => on.started.length).toBe(1);
  await on.tasks.handlers['tasks.cancel']({ taskId: id }, owner);
  expect(groupMembers(on.started[0]!.pid)).toBe(0);
});

test('the same key and request give the same task, another request is a conflict, another principal is apart', async () => {
  const on = await bench({ answer: 'deny' });
  const again = { idempotencyKey: 'the-same-key' };
  const [first, second] = await Promise.all([
    submit(on, 'read a.txt', again),
    submit(on, 'read a.txt', again),
  ]);
  expect(second.id).toBe(first.id);
  await expect(submit(on, 'read b.txt', again)).rejects.toMatchObject({ code: 'conflict' });
  const phone = deviceCaller(DeviceId.parse('phone'), 'submit');
  const other = await on.tasks.handlers['tasks.submit'](
    { agent: 'demo', workspace: 'ws-1', mode: 'read', budget: {}, text: 'read b.txt', ...again },
    phone,
  );
  expect(other.id).not.toBe(first.id);
  expect(other.submittedBy).toBe('device:phone');
});

test('one turn at a time in a workspace; pause holds the queue and resume lets it go', async () => {
  const on = await bench();
  const [first, second] = await Promise.all([
    submit(on, 'append a to log.txt'),
    submit(on, 'append b to log.txt'),
  ]);
  expect((await on.until(second.id, 'queued')).state).toBe('queued');
  on.tasks.pause();
  await on.until(first.id, 'done');
  expect(new Set(on.statesOf(second.id))).toEqual(new Set(['queued']));
  on.tasks.resume();
  await on.until(second.id, 'done');
  expect(readFileSync(join(on.folder, 'log.txt'), 'utf8')).toBe('a\nb\n');
});

test('after a restart running tasks are interrupted and queued ones run', async () => {
  const before = await bench({ answer: () => new Promise(() => {}) });
  const [first, second] = await Promise.all([
    submit(before, 'append a to log.txt'),
    submit(before, 'append b to log.txt'),
  ]);
  await before.until(first.id, 'waiting');
  await before.stop();
  expect((await before.until(first.id, 'interrupted')).state).toBe('interrupted');
  const after = await bench({ db: before.db });
  expect((await after.until(second.id, 'done')).state).toBe('done');
  expect(after.statesOf(first.id)).toEqual(['interrupted']);
});

test('a lock-down cancels what runs and what is queued', async () => {
  const on = await bench({ answer: () => new Promise(() => {}) });
  const [first, second] = await Promise.all([
    submit(on, 'append a to log.txt'),
    submit(on, 'append b to log.txt'),
  ]);
  await on.until(first.id, 'waiting');
  await on.tasks.stopAll('locked down');
  expect((await on.until(first.id, 'cancelled')).state).toBe('cancelled');
  expect((await on.until(second.id, 'cancelled')).state).toBe('cancelled');
  expect(groupMembers(on.started[0]!.pid)).toBe(0);
});

test('an unknown agent, a missing program and an unknown workspace are refused with what would be right', async () => {
  const on = await bench();
  await expect(submit(on, 'x', { agent: 'nobody' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(submit(on, 'x', { agent: 'gone' })).rejects.toMatchObject({ code: 'unavailable' });
  await expect(submit(on, 'x', { workspace: 'elsewhere' })).rejects.toMatchObject({ code: 'not_found' });
});

test('an ended task can be taken off the list, one that has not ended cannot', async () => {
  const on = await bench({ answer: () => new Promise(() => {}) });
  const { id } = await submit(on, 'create a.txt with hello');
  await on.until(id, 'waiting');
  const remove = async () => on.tasks.handlers['tasks.remove']({ taskId: id }, owner);
  await expect(remove()).rejects.toMatchObject({ code: 'conflict' });
  await on.tasks.handlers['tasks.cancel']({ taskId: id }, owner);
  await remove();
  expect(await on.tasks.handlers['tasks.list']({ limit: 10 }, owner)).toEqual({ tasks: [] });
});
