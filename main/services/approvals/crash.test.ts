import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Rule } from '../../../contract/policy.ts';
import { openDatabase } from '../../kernel/database.ts';
import { handClock } from '../../testing/fake-ports.ts';
import { leave, request, run, testApprovals } from '../../testing/approvals-bench.ts';

const root = join(import.meta.dirname, '../../..');
let folder: string;
let program: string;
let kills = 0;
let retries = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'approvals-crash-'));
  program = join(root, 'node_modules', `.approvals-crash-${process.pid}.mjs`);
  await build({
    entryPoints: [join(import.meta.dirname, '../../testing/approvals-crash-child.ts')],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(program, { force: true });
  process.stdout.write(
    `approval crash: ${kills} kills, each in a state of its own, ${retries} automatic retries\n`,
  );
});

/** A host of its own is killed the moment the state is on the disk. */
async function killIn(state: string, comesAgain: boolean): Promise<{ database: string; effects: string }> {
  const name = `${state}-${kills}`;
  const [database, effects] = [join(folder, `${name}.db`), join(folder, `${name}.txt`)];
  const child = spawn(process.execPath, [program, database, effects, state, comesAgain ? 'yes' : 'no'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  expect(String(line)).toContain(state);
  if (state === 'executing') await expect.poll(() => linesIn(effects), { timeout: 5000 }).toBe(1);
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  kills += 1;
  return { database, effects };
}

const linesIn = (file: string): number =>
  existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').length : 0;

const cases: [state: string, comesAgain: boolean, after: string, effects: number][] = [
  ['pending', false, 'cancelled', 0],
  ['pending', true, 'pending', 0],
  ['approved', false, 'stale', 0],
  ['approved', true, 'approved', 0],
  ['executing', true, 'unknown', 1],
  ['done', true, 'done', 1],
  ['failed', true, 'failed', 1],
  ['stale', true, 'stale', 0],
  ['denied', true, 'denied', 0],
  ['expired', true, 'expired', 0],
  ['cancelled', true, 'cancelled', 0],
];

test.each(cases)(
  'killed while %s (comes again: %s): %s after the restart, and nothing is retried',
  async (state, comesAgain, after, count) => {
    const { database, effects } = await killIn(state, comesAgain);
    const db = openDatabase(database);
    const host = testApprovals({ db, clock: handClock(Date.now()) });
    host.approvals.start(10);
    await host.settled();
    const [approval] = await host.list();
    expect(approval?.state).toBe(after);
    // An hour of the new host: nothing comes to life by itself.
    host.clock.advance(3_600_000);
    await host.settled();
    retries += linesIn(effects) - count;
    expect(linesIn(effects)).toBe(count);
    db.close();
  },
);

test('leave that was given and not begun is used once by the asker that comes again', async () => {
  const { database } = await killIn('approved', true);
  const db = openDatabase(database);
  const rules: Rule[] = [{ id: 'test.ask', effect: 'ask', when: {} }];
  const host = testApprovals({ db, clock: handClock(Date.now()), rules });
  host.approvals.start(10);
  const permit = leave(await host.approvals.decide(request(run('make'), { comesAgain: true })));
  await permit.execute(run('make'), () => Promise.resolve());
  expect((await host.list()).map((one) => one.state)).toEqual(['done']);
  db.close();
});
