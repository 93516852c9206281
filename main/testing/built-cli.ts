import { build } from 'esbuild';
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { mainBundle } from '../../build/lib/bundles.mjs';
import { ROOT } from '../../build/lib/paths.mjs';

export interface Result {
  /** -1 for one that a signal ended. */
  code: number;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The command line as a shell sees it: the real program, built, in a folder of its own. */
export interface BuiltCli {
  readonly folder: string;
  start(args: readonly string[], home: string): ChildProcessWithoutNullStreams;
  remove(): void;
}

export async function buildCli(): Promise<BuiltCli> {
  // Below node_modules, as packages with native code are loaded from there.
  mkdirSync(join(ROOT, 'node_modules', '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'node_modules', '.cache', 'signalbox-cli-'));
  await build(
    mainBundle(join(folder, 'dist'), {
      'cli/signalbox': 'main/cli/main.ts',
      'agents/demo-agent': 'main/services/agents/demo-agent.ts',
      'shim/signalbox-shim': 'main/services/supervisor/shim/shim-main.ts',
    }),
  );
  const program = join(folder, 'dist', 'cli', 'signalbox.mjs');
  const env = { ...process.env, SIGNALBOX_HOME: undefined, XDG_RUNTIME_DIR: undefined };
  return {
    folder,
    start: (args, home) => spawn(process.execPath, [program, '--home', home, ...args], { env }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function finished(child: ChildProcessWithoutNullStreams): Promise<Result> {
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) =>
    child.once('close', (code, signal) => resolve({ code: code ?? -1, signal, stdout, stderr })),
  );
}

/** Resolves with the first line that fits. */
export function lineOf(
  child: ChildProcessWithoutNullStreams,
  from: 'stdout' | 'stderr',
  pattern: RegExp,
): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child[from] }).on('line', (line) => pattern.test(line) && resolve(line));
    child.once('close', () => reject(new Error(`ended before it printed ${String(pattern)}`)));
  });
}
