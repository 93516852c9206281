import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Agent } from '../../contract/agents.ts';
import { HostError } from '../../contract/errors.ts';
import type { HostEvent } from '../../contract/host-state.ts';
import { WorkspaceId, type TaskId } from '../../contract/ids.ts';
import type { Task } from '../../contract/tasks.ts';
import type { AgentProcess } from '../acp/agent-process.ts';
import { openRoot } from '../guard/path-guard.ts';
import { createSandbox } from '../guard/sandbox.ts';
import type { AuditEntry } from '../kernel/auditor.ts';
import { openDatabase, type Database } from '../kernel/database.ts';
import type { RandomSource } from '../kernel/ports.ts';
import { createProcessGroups } from '../kernel/process-groups.ts';
import { nodeClock } from '../ports.node.ts';
import {
  fakeApprover,
  fakeBook,
  type Answer,
  type FakeApprover,
  type FakeBook,
} from '../services/tasks/fakes.ts';
import type {
  ConfiguredAction,
  ConfiguredLogSource,
  HandedBridge,
  TaskSettings,
} from '../services/tasks/ports.ts';
import { createTasks, type Tasks } from '../services/tasks/tasks.ts';
import { bundleDemoAgent } from './bundle.ts';
import { silentLog } from './fake-ports.ts';

export interface Bench {
  readonly tasks: Tasks;
  readonly folder: string;
  readonly db: Database;
  readonly events: HostEvent[];
  readonly records: AuditEntry[];
  readonly book: FakeBook;
  readonly approver: FakeApprover;
  /** Agents that were started, in order. */
  readonly started: AgentProcess[];
  /** All states that a task was seen in. */
  statesOf(id: TaskId): Task['state'][];
  until(id: TaskId, ...states: Task['state'][]): Promise<Task>;
  stop(): Promise<void>;
}

export interface BenchOptions {
  answer?: Answer;
  /** What the agent `demo` runs; the real demo agent when left out. */
  argv?: readonly string[];
  env?: Record<string, string>;
  /** Starts the agent in another way than as a child. */
  launch?: () => AgentProcess;
  settings?: Partial<TaskSettings>;
  db?: Database;
  /** The workspace; a new folder when left out. */
  folder?: string;
  book?: FakeBook;
  bridge?: HandedBridge;
  actions?: ConfiguredAction[];
  logSources?: ConfiguredLogSource[];
  random?: RandomSource;
}

function countingRandom(): RandomSource {
  let count = 0;
  return { bytes: (n) => new Uint8Array(n), id: () => `id-${String((count += 1)).padStart(4, '0')}` };
}

const sandbox = createSandbox();

const SETTINGS: TaskSettings = { atOnce: 4, perAgent: 4, agents: {}, idleMinutes: 30, maxMinutes: 240 };
const hide = (text: string) => text.replaceAll('hunter2hunter2', '[redacted]');

/** The tasks service around real child processes, real files behind the path guard, and a database in memory. */
export async function taskBench(options: BenchOptions = {}): Promise<Bench> {
  const folder = options.folder ?? realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-task-')));
  const argv = options.argv ?? [process.execPath, await bundleDemoAgent()];
  const db = options.db ?? openDatabase(':memory:');
  const groups = createProcessGroups({ db, clock: nodeClock, log: silentLog });
  const approver = fakeApprover(options.answer ?? 'allow');
  const book = options.book ?? fakeBook(folder);
  const events: HostEvent[] = [];
  const records: AuditEntry[] = [];
  const started: AgentProcess[] = [];
  const waiters = new Set<() => void>();
  const workspace = {
    id: WorkspaceId.parse('ws-1'),
    name: 'project',
    path: folder,
    trusted: true,
    addedAt: new Date(0).toISOString(),
  };
  const agent: Agent = {
    id: 'demo',
    name: 'demo',
    title: 'Demo',
    source: 'built-in',
    state: 'available',
    argv: [...argv],
    envNames: [],
    inherits: [],
    version: null,
    login: 'unknown',
    loginNote: '',
    keyVariable: null,
    mcp: false,
  };
  const tasks = createTasks({
    db,
    publish(event) {
      events.push(event);
      for (const wake of waiters) wake();
    },
    clock: nodeClock,
    random: options.random ?? countingRandom(),
    audit: { append: async (entry) => void records.push(entry) },
    log: silentLog,
    agents: {
      list: async () => [agent, { ...agent, id: 'gone', name: 'gone', state: 'missing' }],
      async launch(_name, { cwd, label }) {
        const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ...options.env };
        const running = options.launch?.() ?? (await groups.spawn({ argv, cwd, env, label, graceMs: 2000 }));
        started.push(running);
        return running;
      },
      bridgeFor: () => options.bridge ?? null,
    },
    sessions: book,
    workspaces: {
      resolve(ref) {
        if (ref === 'ws-1' || ref === folder) return workspace;
        throw new HostError('not_found', `there is no workspace "${ref}"`);
      },
      byId: (id) => (id === workspace.id ? workspace : null),
    },
    approver,
    roots: { open: (path) => openRoot(path) },
    sanitize: hide,
    sanitizeDiff: hide,
    part: (text, from, to) => hide(text.slice(from, to)),
    redactor: () => ({ push: (chunk) => hide(Buffer.from(chunk).toString()), end: () => '' }),
    sandbox,
    groups,
    settings: () => ({ ...SETTINGS, ...options.settings }),
    predefined: { actions: () => options.actions ?? [], logSources: () => options.logSources ?? [] },
    hostEnv: process.env,
    scratchDir: mkdtempSync(join(tmpdir(), 'signalbox-trees-')),
  });
  const current = (id: TaskId): Task | undefined =>
    events
      .flatMap((event) => (event.type === 'task.changed' && event.task.id === id ? [event.task] : []))
      .at(-1);
  return {
    tasks,
    folder,
    db,
    events,
    records,
    book,
    approver,
    started,
    statesOf: (id) =>
      events.flatMap((event) =>
        event.type === 'task.changed' && event.task.id === id ? [event.task.state] : [],
      ),
    until: (id, ...states) =>
      new Promise((resolve) => {
        const look = () => {
          const task = current(id);
          if (!task || !states.includes(task.state)) return;
          waiters.delete(look);
          resolve(task);
        };
        waiters.add(look);
        look();
      }),
    async stop() {
      await tasks.stop();
      await groups.stopAll();
    },
  };
}
