import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { Agent } from '../../contract/agents.ts';
import type { HostEvent } from '../../contract/host-state.ts';
import type { RemotePermissions } from '../../contract/remote.ts';
import { WorkspaceId } from '../../contract/ids.ts';
import { openRoot } from '../guard/path-guard.ts';
import type { Approver, PermissionRequest } from '../kernel/approver.ts';
import { openDatabase } from '../kernel/database.ts';
import { createProcessGroups } from '../kernel/process-groups.ts';
import { nodeClock } from '../ports.node.ts';
import { createRemote, type Remote, type RemoteDeps } from '../services/remote/remote.ts';
import { bundleDemoAgent } from './bundle.ts';
import { memoryAuditor, realRandom, silentLog, type MemoryAuditor } from './fake-ports.ts';

/** A decision that waits for the test, as for a person. */
export interface Asked {
  readonly request: PermissionRequest;
  answer(effect: 'allow' | 'deny'): void;
  /** The asker has gone. */
  readonly withdrawn: Promise<void>;
}

export interface FakeApprover extends Approver {
  /** What policy says: `ask` waits for `answer`. */
  says: 'ask' | 'allow' | 'deny';
  readonly asked: Asked[];
  /** Outcomes of what was allowed and done. */
  readonly executed: string[];
}

export function fakeApprover(): FakeApprover {
  const asked: Asked[] = [];
  const executed: string[] = [];
  return {
    ...{ says: 'ask', asked, executed },
    async decide(request) {
      const effect = this.says === 'ask' ? await answered(request, asked) : this.says;
      if (effect !== 'allow')
        return {
          ...{ effect: 'deny', approvalId: null, reason: effect },
          by: effect === 'deny' ? 'policy' : 'withdrawn',
        };
      return {
        ...{ effect: 'allow', approvalId: null },
        async execute(now, run) {
          const facts = typeof now === 'function' ? await now() : now;
          const done = await run();
          executed.push(facts.kind);
          return done;
        },
      };
    },
  };
}

function answered(request: PermissionRequest, asked: Asked[]): Promise<'allow' | 'deny' | 'withdrawn'> {
  return new Promise((resolve) => {
    const withdrawn = new Promise<void>((gone) =>
      request.signal?.addEventListener('abort', () => {
        gone();
        resolve('withdrawn');
      }),
    );
    asked.push({ request, answer: resolve, withdrawn });
    request.onAsked?.('approval-1' as never);
  });
}

export interface RemoteBench {
  readonly remote: Remote;
  /** `127.0.0.1:PORT`. */
  readonly at: string;
  /** Leaders of the groups of all agents that were started. */
  readonly groups: readonly number[];
  readonly events: readonly HostEvent[];
  readonly audit: MemoryAuditor;
  readonly approver: FakeApprover;
  /** A workspace of its own. */
  readonly workspace: string;
  connect(path?: string): WebSocket;
  /** Agents that are still there. */
  alive(): number;
}

export interface RemoteBenchOptions {
  readonly argv?: readonly string[];
  /** So many seconds of the host pass in one. */
  readonly speed?: number;
  readonly permissions?: RemotePermissions | (() => RemotePermissions);
  readonly limits?: Partial<ReturnType<RemoteDeps['limits']>>;
}

/** The remote behind a bare listener, as the gateway would hand it authenticated requests of `token:t1`. */
export async function startRemoteBench(options: RemoteBenchOptions = {}): Promise<RemoteBench> {
  const { permissions = 'host' } = options;
  const speed = options.speed ?? 1;
  const argv = options.argv ?? [process.execPath, await bundleDemoAgent()];
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-remote-')));
  const workspace = join(folder, 'project');
  mkdirSync(workspace);
  const db = openDatabase(':memory:');
  const groups = createProcessGroups({ db, clock: nodeClock, log: silentLog });
  const started: number[] = [];
  const events: HostEvent[] = [];
  const audit = memoryAuditor();
  const approver = fakeApprover();
  let exposed: string[] = ['demo'];
  const remote = createRemote({
    agents: {
      list: async () => [describedAgent('demo', argv), describedAgent('other', argv)],
      async launch(_name, { cwd, label }) {
        const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
        const running = await groups.spawn({ argv, cwd, env, label, graceMs: 2000 });
        started.push(running.pid);
        return running;
      },
    },
    publish: (event) => void events.push(event),
    clock: {
      now: nodeClock.now,
      monotonic: () => nodeClock.monotonic() * speed,
      after: (ms, run) => nodeClock.after(ms / speed, run),
    },
    ...{ random: realRandom, audit, approver, log: silentLog },
    roots: { open: (path) => openRoot(path) },
    folders: { workspaces: () => [{ id: WorkspaceId.parse('w1'), path: workspace }] },
    sanitize: (text) => text,
    cwd: () => folder,
    version: '0.0.0-test',
    exposed: () => exposed,
    setExposed: (names) => void (exposed = names),
    limits: () => ({ connections: 32, connectionsEach: 32, idleMinutes: 60, ...options.limits }),
    permissions: () => (typeof permissions === 'function' ? permissions() : permissions),
    rules: { forbids: async () => (approver.says === 'deny' ? 'a rule denies it' : null) },
  });
  await remote.start();
  const target = (request: IncomingMessage) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const agent = /^\/acp\/([^/]+)$/.exec(path)?.[1] ?? null;
    const principal = `token:${String(request.headers['x-principal'] ?? 't1')}`;
    return { agent: agent === 'ws' ? null : agent, principal, refused: (why: string) => refusals.push(why) };
  };
  const refusals: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) =>
    remote.handleRequest(request, response, target(request)),
  );
  server.on('upgrade', (request, socket, head) =>
    remote.handleUpgrade(request, socket, head, target(request)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await remote.stop();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await groups.stopAll();
    db.close();
  });
  const at = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    ...{ remote, at, events, audit, approver, workspace, groups: started },
    connect: (path = '/acp') => new WebSocket(`ws://${at}${path}`),
    alive: () => aliveInGroups(started),
  };
}

function describedAgent(name: string, argv: readonly string[]): Agent {
  return {
    ...{ id: name, name, title: name, source: 'user', state: 'available' },
    ...{ argv: [...argv], envNames: [], inherits: [], version: null },
    ...{ login: 'unknown', loginNote: '', keyVariable: null, mcp: false },
  };
}

/** Processes, zombies left out, in the groups with these leaders. */
function aliveInGroups(groups: readonly number[]): number {
  const wanted = new Set(groups);
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return wanted.has(Number(fields[2])) && fields[0] !== 'Z';
    } catch {
      return false;
    }
  }).length;
}

export interface Message {
  id?: number | string | null;
  method?: string;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
  params?: Record<string, unknown>;
}

export const request = (id: number, method: string, params: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
export const initialize = request(1, 'initialize', { protocolVersion: 1, clientCapabilities: {} });

/** Resolves with the first message that fits. */
export function message(socket: WebSocket, fits: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const look = (data: Buffer) => {
      const found = JSON.parse(data.toString()) as Message;
      if (!fits(found)) return;
      socket.off('message', look);
      resolve(found);
    };
    socket.on('message', look);
    socket.once('close', (code) => reject(new Error(`closed ${code}`)));
  });
}

export const opened = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => socket.once('open', () => resolve()));
export const closed = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => socket.once('close', (code) => resolve(code)));
export const refused = (socket: WebSocket): Promise<number> =>
  new Promise((resolve) => {
    socket.on('error', () => {});
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });

/** Opens a session in a folder and gives it one prompt, whose answer comes with id 3. */
export async function prompt(socket: WebSocket, cwd: string, text: string): Promise<string> {
  await opened(socket);
  const greeted = message(socket, (m) => m.id === 1);
  socket.send(initialize);
  await greeted;
  const session = message(socket, (m) => m.id === 2 && m.method === undefined);
  socket.send(request(2, 'session/new', { cwd, mcpServers: [] }));
  const { sessionId } = (await session).result as { sessionId: string };
  socket.send(request(3, 'session/prompt', { sessionId, prompt: [{ type: 'text', text }] }));
  return sessionId;
}

export const notification = (params: unknown) => JSON.stringify({ jsonrpc: '2.0', method: 'x', params });

/** Leads a connection to the point where the agent waits for leave. */
export async function midPrompt({ approver, workspace }: RemoteBench, socket: WebSocket): Promise<void> {
  const before = approver.asked.length;
  await prompt(socket, workspace, 'create never.txt with nothing');
  await expect.poll(() => approver.asked.length).toBeGreaterThan(before);
}
