import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { readText } from './stamp.mjs';
import { StepError } from './step-error.mjs';

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * @param {string} path
 * @returns {boolean} false when the file was there already
 */
function create(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes a lock file that names its owner's process; a lock whose owner has died is taken over.
 * @param {string} path
 * @returns {Promise<boolean>} false when a living process holds it
 */
async function tryLock(path) {
  if (create(path)) return true;
  const owner = Number(readText(path) ?? '');
  // An empty file is an owner between create and write: it counts as alive.
  if (!owner || isAlive(owner)) return false;
  rmSync(path, { force: true });
  if (!create(path)) return false;
  // Another waiter may have seen the same dead owner and removed our file instead of the old one.
  await wait(100);
  return readText(path) === String(process.pid);
}

/**
 * Runs `work` while this process alone holds `path`; waits for another holder.
 * @template T
 * @param {string} path lock file
 * @param {() => Promise<T>} work
 * @param {{ timeoutMs?: number, onWait?: (owner: string) => void }} [options]
 * @returns {Promise<T>}
 */
export async function withLock(path, work, { timeoutMs = 15 * 60_000, onWait = () => {} } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  const until = performance.now() + timeoutMs;
  let told = false;
  while (!(await tryLock(path))) {
    const owner = readText(path) ?? '?';
    if (performance.now() > until) {
      throw new StepError(`process ${owner} has held ${path} for too long`, {
        mend: `end that process, or remove the file if it is not one of this project's`,
      });
    }
    if (!told) onWait(owner);
    told = true;
    await wait(150);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}
