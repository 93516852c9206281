import { spawn } from 'node:child_process';
import { StepError, lastLines } from './step-error.mjs';

/**
 * @typedef {object} RunOptions
 * @property {string} [cwd]
 * @property {Record<string, string | undefined>} [env] added to this process's environment
 * @property {number} [timeoutMs] the whole process group is ended after this; default 15 minutes
 *
 * @typedef {{ code: number, output: string, stdout: string, timedOut: boolean }} RunResult
 *   `code` is 128 when a signal ended the process and 127 when it could not be started; `output` is stdout and
 *   stderr as they came.
 */

const KILL_AFTER_MS = 5_000;
/** @type {Set<number>} process groups that are running now */
const groups = new Set();

/**
 * @param {number} pid leader of a process group
 * @param {NodeJS.Signals} signal
 */
function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has gone already.
  }
}

/** @type {readonly NodeJS.Signals[]} */
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** @param {NodeJS.Signals} signal */
function endAll(signal) {
  for (const pid of groups) signalGroup(pid, 'SIGTERM');
  process.exit(signal === 'SIGINT' ? 130 : 143);
}

// Children run in groups of their own, so the terminal's ^C does not reach them: while some run, we pass it on.
/** @param {number} pid */
function track(pid) {
  if (groups.size === 0) for (const signal of ENDING) process.on(signal, endAll);
  groups.add(pid);
}

/** @param {number} pid */
function untrack(pid) {
  groups.delete(pid);
  if (groups.size === 0) for (const signal of ENDING) process.off(signal, endAll);
}

/**
 * Runs a program to its end and keeps what it said. Never rejects: a program that cannot be started is code 127.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<RunResult>}
 */
export function run(command, args, { cwd, env, timeoutMs = 15 * 60_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
      shell: process.platform === 'win32' && command === 'npm',
    });
    let output = '';
    let stdout = '';
    let timedOut = false;
    const { pid } = child;
    if (pid !== undefined) track(pid);
    const stop = (/** @type {NodeJS.Signals} */ signal) => {
      if (pid === undefined || process.platform === 'win32') child.kill(signal);
      else signalGroup(pid, signal);
    };
    const timer = setTimeout(() => {
      timedOut = true;
      stop('SIGTERM');
      setTimeout(() => stop('SIGKILL'), KILL_AFTER_MS).unref();
    }, timeoutMs);
    const finish = (/** @type {number} */ code) => {
      clearTimeout(timer);
      if (pid !== undefined) untrack(pid);
      resolve({ code, output, stdout, timedOut });
    };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => {
      output += error.message;
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 128));
  });
}

/**
 * Runs a program that must succeed.
 * @param {string} what the step's name, for the error
 * @param {string} command
 * @param {readonly string[]} args
 * @param {RunOptions & { mend?: string }} [options]
 */
export async function mustRun(what, command, args, { mend = '', ...options } = {}) {
  const result = await run(command, args, options);
  if (result.code === 0) return result;
  const how = result.timedOut ? 'took too long and was stopped' : `ended with code ${String(result.code)}`;
  throw new StepError(`${what}: \`${[command, ...args].join(' ')}\` ${how}`, {
    mend,
    detail: lastLines(result.output),
  });
}
