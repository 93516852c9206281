import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './folders.ts';
import { endGroup } from './process-tree.ts';

export const LAUNCHER = join(ROOT, 'bin', 'signalbox.mjs');

export interface CliResult {
  /** The exit code; 128 when a signal ended it. */
  readonly code: number;
  /** The one JSON document of a `--json` verb; undefined when stdout is no JSON. */
  readonly json: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The environment of a host and of everything that talks to it. Without a session bus its keys are files in the
 * home, and without a runtime folder its socket is there too: nothing of the machine is touched.
 */
export function hostEnv(home: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const { DBUS_SESSION_BUS_ADDRESS: _bus, XDG_RUNTIME_DIR: _runtime, ...env } = process.env;
  return { ...env, NO_COLOR: '1', SIGNALBOX_HOME: home, XDG_STATE_HOME: join(home, 'outside'), ...more };
}

/** Runs one verb of the built command line to its end. Never rejects; ended after `timeoutMs`. */
export function runCli(
  home: string,
  args: readonly string[],
  options: { input?: string; timeoutMs?: number; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<CliResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [LAUNCHER, ...args], {
      cwd: options.cwd ?? ROOT,
      env: hostEnv(home, options.env),
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const timer = setTimeout(() => endGroup(child.pid, 'SIGKILL'), options.timeoutMs ?? 30_000);
    const finish = (code: number) => {
      clearTimeout(timer);
      resolve({ code, json: asJson(stdout), stdout, stderr });
    };
    child.on('error', (error) => {
      stderr += error.message;
      finish(127);
    });
    child.on('close', (code) => finish(code ?? 128));
    // A program that ended without reading is not our failure: its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** A verb that must work, with `--json`: its answer. */
export async function askCli<T>(home: string, args: readonly string[]): Promise<T> {
  // What stands behind `--` belongs to another program.
  const at = args.includes('--') ? args.indexOf('--') : args.length;
  const result = await runCli(home, [...args.slice(0, at), '--json', ...args.slice(at)]);
  if (result.code !== 0) {
    throw new Error(
      `signalbox ${args.join(' ')} ended with ${result.code}:\n${result.stdout}${result.stderr}`,
    );
  }
  return result.json as T;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
