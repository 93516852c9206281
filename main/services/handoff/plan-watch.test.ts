import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { handClock } from '../../testing/fake-ports.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { writePlan } from '../../testing/handoff-bench.ts';
import { createPlanWatch } from './plan-watch.ts';

/** On the real file system; only the wait for quiet is ours. */
async function watched(folder: string) {
  const clock = handClock();
  let timers = 0;
  let changes = 0;
  let wake = () => {};
  const watch = createPlanWatch({
    ...clock,
    after(ms, run) {
      timers += 1;
      wake();
      return clock.after(ms, run);
    },
  });
  const ready = new Promise<void>((resolve, reject) => {
    const end = watch(folder, {
      changed: () => (changes += 1),
      failed: (reason) => reject(new Error(reason)),
      ready: resolve,
    });
    onTestFinished(end);
  });
  await ready;
  return {
    clock,
    changes: () => changes,
    /** The next event of the file system that counts. */
    event: (make: () => void) =>
      new Promise<void>((resolve) => {
        const before = timers;
        wake = () => timers > before && resolve();
        make();
      }),
  };
}

test('a plan that is written is told once it has been quiet for half a second', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.handoff'));
  const on = await watched(folder);
  await on.event(() => writePlan(folder, 'one'));
  on.clock.advance(499);
  expect(on.changes()).toBe(0);
  on.clock.advance(1);
  expect(on.changes()).toBe(1);
  await on.event(() => writePlan(folder, 'another'));
  on.clock.advance(500);
  expect(on.changes()).toBe(2);
});

test('a plan that is moved into place, removed, or whose folder is made anew is told as well', async () => {
  const folder = temporaryFolder();
  const on = await watched(folder);
  await on.event(() => writePlan(folder, 'one'));
  await on.event(() => rmSync(join(folder, '.handoff/current-plan.md')));
  await on.event(() => {
    writeFileSync(join(folder, '.handoff/new'), 'two');
    renameSync(join(folder, '.handoff/new'), join(folder, '.handoff/current-plan.md'));
  });
  await on.event(() => rmSync(join(folder, '.handoff'), { recursive: true }));
  await on.event(() => writePlan(folder, 'three'));
  on.clock.advance(500);
  expect(on.changes()).toBe(1);
});

test('nothing else in the workspace or in the folder counts', async () => {
  const folder = temporaryFolder();
  writePlan(folder, 'one');
  const on = await watched(folder);
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/current-plan.md'), 'x');
  writeFileSync(join(folder, 'other.txt'), 'x');
  writeFileSync(join(folder, '.handoff/agent-status.md'), 'x');
  on.clock.advance(10_000);
  // Written last, so whatever came before it has been told by now.
  await on.event(() => writePlan(folder, 'two'));
  on.clock.advance(499);
  expect(on.changes()).toBe(0);
});
