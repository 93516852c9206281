import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HandoffEventName } from '../../../contract/handoff.ts';
import type { HandoffId } from '../../../contract/ids.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import {
  handoffBench,
  SECRET,
  writePlan,
  type Answer,
  type BenchOptions,
} from '../../testing/handoff-bench.ts';

const WATCH = { kind: 'watch', workspace: 'ws-1' } as const;
const PLAN = '# First\n\nDo the first thing.\n';

async function watching(options: Partial<BenchOptions> = {}) {
  const folder = options.folder ?? temporaryFolder();
  const bench = handoffBench({ ...options, folder });
  const { id } = await bench.start(WATCH);
  return {
    ...{ bench, folder, id },
    write(text: string) {
      writePlan(folder, text);
      bench.watches[0]?.changed();
    },
    /** Waits until a step was told so often. */
    told: (event: HandoffEventName, times = 1) => tell(bench, id, event, times),
    asked: () => bench.requests.map(({ diffs }) => diffs[0]?.newText),
  };
}

async function tell(
  bench: ReturnType<typeof handoffBench>,
  id: HandoffId,
  event: HandoffEventName,
  times: number,
) {
  const { events } = await bench.until(
    id,
    (now) => now.events.filter((one) => one.event === event).length >= times,
  );
  return events.filter((one) => one.event === event).at(-1);
}

test('a plan that appears is a question first, with its text and hash; a yes runs it once', async () => {
  const { bench, write, told } = await watching();
  expect(bench.requests).toEqual([]);
  write(`# Fix it\n\nThe key is ${SECRET}.\n`);
  await told('iteration_executed');
  expect(bench.requests).toMatchObject([
    {
      title: 'Let helper carry out the plan: Fix it',
      ...{ mustAsk: true, sessionKey: null, taskId: null, origin: 'cli' },
      diffs: [
        {
          path: '.handoff/current-plan.md',
          oldText: null,
          newText: '# Fix it\n\nThe key is [redacted].\n',
          redacted: true,
        },
      ],
      facts: {
        ...{ kind: 'tool', workspaceId: 'ws-1', agent: 'helper', paths: ['.handoff/current-plan.md'] },
        tool: { name: 'handoff.watch', inputSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown },
      },
    },
  ]);
  expect(bench.tasks.submitted).toHaveLength(1);
  expect(bench.tasks.submitted[0]?.text).toContain(`The key is ${SECRET}.`);
});

test('the plan that is there already is a question too', async () => {
  const { bench, told } = await watching({ plan: PLAN, answer: () => 'never' });
  await told('plan_asked');
  expect(bench.tasks.submitted).toEqual([]);
});

test('a plan that was completed is not run again, not even by the next watch; another one is', async () => {
  const { bench, id, write, told } = await watching({ plan: PLAN });
  await told('iteration_executed');
  write(PLAN);
  await told('plan_skipped');
  write('# Second\n\nDo the second thing.\n');
  await told('iteration_executed', 2);
  await bench.stop(id);
  const again = await bench.start(WATCH);
  await tell(bench, again.id, 'plan_skipped', 1);
  expect(bench.tasks.submitted).toHaveLength(2);
  // The question about the second shows it beside the first.
  expect(bench.requests.map(({ diffs }) => diffs[0]?.oldText)).toEqual([null, PLAN]);
});

test('a plan that failed is asked for again when it is written again', async () => {
  let ends = 0;
  const { bench, write, told } = await watching({
    plan: PLAN,
    work: () => (ends++ === 0 ? 'failed' : 'done'),
  });
  await told('iteration_executed');
  write(PLAN);
  await told('iteration_executed', 2);
  expect(bench.requests).toHaveLength(2);
  write(PLAN);
  await told('plan_skipped');
  expect(bench.tasks.submitted).toHaveLength(2);
});

test('a no runs nothing, and the watch goes on', async () => {
  const answers: Answer[] = ['deny', 'allow'];
  const { bench, write, told } = await watching({ plan: PLAN, answer: () => answers.shift() ?? 'deny' });
  const refused = await told('plan_refused');
  expect(refused?.text).toContain('signalbox handoff run');
  expect(bench.tasks.submitted).toEqual([]);
  write('# Second\n\nDo the second thing.\n');
  await told('iteration_executed');
  expect(bench.tasks.submitted).toHaveLength(1);
});

test('while the question waits another plan is written: the first question is taken back', async () => {
  const { bench, write, told, asked } = await watching({
    plan: PLAN,
    answer: ({ diffs }) => (diffs[0]?.newText === PLAN ? 'never' : 'allow'),
  });
  await told('plan_asked');
  // The same text once more changes nothing.
  write(PLAN);
  write('# Second\n\nDo the second thing.\n');
  await told('iteration_executed');
  expect(asked()).toEqual([PLAN, '# Second\n\nDo the second thing.\n']);
  expect(bench.tasks.submitted.map(({ text }) => text.includes('second thing'))).toEqual([true]);
});

test('a plan that is exchanged between the yes and the start is not run', async () => {
  const folder = temporaryFolder();
  const { bench, told, asked } = await watching({
    ...{ folder, plan: PLAN },
    answer({ diffs }) {
      // The file system has not told of it yet.
      if (diffs[0]?.newText === PLAN) writePlan(folder, '# Evil\n\nDo the worst.\n');
      return diffs[0]?.newText === PLAN ? 'allow' : 'never';
    },
  });
  await told('plan_asked', 2);
  expect(asked()).toEqual([PLAN, '# Evil\n\nDo the worst.\n']);
  expect(bench.tasks.submitted).toEqual([]);
});

test('an empty file, a form and a plan that goes away are no plans', async () => {
  const { bench, folder, write, told } = await watching();
  write('\n');
  await told('plan_skipped');
  write('# Plan\n\n- TODO\n');
  await told('plan_skipped', 2);
  rmSync(join(folder, '.handoff/current-plan.md'));
  bench.watches[0]?.changed();
  write(PLAN);
  await told('iteration_executed');
  expect(bench.requests).toHaveLength(1);
});

test('with once there must be a plan; it is asked for, run, and that is the end', async () => {
  const empty = handoffBench({ folder: temporaryFolder() });
  await expect(empty.start({ ...WATCH, once: true })).rejects.toMatchObject({ code: 'not_found' });
  const bench = handoffBench({ folder: temporaryFolder(), plan: PLAN });
  expect(await bench.finish({ ...WATCH, once: true })).toMatchObject({ state: 'completed', iteration: 1 });
  expect(bench.watches).toEqual([]);
  await expect(bench.start({ ...WATCH, once: true })).rejects.toMatchObject({ code: 'conflict' });
  const refused = handoffBench({ folder: temporaryFolder(), plan: PLAN, answer: () => 'deny' });
  expect(await refused.finish({ ...WATCH, once: true })).toMatchObject({
    stopReason: 'human_cancelled',
    state: 'failed',
  });
});

test('stopping it takes back the question that waits', async () => {
  const { bench, id, told } = await watching({ plan: PLAN, answer: () => 'never' });
  const asked = await told('plan_asked');
  expect((await bench.show(id)).handoff.approvalId).toBe(asked?.approvalId);
  expect(await bench.stop(id)).toMatchObject({ state: 'interrupted', approvalId: null });
  expect(bench.requests[0]?.signal?.aborted).toBe(true);
  expect(bench.watches).toEqual([]);
});

test('a folder that cannot be watched ends it with the reason', async () => {
  const { bench, id } = await watching();
  bench.watches[0]?.failed('too many watches');
  const { handoff } = await bench.until(id, (now) => now.handoff.state !== 'running');
  expect(handoff).toMatchObject({ state: 'failed', reason: 'the plan cannot be watched: too many watches' });
});
