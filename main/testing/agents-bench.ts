import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { HostEvent } from '../../contract/host-state.ts';
import { TokenId } from '../../contract/ids.ts';
import { ownerCaller } from '../kernel/caller.ts';
import { openDatabase, type Database } from '../kernel/database.ts';
import type { SecretStore } from '../kernel/ports.ts';
import { createProcessGroups } from '../kernel/process-groups.ts';
import { nodeClock } from '../ports.node.ts';
import { memoryAuditor, memorySecrets, silentLog } from './fake-ports.ts';
import { temporaryFolder } from './temporary.ts';
import { createAgents } from '../services/agents/agents.ts';

export const owner = ownerCaller('cli');

/** The service on real files and processes, with a PATH and a home folder of its own. */
export function bench(
  options: { env?: Record<string, string>; secrets?: SecretStore; demoArgv?: string[]; db?: Database } = {},
) {
  const root = temporaryFolder('agents');
  const folders = { bin: join(root, 'bin'), home: join(root, 'home'), run: join(root, 'run') };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  const db = options.db ?? openDatabase(':memory:');
  const events: HostEvent[] = [];
  const kept: string[] = [];
  const handed = new Map<string, { name: string; scope: string; workspaceId: string; agent: string }>();
  const audit = memoryAuditor();
  const secrets = options.secrets ?? memorySecrets();
  const groups = createProcessGroups({ db, clock: nodeClock, log: silentLog });
  onTestFinished(() => groups.stopAll());
  const started: { argv: readonly string[]; pid: number; cwd: string }[] = [];
  const agents = createAgents({
    db,
    publish: (event) => void events.push(event),
    audit,
    clock: nodeClock,
    processGroups: {
      async spawn(request) {
        const group = await groups.spawn(request);
        started.push({ argv: request.argv, pid: group.pid, cwd: request.cwd });
        return group;
      },
    },
    log: silentLog,
    secrets,
    hostEnv: { PATH: `${folders.bin}:/usr/bin:/bin`, HOME: folders.home, ...options.env },
    builtIn: { demoArgv: options.demoArgv ?? [process.execPath, '/demo.mjs'], version: '1.2.3' },
    runDir: folders.run,
    bridge: {
      url: () => 'http://127.0.0.1:1/mcp',
      hand(facts) {
        const id = TokenId.parse(`t${handed.size + 1}`);
        handed.set(id, facts);
        return { id, token: `token-${id}` };
      },
      make({ name, scope, workspace }) {
        const id = TokenId.parse(`t${handed.size + 1}`);
        handed.set(id, { agent: '', name, scope, workspaceId: workspace ?? '' });
        return Promise.resolve({ id, token: `token-${id}` });
      },
      take: (id) => void handed.delete(id),
    },
    onSecrets: (values) => void kept.push(...values),
  });
  return {
    ...{ agents, audit, db, events, groups, handed, kept, root, secrets, started },
    ...folders,
    /** Adds an agent the way a command does. */
    add: async (
      name: string,
      argv: string[],
      more: { env?: Record<string, string>; inherit?: string[] } = {},
    ) => agents.handlers['agents.add']({ name, argv, env: {}, inherit: [], mcp: false, ...more }, owner),
    named: async (name: string) => (await agents.list()).find((agent) => agent.name === name),
  };
}

/** A program; what it does is given as a shell script, or as one for Node with `#!` in its first line. */
export function program(folder: string, name: string, script = ''): string {
  return write(join(folder, name), script.startsWith('#!') ? script : `#!/bin/sh\n${script}\n`, 0o755);
}

export function write(file: string, content: string, mode = 0o600): string {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content, { mode });
  return file;
}

/** An agent that answers `initialize` with `answer` and `session/new` with `opened`, and nothing else. */
export function scriptedAgent(answer: unknown, opened: { result?: unknown; error?: unknown } = {}): string {
  return `#!${process.execPath}
const { createInterface } = require('node:readline');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  const reply = method === 'initialize' ? { result: ${JSON.stringify(answer)} } : ${JSON.stringify(opened)};
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...reply }) + '\\n');
});
`;
}
