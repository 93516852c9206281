import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { HostError } from '../contract/errors.ts';
import { createCrashReports, watchCrashes } from './crash-report.ts';
import { createHost } from './host.ts';
import type { Host, HostPorts } from './host-ports.ts';
import { openConfig } from './kernel/config.ts';
import { runDoctor } from './kernel/doctor.ts';
import { noOsPrompt } from './services/presence/ports.ts';
import type { OsPrompt } from './services/presence/ports.ts';
import { lockHome } from './kernel/home-lock.ts';
import { homeLayout, makeHome, type Home } from './kernel/home.ts';
import { createNodeLog, hostName, nodeClock, nodeRandom } from './ports.node.ts';
import { agentLookup } from './services/agents/known-agents.ts';
import { wrongWith } from './services/approvals/rule-tests.ts';
import { createSecretStore } from './secret-store.node.ts';
import { VERSION } from './version.ts';

const here = dirname(fileURLToPath(import.meta.url));
/** Where the built parts lie: this file runs as a part of `dist/`. */
const dist = [join(here, '..'), here].find((folder) => folder.endsWith('dist')) ?? join(here, '..', 'dist');

/** It makes little garbage and lives long: a small nursery saves it a third of its memory. */
export const SHIM_FLAGS = ['--max-semi-space-size=1'];

export interface OpenHost {
  readonly host: Host;
  readonly home: Home;
  /** Stops everything in order and gives the home back. */
  close(): Promise<void>;
}

/**
 * Makes a host of this home with the real clock, files and processes, for either entry.
 * @throws HostError `conflict` when one runs already, `invalid_input` for a config.yaml that cannot be used
 */
export async function openHost(options: {
  root: string;
  kind: 'tray' | 'headless';
  /** The program that runs JavaScript: Node itself, or the app with a switch. */
  demoArgv?: readonly string[];
  shimArgv?: readonly string[];
  dashboardPort?: number;
  /** Asks whoever sits at the desktop; a server has nobody. */
  osPrompt?: OsPrompt;
}): Promise<OpenHost> {
  const home = homeLayout(options.root);
  makeHome(home);
  const unlock = lockHome(home.lock);
  try {
    const config = openConfig(home.config, wrongWith);
    if (options.dashboardPort !== undefined)
      config.override(['listeners', 'dashboard'], options.dashboardPort);
    const secrets = createSecretStore(join(home.root, 'secrets'), config.value.secrets.store);
    let flush = () => {};
    const ports: HostPorts = {
      home,
      config,
      clock: nodeClock,
      random: nodeRandom,
      secrets,
      log(sanitize) {
        const log = createNodeLog(home.logs, sanitize);
        flush = log.flush;
        return log;
      },
      env: process.env,
      kind: options.kind,
      name: hostName(),
      version: VERSION,
      sites: { dashboard: join(dist, 'renderer'), companion: join(dist, 'companion') },
      shimArgv:
        process.platform === 'win32'
          ? null
          : (options.shimArgv ?? [process.execPath, ...SHIM_FLAGS, join(dist, 'shim', 'signalbox-shim.mjs')]),
      demoArgv: options.demoArgv ?? [process.execPath, join(dist, 'agents', 'demo-agent.mjs')],
      ripgrepPath,
      doctor: { examine: () => runDoctor(home, { ...agentLookup, secrets: secrets.kind }) },
      osPrompt: options.osPrompt ?? noOsPrompt,
    };
    const host = createHost(ports);
    const reports = createCrashReports({
      folder: home.logs,
      sanitize: host.cleanCrash,
      now: nodeClock.now,
      facts: { version: VERSION, kind: options.kind, platform: process.platform },
    });
    const unwatch = watchCrashes(reports, {
      say: (text) => void process.stderr.write(text),
      exit: (code) => process.exit(code),
      endsOnRejection: options.kind === 'headless',
    });
    await host.start().catch((error: unknown) => {
      unwatch();
      throw error;
    });
    return {
      host,
      home,
      async close() {
        await host.stop();
        unwatch();
        flush();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}

/** ripgrep comes with the installation, as a binary in an npm package of its own. */
function ripgrepPath(): string {
  try {
    const { rgPath } = createRequire(import.meta.url)('@vscode/ripgrep') as { rgPath: string };
    return rgPath;
  } catch {
    throw new HostError(
      'unavailable',
      'ripgrep is not installed here; run npm ci in the folder of Signalbox',
    );
  }
}

export interface HeadlessOptions {
  readonly root: string;
  readonly dashboardPort?: number;
  readonly json: boolean;
}

/** `signalbox serve`: runs until SIGTERM or SIGINT, then stops cleanly. Resolves with the exit code. */
export async function runHeadless(options: HeadlessOptions): Promise<number> {
  const { root, dashboardPort, json } = options;
  const stopped = new Promise<void>((resolve) => {
    // `on`, not `once`: a second Ctrl+C must not end the process while it still stops its children.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  const open = await openHost({
    root,
    kind: 'headless',
    ...(dashboardPort !== undefined && { dashboardPort }),
  });
  const { listeners } = open.host.store.state;
  const ready = { event: 'ready', home: open.home.root, pid: process.pid, ...listeners };
  process.stdout.write(
    json ? `${JSON.stringify(ready)}\n` : welcome(listeners.dashboard ?? '', open.home.root),
  );
  // A timer keeps the process alive, to the very end of stopping: everything else in it waits for events.
  const alive = setInterval(() => {}, 2 ** 30);
  await stopped;
  await open.close();
  clearInterval(alive);
  return 0;
}

/** How this program is called here: by its name where it is installed, else by its file. */
function commandName(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  if (folders.some((folder) => existsSync(join(folder, 'signalbox')))) return 'signalbox';
  return `node ${relative(process.cwd(), process.argv[1] ?? 'bin/signalbox.mjs')}`;
}

function welcome(dashboard: string, root: string): string {
  const signalbox = commandName();
  return [
    'Signalbox is running without a display.',
    '',
    `  Dashboard   ${dashboard}`,
    '              open it here, then confirm the code that it shows:',
    `              ${signalbox} devices approve ID CODE`,
    `  Phone       ${signalbox} pair`,
    `  Status      ${signalbox} status`,
    `  Home        ${root}`,
    '',
    'Ctrl+C stops it.',
    '',
  ].join('\n');
}
