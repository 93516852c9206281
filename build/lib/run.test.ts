import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { mustRun, run } from './run.mjs';

const node = (code: string, options = {}) => run(process.execPath, ['-e', code], options);

test('output and exit code come back', async () => {
  const result = await node('console.log("out"); console.error("err"); process.exitCode = 3');
  expect(result).toMatchObject({ code: 3, stdout: 'out\n', timedOut: false });
  expect(result.output).toContain('err');
});

test('a program that is not there is code 127, not an exception', async () => {
  expect((await run('/nonexistent/program', [])).code).toBe(127);
});

test('a failing program is an error with its last words and how to mend it', async () => {
  const failing = mustRun('the step', process.execPath, ['-e', 'console.log("why"); process.exit(1)'], {
    mend: 'do X',
  });
  await expect(failing).rejects.toMatchObject({ detail: 'why', mend: 'do X' });
});

test('a program that takes too long is ended with its children', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'pid');
  const child = `require('fs').writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`;
  const parent = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}]); setInterval(() => {}, 1000)`;
  const result = await node(parent, { timeoutMs: 2_500 });
  expect(result).toMatchObject({ timedOut: true, code: 128 });
  const pid = Number(readFileSync(file, 'utf8'));
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), { timeout: 5_000 });
});
