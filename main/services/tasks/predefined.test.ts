import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openConfig } from '../../kernel/config.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { taskBench, type Bench, type BenchOptions } from '../../testing/tasks-bench.ts';
import type { ConfiguredAction } from './ports.ts';

const owner = ownerCaller('cli');
const benches: Bench[] = [];

afterEach(async () => {
  await Promise.all(benches.splice(0).map((made) => made.stop()));
});

const action = (part: Partial<ConfiguredAction>): ConfiguredAction => ({
  ...{
    name: 'hello',
    argv: ['sh', '-c', 'echo hello; echo hunter2hunter2 >&2'],
    workspace: 'ws-1',
    cwd: '.',
  },
  ...{ timeoutMs: 10_000, risk: 'low' as const },
  ...part,
});

async function bench(options: BenchOptions): Promise<Bench> {
  const made = await taskBench({ argv: ['/bin/true'], ...options });
  benches.push(made);
  made.tasks.start();
  return made;
}
const run = async (on: Bench, name = 'hello') => on.tasks.handlers['tasks.runAction']({ name }, owner);

test('a low risk runs without a question, medium and high are put before a person', async () => {
  const on = await bench({
    actions: [action({}), action({ name: 'medium', risk: 'medium' }), action({ name: 'high', risk: 'high' })],
  });
  expect(await run(on)).toMatchObject({ exitCode: 0, approvalId: null, timedOut: false });
  expect(await run(on, 'medium')).toMatchObject({ exitCode: 0, approvalId: 'approval-2' });
  expect(await run(on, 'high')).toMatchObject({ exitCode: 0, approvalId: 'approval-3' });
  // The policy is asked about each; the question of a low risk is taken back before anybody sees it.
  expect(on.approver.requests.map(({ mustAsk }) => mustAsk)).toEqual([false, true, true]);
  expect(on.approver.requests[0]?.signal?.aborted).toBe(true);
  expect(on.records.map(({ type }) => type).filter((type) => type === 'action.ended')).toHaveLength(3);
});

test('what a rule denies, or the host does not take now, is not run at any risk', async () => {
  const on = await bench({ answer: 'forbid', actions: [action({ argv: ['touch', 'ran'] })] });
  await expect(run(on)).rejects.toMatchObject({ code: 'refused', message: /a rule denies it/ });
  expect(on.records.map(({ type }) => type)).not.toContain('action.ended');
});

test('what a person denies is not run', async () => {
  const on = await bench({ answer: 'deny', actions: [action({ risk: 'high', argv: ['touch', 'ran'] })] });
  await expect(run(on)).rejects.toMatchObject({ code: 'refused' });
  const list = await on.tasks.handlers['tasks.actions']({}, owner);
  expect(list.actions[0]).toMatchObject({ name: 'hello', cwd: '.', workspaceId: 'ws-1' });
});

test('output is redacted, kept at both ends, and counted', async () => {
  const long = action({
    argv: ['sh', '-c', 'echo first; head -c 3000000 /dev/zero | tr "\\0" x; echo; echo last'],
  });
  const on = await bench({ actions: [action({ name: 'short' }), long] });
  expect((await run(on, 'short')).output.split('\n').sort()).toEqual(['', '[redacted]', 'hello']);
  const { output, droppedBytes } = await run(on);
  expect(output.startsWith('first\n')).toBe(true);
  expect(output.endsWith('last\n')).toBe(true);
  expect(output.length).toBeLessThan(1024 * 1024 + 100);
  expect(droppedBytes).toBe(3_000_012 - 1024 * 1024);
});

test('a command that takes too long is ended with all that it started', async () => {
  const on = await bench({
    actions: [action({ argv: ['sh', '-c', 'sleep 60 & sleep 60'], timeoutMs: 300 })],
  });
  expect(await run(on)).toMatchObject({ timedOut: true, exitCode: null, signal: 'SIGTERM' });
});

test('a folder outside, a missing program and an unknown name are refused with what would be right', async () => {
  const on = await bench({
    actions: [
      action({ name: 'outside', cwd: '../..' }),
      action({ name: 'gone', argv: ['no-such-program-here'] }),
    ],
    logSources: [{ name: 'away', workspace: 'elsewhere', path: 'x' }],
  });
  await expect(run(on, 'outside')).rejects.toThrow();
  await expect(run(on, 'gone')).rejects.toMatchObject({ code: 'not_found' });
  await expect(run(on, 'nobody')).rejects.toMatchObject({
    code: 'not_found',
    data: { names: ['outside', 'gone'] },
  });
  const { unusable } = await on.tasks.handlers['tasks.actions']({}, owner);
  expect(unusable.map(({ name }) => name)).toEqual(['outside', 'away']);
});

test('the end of a log is given by lines, capped and redacted; links out of the workspace are refused', async () => {
  const outside = join(mkdtempSync(join(tmpdir(), 'signalbox-log-')), 'system.log');
  writeFileSync(outside, 'one\ntwo\n');
  const on = await bench({
    logSources: [
      { name: 'app', workspace: 'ws-1', path: 'log/app.log' },
      { name: 'link', workspace: 'ws-1', path: 'log/link.log' },
      { name: 'system', path: outside },
      { name: 'folder', workspace: 'ws-1', path: 'log' },
      { name: 'missing', workspace: 'ws-1', path: 'log/none.log' },
      { name: 'secret', workspace: 'ws-1', path: '.env' },
    ],
  });
  mkdirSync(join(on.folder, 'log'));
  chmodSync(join(on.folder, 'log'), 0o755);
  symlinkSync(outside, join(on.folder, 'log/link.log'));
  writeFileSync(join(on.folder, '.env'), 'SECRET=1\n');
  const lines = Array.from({ length: 40_000 }, (_one, index) => `line ${index} hunter2hunter2`);
  writeFileSync(join(on.folder, 'log/app.log'), `${lines.join('\n')}\n`);
  const read = async (name: string, tail: number) =>
    on.tasks.handlers['tasks.readLogSource']({ name, tail }, owner);
  expect(await read('app', 2)).toEqual({
    name: 'app',
    text: 'line 39998 [redacted]\nline 39999 [redacted]\n',
    truncated: true,
  });
  const most = await read('app', 2000);
  expect(most.text.split('\n')).toHaveLength(2001);
  expect(await read('system', 5)).toEqual({ name: 'system', text: 'one\ntwo\n', truncated: false });
  await expect(read('link', 5)).rejects.toMatchObject({ code: 'refused' });
  await expect(read('folder', 5)).rejects.toMatchObject({ code: 'refused' });
  await expect(read('missing', 5)).rejects.toMatchObject({ code: 'not_found' });
  await expect(read('secret', 5)).rejects.toThrow();
});

test('the configuration file names what is wrong with an entry by file, line and key', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'signalbox-config-')), 'config.yaml');
  const wrong = (text: string) => {
    writeFileSync(file, text);
    return () => openConfig(file);
  };
  const entry = 'actions:\n  - name: test\n    argv: [npm, test]\n    workspace: project\n';
  expect(wrong(entry)().value.actions).toEqual([
    {
      name: 'test',
      argv: ['npm', 'test'],
      workspace: 'project',
      cwd: '.',
      timeoutMs: 300_000,
      risk: 'medium',
    },
  ]);
  expect(wrong(`${entry}    shell: true\n`)).toThrow(`${file}:5: actions.0.shell`);
  expect(wrong(`${entry}    cwd: /etc\n`)).toThrow(`${file}:5: actions.0.cwd`);
  expect(wrong(`${entry}    risk: none\n`)).toThrow(`${file}:5: actions.0.risk`);
  expect(wrong(`${entry}  - name: test\n    argv: [x]\n    workspace: w\n`)).toThrow(
    `${file}:5: actions.1.name: "test" is there twice`,
  );
  expect(wrong('logSources:\n  - name: app\n    path: relative.log\n')).toThrow(
    `${file}:3: logSources.0.path`,
  );
  expect(wrong('tasks:\n  perAgent: 0\n')).toThrow(`${file}:2: tasks.perAgent`);
});
