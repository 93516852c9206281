import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withLock } from './lock.mjs';

function lockPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-lock-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'below', 'lock');
}

test('the lock names its owner while work runs and is gone after, also after a failure', async () => {
  const path = lockPath();
  await withLock(path, async () => expect(readFileSync(path, 'utf8')).toBe(String(process.pid)));
  expect(existsSync(path)).toBe(false);
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});

test('two never work at once', async () => {
  const path = lockPath();
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, (inside += 1));
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([withLock(path, work), withLock(path, work), withLock(path, work)]);
  expect(most).toBe(1);
});

test('a lock whose owner has died is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const path = lockPath();
  await withLock(path, async () => {});
  writeFileSync(path, String(child.pid));
  expect(await withLock(path, async () => 'mine')).toBe('mine');
});

test('a lock that a living process holds too long is an error that names it', async () => {
  const path = lockPath();
  await withLock(path, async () => {});
  writeFileSync(path, String(process.ppid));
  await expect(withLock(path, async () => {}, { timeoutMs: 1 })).rejects.toThrow(String(process.ppid));
});
