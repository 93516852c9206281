import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { within } from './within.ts';
import { ROOT } from './folders.ts';
import { hostEnv, LAUNCHER } from './run-cli.ts';
import { endGroup } from './process-tree.ts';

const READY_MS = 20_000;
const EXIT_MS = 20_000;

/** The first line of `signalbox serve --json`. */
export interface Ready {
  readonly event: 'ready';
  readonly home: string;
  readonly pid: number;
  readonly dashboard: string;
  readonly mcp: string;
  readonly acp: string;
  readonly companion: string;
  readonly proxy: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Served {
  readonly home: string;
  readonly ready: Ready;
  /** Its first line, byte for byte. */
  readonly readyLine: string;
  /** Milliseconds from spawn to that line. */
  readonly readyAfterMs: number;
  readonly pid: number;
  readonly exited: Promise<Exit>;
  /** Everything that it printed, on both streams. */
  output(): string;
  /**
   * Sends the signal and waits for the end.
   * @throws with what it printed when that was no clean end
   */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<void>;
  /** For the end of a test: gone afterwards, however. */
  dispose(): Promise<void>;
}

/**
 * Starts the built headless host and waits until it is ready.
 * @throws with what it printed when it ends first
 */
export async function serve(
  home: string,
  options: { args?: readonly string[]; env?: NodeJS.ProcessEnv } = {},
): Promise<Served> {
  const started = performance.now();
  const child = spawn(process.execPath, [LAUNCHER, 'serve', '--json', ...(options.args ?? [])], {
    cwd: ROOT,
    env: hostEnv(home, options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const exited = new Promise<Exit>((resolve) => {
    child.once('error', (error) => {
      printed += error.message;
      resolve({ code: 127, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  const lines = createInterface({ input: child.stdout });
  const first = new Promise<string>((resolve) => lines.once('line', resolve));
  lines.on('line', (line) => (printed += `${line}\n`));
  const early = exited.then(({ code, signal }) => {
    throw new Error(`the host ended before it was ready (${code ?? signal ?? '?'}):\n${printed}`);
  });
  early.catch(() => {});
  const dispose = async () => {
    endGroup(child.pid, 'SIGKILL');
    await exited;
  };
  try {
    const readyLine = await within(READY_MS, `serve in ${home} is ready`, Promise.race([first, early]));
    return {
      home,
      ready: JSON.parse(readyLine) as Ready,
      readyLine,
      readyAfterMs: performance.now() - started,
      pid: child.pid ?? 0,
      exited,
      output: () => printed,
      async stop(signal = 'SIGTERM') {
        child.kill(signal);
        const { code, signal: by } = await within(EXIT_MS, `the host ends on ${signal}`, exited);
        if (code !== 0) throw new Error(`${signal} ended the host with ${code ?? by ?? '?'}:\n${printed}`);
      },
      dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}
