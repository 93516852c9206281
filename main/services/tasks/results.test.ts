import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { TaskDiff } from '../../../contract/tasks.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { scriptedAgent, type ScriptedAgent } from '../../testing/scripted-agent.ts';
import { taskBench, type Bench } from '../../testing/tasks-bench.ts';

const owner = ownerCaller('cli');
const benches: Bench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map((made) => made.stop()));
});

/** A task that changes the folder between its prompt and its end. */
async function diffOf(
  prepare: (folder: string) => void,
  change: (folder: string, agent: ScriptedAgent) => void | Promise<void>,
): Promise<{ on: Bench; running: TaskDiff; diff: TaskDiff; changed: readonly string[] }> {
  let agent: ScriptedAgent | null = null;
  const on = await taskBench({ launch: () => (agent = scriptedAgent()) });
  benches.push(on);
  prepare(on.folder);
  on.tasks.start();
  const input = { agent: 'demo', workspace: 'ws-1', mode: 'auto' as const, text: 'go', budget: {} };
  const { id } = await on.tasks.handlers['tasks.submit']({ ...input, idempotencyKey: 'the-only-key' }, owner);
  await expect.poll(() => agent?.prompts.length ?? 0, { timeout: 5000 }).toBe(1);
  await change(on.folder, agent!);
  const diff = async () => on.tasks.handlers['tasks.diff']({ taskId: id }, owner);
  const running = await diff();
  agent!.finish('end_turn');
  const done = await on.until(id, 'done');
  return { on, running, diff: await diff(), changed: 'changedFiles' in done ? done.changedFiles : [] };
}

function git(folder: string, ...words: string[]): string {
  const settings = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', ['-C', folder, ...settings, ...words], { encoding: 'utf8' });
}

function repository(folder: string): void {
  git(folder, 'init', '-q');
  writeFileSync(join(folder, 'kept.txt'), 'one\ntwo\n');
  writeFileSync(join(folder, 'gone.txt'), 'bye\n');
  writeFileSync(join(folder, '.gitignore'), 'ignored\n');
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', 'first');
  // What was there before the task is not its work.
  writeFileSync(join(folder, 'kept.txt'), 'one\ntwo\nmine\n');
  writeFileSync(join(folder, 'untracked.txt'), 'mine too\n');
}

test('the result is the folder against the folder at the start, untracked files and commits included', async () => {
  const { running, diff, changed, on } = await diffOf(repository, (folder) => {
    writeFileSync(join(folder, 'kept.txt'), 'one\n2\nmine\n');
    writeFileSync(join(folder, 'untracked.txt'), 'mine too\nand its\n');
    writeFileSync(join(folder, 'new name.txt'), 'key hunter2hunter2\n');
    mkdirSync(join(folder, 'ignored'));
    writeFileSync(join(folder, 'ignored/x'), 'x');
    writeFileSync(join(folder, '.env'), 'SECRET=1\n');
    rmSync(join(folder, 'gone.txt'));
    git(folder, 'commit', '-qam', 'by the agent');
  });
  expect(diff).toMatchObject({ source: 'git', final: true, redacted: true, truncated: false, note: '' });
  expect(diff.files).toEqual([
    { path: 'gone.txt', change: 'deleted', added: 0, removed: 1 },
    { path: 'kept.txt', change: 'modified', added: 1, removed: 1 },
    { path: 'new name.txt', change: 'added', added: 1, removed: 0 },
    { path: 'untracked.txt', change: 'modified', added: 1, removed: 0 },
  ]);
  expect(diff.diff).toContain('+key [redacted]');
  expect(diff.diff).not.toContain('mine too\n-');
  expect(diff.diff).not.toContain('SECRET');
  expect(running).toMatchObject({ source: 'git', final: false, files: diff.files });
  expect(changed).toEqual(['gone.txt', 'kept.txt', 'new name.txt', 'untracked.txt']);
  // Nothing was put into the repository for it.
  expect(git(on.folder, 'status', '--porcelain').split('\n').filter(Boolean)).toEqual([
    ...['?? .env', '?? "new name.txt"', '?? untracked.txt'],
  ]);
  expect(git(on.folder, 'count-objects').startsWith('8 objects')).toBe(true);
});

test('filters and hooks that a repository configures are not run', async () => {
  const { diff, on } = await diffOf(
    (folder) => {
      repository(folder);
      git(folder, 'config', 'filter.evil.clean', `touch ${folder}/ran; cat`);
      git(folder, 'config', 'core.fsmonitor', `touch ${folder}/ran`);
      writeFileSync(join(folder, '.gitattributes'), '*.txt filter=evil diff=evil\n');
      git(folder, 'config', 'diff.evil.textconv', `touch ${folder}/ran; cat`);
      git(folder, 'config', 'diff.evil.command', `touch ${folder}/ran; true`);
    },
    (folder) => writeFileSync(join(folder, 'kept.txt'), 'changed\n'),
  );
  expect(diff.files.map(({ path }) => path)).toEqual(['kept.txt']);
  expect(readdirSync(on.folder)).not.toContain('ran');
});

test('without git the result is what passed the host', async () => {
  const { diff } = await diffOf(
    (folder) => writeFileSync(join(folder, 'a.txt'), 'old\n'),
    async (folder, agent) => {
      writeFileSync(join(folder, 'beside.txt'), 'not seen by the host\n');
      await agent.request('fs/write_text_file', { path: join(folder, 'a.txt'), content: 'newer\n' });
      await agent.request('fs/write_text_file', { path: join(folder, 'a.txt'), content: 'newest\n' });
    },
  );
  expect(diff).toMatchObject({
    source: 'writes',
    files: [{ path: 'a.txt', change: 'modified', added: 1, removed: 1 }],
    note: 'the workspace is not the top of a git repository',
  });
  expect(diff.diff).toContain('-old\n+newest\n');
});

test('a long diff is cut and says so', async () => {
  const { diff } = await diffOf(repository, (folder) =>
    writeFileSync(join(folder, 'long.txt'), 'line of text\n'.repeat(100_000)),
  );
  expect(diff.truncated).toBe(true);
  expect(diff.diff.length).toBeLessThanOrEqual(512 * 1024);
  expect(diff.files).toContainEqual({ path: 'long.txt', change: 'added', added: 100_000, removed: 0 });
});
