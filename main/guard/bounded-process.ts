import { spawn } from 'node:child_process';
import type { ChildProcess, StdioOptions } from 'node:child_process';
import { HostError } from '../../contract/errors.ts';

export interface BoundedRun {
  /** Absolute program and its arguments. */
  argv: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Cap for standard output and standard error together; beyond it the group is killed. */
  maxOutputBytes: number;
  signal?: AbortSignal | undefined;
  /**
   * Given, output goes there as it comes, standard output and error alike; nothing is collected, and there is no cap:
   * who takes it drops what it does not keep.
   */
  onOutput?: ((chunk: Uint8Array) => void) | undefined;
  /** Descriptors the child gets as 3, 4, … */
  descriptors?: readonly number[];
  /** Called right before the program is started, with nothing in between; what it throws is thrown, nothing is started. */
  beforeStart?: (() => void) | undefined;
}

export interface RunResult {
  /** Exit code, null if a signal ended it. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Output was cut at the cap and the command killed. */
  readonly truncated: boolean;
  readonly timedOut: boolean;
}

const graceMs = 1000;

/**
 * Runs one program in a process group of its own and ends the whole group on timeout, output cap or abort:
 * SIGTERM, after a second SIGKILL. Resolves when the program has ended and its pipes are closed or given up.
 *
 * @throws HostError `not_found` if the program cannot be started, `timed_out` is not thrown but reported.
 */
export function runBounded(run: BoundedRun): Promise<RunResult> {
  const [program, ...rest] = run.argv;
  if (program === undefined) return Promise.reject(new HostError('invalid_input', 'The command is empty.'));
  if (run.signal?.aborted) return Promise.reject(new HostError('unavailable', 'The command was cancelled.'));
  try {
    run.beforeStart?.();
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...(run.descriptors ?? [])];
  const child = spawn(program, rest, {
    cwd: run.cwd,
    env: run.env,
    stdio,
    detached: process.platform !== 'win32',
  });
  return supervise(child, run, program);
}

function supervise(child: ChildProcess, run: BoundedRun, program: string): Promise<RunResult> {
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  let left = run.maxOutputBytes;
  let truncated = false;
  let timedOut = false;
  let killTimer: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (killTimer !== undefined) return;
    killGroup(child, 'SIGTERM');
    killTimer = setTimeout(() => killGroup(child, 'SIGKILL'), graceMs);
  };
  const collect = (into: Buffer[]) => (chunk: Buffer) => {
    if (run.onOutput !== undefined) {
      run.onOutput(chunk);
      return;
    }
    if (chunk.length > left) truncated = true;
    if (left > 0) into.push(chunk.subarray(0, left));
    left = Math.max(0, left - chunk.length);
    if (truncated) end();
  };
  child.stdout?.on('data', collect(chunks.stdout));
  child.stderr?.on('data', collect(chunks.stderr));
  const timeout = setTimeout(() => {
    timedOut = true;
    end();
  }, run.timeoutMs);
  run.signal?.addEventListener('abort', end, { once: true });
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      clearTimeout(timeout);
      clearTimeout(killTimer);
      run.signal?.removeEventListener('abort', end);
    };
    child.once('error', (error) => {
      settle();
      reject(new HostError('not_found', `${JSON.stringify(program)} could not be started: ${error.message}`));
    });
    child.once('exit', () => {
      // What the leader left behind in its group ends with it; it may also hold the pipes open.
      killGroup(child, 'SIGKILL');
      setTimeout(() => {
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, graceMs).unref();
    });
    child.once('close', (code, signal) => {
      settle();
      const stdout = Buffer.concat(chunks.stdout).toString();
      const stderr = Buffer.concat(chunks.stderr).toString();
      resolve({ code, signal, stdout, stderr, truncated, timedOut });
    });
  });
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // The group is already gone.
  }
}
