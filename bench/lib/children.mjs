import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const STOP_MS = 10_000;

/**
 * A program in a process group of its own.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 */
export function start(command, args, { env = process.env, cwd = process.cwd() } = {}) {
  const startedAt = performance.now();
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  /** @type {{ text: string, done: (at: number) => void }[]} */
  let awaited = [];
  const hear = (/** @type {string} */ text) => {
    output += text;
    const now = performance.now();
    awaited = awaited.filter(({ text: wanted, done }) => !output.includes(wanted) || done(now));
  };
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  /** @type {Promise<number | null>} */
  const exited = new Promise((done) => {
    child.once('error', (error) => {
      output += error.message;
      done(127);
    });
    child.once('exit', (code) => done(code));
  });
  const { pid = 0 } = child;
  const signal = (/** @type {NodeJS.Signals} */ name) => {
    try {
      process.kill(-pid, name);
    } catch {
      // The group has ended already.
    }
  };
  return {
    pid,
    startedAt,
    exited,
    output: () => output,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    /**
     * Milliseconds from the start until the program has printed this.
     * @param {string} text
     * @returns {Promise<number>}
     */
    printed: (text) =>
      Promise.race([
        new Promise((done) => awaited.push({ text, done: (at) => done(at - startedAt) })),
        exited.then((code) => {
          throw new Error(`${command} ended with code ${code} before "${text}":\n${output}`);
        }),
      ]),
    /** Ends the program by SIGTERM, and the whole group for certain. */
    async stop() {
      if (pid === 0) return;
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const killer = setTimeout(() => signal('SIGKILL'), STOP_MS);
      await exited;
      clearTimeout(killer);
      signal('SIGKILL');
    },
  };
}

/** An empty folder of its own. */
export function freshFolder() {
  const path = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}
