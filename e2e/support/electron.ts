import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright-core';
import { ensureElectron } from '../../build/electron-runtime.mjs';
import { ROOT } from '../../build/lib/paths.mjs';
import { until } from './until.ts';

export interface DesktopApp {
  readonly app: ElectronApplication;
  readonly root: string;
  readonly pid: number;
  /** What it printed so far, both streams. */
  output(): string;
  /** The window whose address starts so; waits for it. */
  page(address: string): Promise<Page>;
  /** The dashboard, opened as a second start of the app opens it. */
  dashboard(): Promise<Page>;
  /** Resolves with the exit code. */
  readonly exited: Promise<number | null>;
  /** Ends it by a signal, waits, and takes its home away. */
  stop(): Promise<void>;
}

/** A new home whose keys lie in files: a test asks no keyring. */
export function makeHome(config = ''): string {
  const root = mkdtempSync(join(tmpdir(), 'signalbox-desktop-'));
  writeFileSync(join(root, 'config.yaml'), `secrets:\n  store: file\n${config}`, { mode: 0o600 });
  return root;
}

/** The environment of a start in this home, without what would lead out of it. */
export function environment(root: string): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(ELECTRON_|SIGNALBOX_|VITEST|NODE_|XDG_)/.test(entry[0]),
  );
  return {
    ...Object.fromEntries(kept),
    SIGNALBOX_HOME: root,
    XDG_CONFIG_HOME: join(root, 'xdg-config'),
    XDG_RUNTIME_DIR: root,
  };
}

/** The built app in the real runtime, on the display and the bus of this run; ready when it says so. */
export async function startDesktop(
  options: { root?: string; args?: readonly string[] } = {},
): Promise<DesktopApp> {
  const root = options.root ?? makeHome();
  const runtime = await ensureElectron();
  const app = await _electron.launch({
    executablePath: runtime.path,
    args: ['--disable-gpu', ROOT, ...(options.args ?? [])],
    env: environment(root),
    timeout: 60_000,
  });
  const child = app.process();
  let output = '';
  child.stdout?.on('data', (data: Buffer) => (output += data.toString()));
  child.stderr?.on('data', (data: Buffer) => (output += data.toString()));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const pid = child.pid;
  if (pid === undefined) throw new Error('Electron has no process id');

  const page = (address: string) =>
    until(`a window at ${address}`, () => app.windows().find((one) => one.url().startsWith(address)));

  return {
    app,
    root,
    pid,
    output: () => output,
    page,
    async dashboard() {
      // The inspector may lose its answer to the collector; that the window comes is waited for in any case.
      await app
        .evaluate(({ app: electron }) => electron.emit('activate'))
        .catch((error: unknown) => {
          if (!String(error).includes('garbage collected')) throw error;
        });
      const found = await page('app://signalbox/');
      await found.waitForLoadState('load');
      return found;
    },
    exited,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(killer);
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Waits until the host of the app listens. What it printed before the driver was attached is lost, so files are asked. */
export async function ready(desktop: DesktopApp): Promise<void> {
  const folder = join(desktop.root, 'signalbox');
  await until('the control socket is there', () => existsSync(folder) && readdirSync(folder).length > 0);
}

/** Every live process that descends from this one, itself first. Linux. */
export function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') parents.set(Number(name), Number(parent));
    } catch {
      // It ended while we were looking.
    }
  }
  const found = parents.has(pid) ? [pid] : [];
  for (const one of found) for (const [child, parent] of parents) if (parent === one) found.push(child);
  return found;
}

export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

/** Starts the program once more for this home, as a person does who does not see the icon; resolves when it ended. */
export async function startAgain(
  root: string,
  args: readonly string[] = [],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const runtime = await ensureElectron();
  const child = spawn(runtime.path, ['--no-sandbox', '--disable-gpu', ROOT, ...args], {
    env: environment(root),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 30_000,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}

/**
 * Presses an answer of the confirmation window. The answer closes the window, at times before the click itself is
 * over; that it arrived is for the test to see in what happens next.
 */
export async function press(page: Page, answer: 'yes' | 'no'): Promise<void> {
  const closed = page.waitForEvent('close');
  const clicked = page.locator(`#${answer}`).click({ noWaitAfter: true });
  await Promise.race([clicked.catch(() => closed), closed]);
}
