import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDatabase } from '../../kernel/database.ts';
import { handClock } from '../../testing/fake-ports.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { temporaryRepository } from '../../testing/test-host.ts';
import { handoffBench, owner, SECRET, writePlan, type AgentEnd } from '../../testing/handoff-bench.ts';

const PLAN = '# Greeting\n\nWrite a greeting.\n';
const RUN = { kind: 'run', workspace: 'ws-1' } as const;

test('the agent gets the plan as the text of a task of its owner, and what came of it is written down', async () => {
  const folder = temporaryRepository({ 'a.txt': 'a\n' });
  const bench = handoffBench({
    folder,
    plan: PLAN,
    work: () => writeFileSync(join(folder, 'greeting.txt'), `hello ${SECRET}\n`),
  });
  const ended = await bench.finish({ ...RUN, budgetMinutes: 5 });
  expect(ended).toMatchObject({ state: 'completed', stopReason: null, iteration: 1, taskId: 'task-1' });
  const [wish] = bench.tasks.submitted;
  expect(wish).toMatchObject({ agent: 'helper', workspace: 'ws-1', mode: 'ask', budget: { minutes: 5 } });
  expect(wish?.text).toContain('Carry out a handed-over plan: Greeting');
  expect(wish?.text.endsWith(PLAN.trim())).toBe(true);
  expect(wish?.text).toContain('.handoff/agent-status.md');
  expect(bench.read('implementation-diff.patch')).toContain('+hello [redacted]');
  expect(bench.read('agent-status.md')).toContain('modified greeting.txt');
  expect(bench.runState()).toMatchObject({
    ...{ version: 1, state: 'completed', iteration: 1, agent: 'helper', taskId: 'task-1', pid: 4711 },
    ...{ planHash: ended.planSha256, lease: null, exitCode: 0, timedOut: false, finishedAt: ended.endedAt },
  });
  const log = bench.read('execution-log.jsonl').trimEnd().split('\n');
  expect(log.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    ...['handoff_started', 'iteration_started', 'iteration_executed', 'handoff_finished'],
  ]);
  for (const name of [
    'execution-log.jsonl',
    'handoff-run-state.json',
    'implementation-diff.patch',
    'agent-status.md',
  ])
    expect(statSync(join(folder, '.handoff', name)).mode & 0o777).toBe(0o600);
  expect(bench.audit.entries.map(({ type }) => type)).toEqual(['handoff.started', 'handoff.ended']);
});

test('a report that the agent has written itself is left as it is', async () => {
  const folder = temporaryFolder();
  const bench = handoffBench({
    folder,
    plan: PLAN,
    work: () => writeFileSync(join(folder, '.handoff/agent-status.md'), '# Status\ndone\n'),
  });
  expect(await bench.finish(RUN)).toMatchObject({ state: 'completed' });
  expect(bench.read('agent-status.md')).toBe('# Status\ndone\n');
  expect(bench.read('implementation-diff.patch')).toBe('');
});

test.each<[AgentEnd, string, string | null]>([
  ['failed', 'failed', 'executor_failed'],
  ['refused', 'failed', 'executor_failed'],
  ['timed-out', 'timed_out', 'timed_out'],
  ['cancelled', 'failed', 'human_cancelled'],
])('a task that ended %s makes it %s, and the plan is not completed', async (end, state, stopReason) => {
  const bench = handoffBench({ folder: temporaryFolder(), plan: PLAN, work: () => end });
  const ended = await bench.finish(RUN);
  expect(ended).toMatchObject({ state, stopReason });
  expect(bench.runState()).toMatchObject({ state, exitCode: 1, timedOut: state === 'timed_out' });
  // The owner's word is enough to try once more.
  expect(await bench.finish(RUN)).toMatchObject({ iteration: 1 });
  expect(bench.tasks.submitted).toHaveLength(2);
});

test('one at a time in a workspace; the second one is told which one runs', async () => {
  const bench = handoffBench({ folder: temporaryFolder(), plan: PLAN, work: () => 'never' });
  const first = await bench.start(RUN);
  await expect(bench.start(RUN)).rejects.toMatchObject({ code: 'conflict', data: { handoffId: first.id } });
  const stopped = await bench.stop(first.id);
  expect(stopped).toMatchObject({
    state: 'interrupted',
    stopReason: 'interrupted',
    reason: 'it was stopped',
  });
  expect(bench.tasks.stateOf('task-1')).toBe('cancelled');
  await expect(bench.stop(first.id)).rejects.toMatchObject({ code: 'conflict' });
  await bench.start(RUN);
});

test('what a killed host left running is interrupted at the next start and never run by itself', async () => {
  const db = openDatabase(join(temporaryFolder(), 'state.db'));
  const folder = temporaryFolder();
  const before = handoffBench({ folder, db, plan: PLAN, work: () => 'never' });
  const { id } = await before.start(RUN);
  await before.until(id, ({ handoff }) => handoff.taskId !== null);
  expect(before.runState()).toMatchObject({
    state: 'running',
    lease: { hostPid: 4711, hostEpoch: 7 },
    exitCode: null,
  });
  // The first host is gone without a word: another one opens the same database.
  const after = handoffBench({ folder, db });
  await after.handoffs.start();
  expect((await after.show(id)).handoff).toMatchObject({
    state: 'interrupted',
    reason: 'its host ended before it did',
  });
  expect(after.runState()).toMatchObject({ id, state: 'interrupted', lease: null, exitCode: 1 });
  expect(after.read('execution-log.jsonl')).toContain('its host ended before it did');
  expect(after.tasks.submitted).toEqual([]);
  expect(await after.finish(RUN)).toMatchObject({ state: 'completed' });
});

test('a task that still waits in the queue does not outlive its host, whether that is stopped or killed', async () => {
  const db = openDatabase(join(temporaryFolder(), 'state.db'));
  const folder = temporaryFolder();
  const killed = handoffBench({ folder, db, plan: PLAN, isBusy: true });
  const { id } = await killed.start(RUN);
  await killed.until(id, ({ handoff }) => handoff.taskId !== null);
  const next = handoffBench({ folder, db, tasks: killed.tasks });
  await next.handoffs.start();
  expect((await next.show(id)).handoff.state).toBe('interrupted');
  expect(killed.tasks.stateOf('task-1')).toBe('cancelled');
  const stopped = handoffBench({ folder: temporaryFolder(), plan: PLAN, isBusy: true });
  const other = await stopped.start(RUN);
  await stopped.until(other.id, ({ handoff }) => handoff.taskId !== null);
  await stopped.handoffs.stop();
  expect((await stopped.show(other.id)).handoff).toMatchObject({
    state: 'interrupted',
    reason: 'the host was stopped',
  });
  expect(stopped.tasks.stateOf('task-1')).toBe('cancelled');
});

test.each([
  ['no plan', () => {}, 'not_found'],
  ['an empty one', (folder: string) => writePlan(folder, '\n'), 'invalid_input'],
  ['the form', (folder: string) => writePlan(folder, '# Plan\n\n- TODO\n'), 'invalid_input'],
])('with %s nothing is started, and a dry run says why', async (_name, make, code) => {
  const folder = temporaryFolder();
  make(folder);
  const bench = handoffBench({ folder });
  await expect(bench.start(RUN)).rejects.toMatchObject({ code });
  expect((await bench.preview(RUN)).problem).not.toBe('');
  expect(bench.tasks.submitted).toEqual([]);
  expect((await bench.handoffs.handlers['handoff.list']({ limit: 5 }, owner)).handoffs).toEqual([]);
});

test('a dry run says agent, command, plan and files, and touches nothing', async () => {
  const folder = temporaryFolder();
  const bench = handoffBench({ folder, plan: PLAN });
  const preview = await bench.preview({
    ...{
      kind: 'loop',
      workspace: 'ws-1',
      reviewer: 'sh -c "exit 0" {{plan_file}}',
      tests: 'true',
      maxIterations: 2,
    },
  });
  expect(preview).toMatchObject({
    ...{ agent: 'helper', argv: ['/usr/bin/helper', '--acp'], mode: 'ask', title: 'Greeting', problem: '' },
    ...{ tests: ['true'], maxIterations: 2, planBytes: PLAN.length },
    reviewer: ['sh', '-c', 'exit 0', join(bench.folder, '.handoff/current-plan.md')],
  });
  expect(preview.writes).toContain('.handoff/loop-review.md');
  expect(existsSync(join(folder, '.handoff/handoff-run-state.json'))).toBe(false);
  expect([bench.requests, bench.tasks.submitted, bench.audit.entries]).toEqual([[], [], []]);
});

test.each([
  ['an unknown agent', { agent: 'nobody' }, 'not_found'],
  ['one whose program is missing', { agent: 'gone' }, 'unavailable'],
  ['an unknown workspace', { workspace: 'elsewhere' }, 'not_found'],
])('%s is refused before anything happens', async (_name, part, code) => {
  const bench = handoffBench({ folder: temporaryFolder(), plan: PLAN });
  await expect(bench.start({ ...RUN, ...part })).rejects.toMatchObject({ code });
  expect(bench.tasks.submitted).toEqual([]);
});

test('a context directory that is a link, and files of it that are, are never written through', async () => {
  const outside = temporaryFolder('outside');
  writeFileSync(join(outside, 'current-plan.md'), PLAN);
  const linked = temporaryFolder();
  symlinkSync(outside, join(linked, '.handoff'));
  await expect(handoffBench({ folder: linked }).start(RUN)).rejects.toMatchObject({ code: 'not_permitted' });
  const folder = temporaryFolder();
  const bench = handoffBench({ folder, plan: PLAN });
  writeFileSync(join(outside, 'victim'), 'as it was');
  symlinkSync(join(outside, 'victim'), join(folder, '.handoff/handoff-run-state.json'));
  await expect(bench.start(RUN)).rejects.toMatchObject({ code: 'not_permitted' });
  expect(bench.tasks.submitted).toEqual([]);
  const { handoffs } = await bench.handoffs.handlers['handoff.list']({ limit: 5 }, owner);
  expect(handoffs).toMatchObject([{ state: 'failed' }]);
});

test('a link that the agent puts in the way of a result ends the handoff, and nothing is written through it', async () => {
  const outside = join(temporaryFolder('outside'), 'victim');
  writeFileSync(outside, 'as it was');
  const folder = temporaryFolder();
  const bench = handoffBench({
    folder,
    plan: PLAN,
    work: () => symlinkSync(outside, join(folder, '.handoff/implementation-diff.patch')),
  });
  const ended = await bench.finish(RUN);
  expect(ended.state).toBe('failed');
  expect(ended.reason).toContain('implementation-diff.patch');
  expect(statSync(outside).size).toBe('as it was'.length);
});

test('without an agent that was named the only one that is there is taken', async () => {
  const folder = temporaryFolder();
  const bench = handoffBench({ folder, plan: PLAN });
  expect((await bench.finish(RUN)).agent).toBe('helper');
});

test('a watch ends when whoever started it has not looked for 30 seconds; a run does not', async () => {
  const clock = handClock();
  const bench = handoffBench({ folder: temporaryFolder(), clock, plan: PLAN, work: () => 'never' });
  const run = await bench.start(RUN);
  clock.advance(60_000);
  expect((await bench.show(run.id)).handoff.state).toBe('running');
  await bench.stop(run.id);
  const watch = await bench.start({ kind: 'watch', workspace: 'ws-1' });
  clock.advance(29_000);
  expect((await bench.show(watch.id)).handoff.state).toBe('running');
  clock.advance(29_000);
  expect((await bench.show(watch.id)).handoff.state).toBe('running');
  clock.advance(31_000);
  const ended = await bench.until(watch.id, ({ handoff }) => handoff.state !== 'running');
  expect(ended.handoff).toMatchObject({ state: 'interrupted', reason: 'whoever started it is gone' });
});
