import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Agent } from '../../../contract/agents.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { ApprovalId, SessionId, WorkspaceId, type TaskId } from '../../../contract/ids.ts';
import { Session } from '../../../contract/sessions.ts';
import type { Task } from '../../../contract/tasks.ts';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { HostError } from '../../../contract/errors.ts';
import { openRoot } from '../../guard/path-guard.ts';
import type { ActionFacts, Approver, Permit, PermissionRequest, Refusal } from '../../kernel/approver.ts';
import type { AuditEntry } from '../../kernel/auditor.ts';
import { openDatabase, type Database } from '../../kernel/database.ts';
import { createProcessGroups } from '../../kernel/process-groups.ts';
import type { Clock, Log, RandomSource } from '../../kernel/ports.ts';
import type { AgentProcess } from '../../acp/agent-process.ts';
import type { AgentReport } from '../../acp/agent-report.ts';
import { createSandbox } from '../../guard/sandbox.ts';
import type {
  ConfiguredAction,
  ConfiguredLogSource,
  HandedBridge,
  NewTimelineEntry,
  SessionBook,
  TaskSettings,
} from './ports.ts';
import { createTasks, type Tasks } from './tasks.ts';

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

export const quietLog: Log = { info() {}, warn() {}, error() {} };

export function countingRandom(): RandomSource {
  let count = 0;
  return { bytes: (n) => new Uint8Array(n), id: () => `id-${String((count += 1)).padStart(4, '0')}` };
}

let demo: Promise<string> | null = null;

/** The real demo agent as one file, built once for each test file. */
export function demoAgentFile(): Promise<string> {
  demo ??= (async () => {
    const outfile = join(mkdtempSync(join(tmpdir(), 'signalbox-demo-')), 'demo-agent.mjs');
    await build({
      entryPoints: [join(import.meta.dirname, '../agents/demo-agent.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'error',
    });
    return outfile;
  })();
  return demo;
}

export type Answer =
  'allow' | 'deny' | 'forbid' | ((request: PermissionRequest) => Promise<'allow' | 'deny'>);

export interface FakeApprover extends Approver {
  readonly requests: PermissionRequest[];
  /** What became of each permit: `done`, or the message of the error. */
  readonly outcomes: { kind: string; outcome: string }[];
}

/** Asks nobody for reading; answers all else as told, and compares facts as the real one does. */
export function fakeApprover(answer: Answer): FakeApprover {
  const requests: PermissionRequest[] = [];
  const outcomes: { kind: string; outcome: string }[] = [];

  function permit(approvalId: ApprovalId | null, asked: ActionFacts): Permit {
    return {
      effect: 'allow',
      approvalId,
      async execute(now, run) {
        const current = typeof now === 'function' ? await now().catch(() => null) : now;
        if (canonicalJson(current) !== canonicalJson(asked)) {
          outcomes.push({ kind: asked.kind, outcome: 'stale' });
          throw new HostError('stale', 'what was approved is not what would happen now');
        }
        try {
          const result = await run();
          outcomes.push({ kind: asked.kind, outcome: 'done' });
          return result;
        } catch (error) {
          outcomes.push({
            kind: asked.kind,
            outcome: error instanceof Error ? error.message : String(error),
          });
          throw error;
        }
      },
    };
  }

  return {
    requests,
    outcomes,
    async decide(request) {
      if (request.facts.kind === 'fs.read') {
        return { effect: 'allow', approvalId: null, execute: (_now, run) => run() };
      }
      requests.push(request);
      if (answer === 'forbid')
        return { effect: 'deny', approvalId: null, by: 'policy', reason: 'a rule denies it' };
      const approvalId = ApprovalId.parse(`approval-${requests.length}`);
      request.onAsked?.(approvalId);
      const withdrawn = new Promise<Refusal>((resolve) => {
        const refuse = () =>
          resolve({ effect: 'deny', approvalId, by: 'withdrawn', reason: 'the asker is gone' });
        if (request.signal?.aborted === true) refuse();
        request.signal?.addEventListener('abort', refuse);
      });
      const decided = typeof answer === 'string' ? Promise.resolve(answer) : answer(request);
      return Promise.race([
        withdrawn,
        decided.then((word): Permit | Refusal =>
          word === 'allow'
            ? permit(approvalId, request.facts)
            : { effect: 'deny', approvalId, by: 'person', reason: 'no' },
        ),
      ]);
    },
  };
}

export interface FakeBook extends SessionBook {
  readonly entries: NewTimelineEntry[];
  readonly ended: SessionId[];
  readonly reports: AgentReport[];
}

export function fakeBook(folder: string): FakeBook {
  const entries: NewTimelineEntry[] = [];
  const ended: SessionId[] = [];
  const reports: AgentReport[] = [];
  const sessions = new Map<string, Session>();
  const known = (id: SessionId): Session => {
    const session = sessions.get(id);
    if (!session) throw new HostError('not_found', `there is no session "${id}"`);
    return session;
  };
  return {
    entries,
    ended,
    reports,
    async open({ report, ...facts }): Promise<Session> {
      const id = SessionId.parse(`session-${sessions.size + 1}`);
      const at = new Date(0).toISOString();
      const session = Session.parse({ ...facts, id, state: 'open', createdAt: at, lastActiveAt: at });
      sessions.set(id, session);
      reports.push(report);
      return session;
    },
    sessionFor: async (id) => ({ session: known(id), cwd: folder }),
    async reopen(id, { taskId }) {
      const before = known(id);
      if (before.state === 'open') throw new HostError('conflict', 'the session is in use');
      const session = Session.parse({ ...before, state: 'open', taskId });
      sessions.set(id, session);
      return session;
    },
    report: (_id, report) => void reports.push(report),
    append: (_id, entry) => void entries.push(entry),
    flush() {},
    end(id) {
      ended.push(id);
      sessions.set(id, Session.parse({ ...known(id), state: 'ended' }));
    },
  };
}

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

const sandbox = createSandbox();

const SETTINGS: TaskSettings = { atOnce: 4, perAgent: 4, agents: {}, idleMinutes: 30, maxMinutes: 240 };
const hide = (text: string) => text.replaceAll('hunter2hunter2', '[redacted]');

/** The tasks service around real child processes, real files behind the path guard, and a database in memory. */
export async function taskBench(options: BenchOptions = {}): Promise<Bench> {
  const folder = options.folder ?? realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-task-')));
  const argv = options.argv ?? [process.execPath, await demoAgentFile()];
  const db = options.db ?? openDatabase(':memory:');
  const groups = createProcessGroups({ db, clock: realClock, log: quietLog });
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
    clock: realClock,
    random: options.random ?? countingRandom(),
    audit: { append: async (entry) => void records.push(entry) },
    log: quietLog,
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

/** Processes of a group that are alive, by /proc; their leader's pid is the group. */
export async function groupMembers(group: number): Promise<number> {
  const { readdirSync, readFileSync } = await import('node:fs');
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[2]) === group && fields[0] !== 'Z';
    } catch {
      return false;
    }
  }).length;
}
