import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createMessageClient, type MessageClient } from '../../contract/message-client.ts';
import { emptyMirror, foldFrame, type Mirror } from '../../contract/mirror.ts';
import type { HostClient } from '../../contract/client.ts';
import type { HostState } from '../../contract/host-state.ts';
import { createHost } from '../host.ts';
import type { Host } from '../host-ports.ts';
import { ownerCaller, type Caller } from '../kernel/caller.ts';
import { openConfig } from '../kernel/config.ts';
import { homeLayout, makeHome } from '../kernel/home.ts';
import { wrongWith } from '../services/approvals/rule-tests.ts';
import { noOsPrompt } from '../services/presence/ports.ts';
import { nodeClock, nodeRandom } from '../ports.node.ts';
import { createSecretStore } from '../secret-store.node.ts';
import { silentLog } from './fake-ports.ts';
import { bundleDemoAgent } from './bundle.ts';
import { temporaryFolder } from './temporary.ts';

const { rgPath } = createRequire(import.meta.url)('@vscode/ripgrep') as { rgPath: string };

export interface TestHost {
  readonly host: Host;
  readonly root: string;
  /** The owner at the desktop. */
  readonly owner: MessageClient;
  /** Waits, by the state stream, until the host looks like this. */
  until<T>(look: (state: HostState) => T | null | undefined | false): Promise<T>;
  restart(): Promise<TestHost>;
}

/** A whole host on real files, processes and sockets, in a home of its own; stopped when the test is over. */
export async function startTestHost(
  options: { root?: string; config?: string; kind?: 'tray' | 'headless' } = {},
): Promise<TestHost> {
  const root = options.root ?? temporaryFolder('signalbox-home');
  const home = homeLayout(root, {
    ...process.env,
    XDG_RUNTIME_DIR: undefined,
    XDG_STATE_HOME: join(root, 'outside'),
  });
  makeHome(home);
  if (options.config !== undefined) writeFileSync(home.config, options.config);
  const demo = await bundleDemoAgent();
  const host = createHost({
    home,
    config: openConfig(home.config, wrongWith),
    clock: nodeClock,
    random: nodeRandom,
    secrets: createSecretStore(join(root, 'secrets'), 'file'),
    log: () => silentLog,
    env: process.env,
    kind: options.kind ?? 'headless',
    name: 'test-host',
    version: '0.0.0-test',
    sites: { dashboard: join(root, 'no-site'), companion: join(root, 'no-site') },
    shimArgv: null,
    demoArgv: [process.execPath, demo],
    ripgrepPath: () => rgPath,
    doctor: { examine: () => Promise.resolve([]) },
    osPrompt: noOsPrompt,
  });
  await host.start();
  let stopped = false;
  const stop = async () => {
    if (!stopped) await host.stop();
    stopped = true;
  };
  onTestFinished(stop);
  const owner = connectClient(host, ownerCaller('desktop'));
  return {
    host,
    root,
    owner,
    until: (look) => waitFor(owner, look),
    async restart() {
      await stop();
      return startTestHost({ ...options, root });
    },
  };
}

/** A client in this process, over the same messages as every other. */
export function connectClient(host: Host, caller: Caller): MessageClient {
  const client: MessageClient = createMessageClient({
    send: (message) => connection.receive(structuredClone(message)),
    newCommandId: () => nodeRandom.id(),
  });
  const connection = host.connect(caller, (message) => client.receive(structuredClone(message)));
  onTestFinished(() => connection.close());
  return client;
}

/** Resolves with what `look` finds in the state as this client sees it; fails after 15 s, which no test needs. */
export function waitFor<T>(
  client: Pick<HostClient, 'subscribe'>,
  look: (state: HostState) => T | null | undefined | false,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let mirror: Mirror = emptyMirror;
    const timer = setTimeout(() => {
      stop();
      const { tasks, approvals, devices } = mirror.state;
      reject(new Error(`it did not happen: ${JSON.stringify({ tasks, approvals, devices }).slice(0, 2000)}`));
    }, 15_000);
    const stop = client.subscribe(null, (frame) => {
      mirror = foldFrame(mirror, frame) ?? mirror;
      const found = look(mirror.state);
      if (found === null || found === undefined || found === false) return;
      clearTimeout(timer);
      queueMicrotask(() => stop());
      resolve(found);
    });
  });
}

/** A git repository with one commit. */
export function temporaryRepository(files: Record<string, string>): string {
  const folder = temporaryFolder('repository');
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  git('init', '-q');
  git('add', '-A');
  git('commit', '-qm', 'start');
  return folder;
}
