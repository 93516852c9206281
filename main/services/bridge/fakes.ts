import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { actionHash } from '../../../contract/action.ts';
import type { BridgeModes } from '../../../contract/bridge.ts';
import type { CommandName, InputOf, OutputOf } from '../../../contract/commands.ts';
import type { Reply } from '../../../contract/errors.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { ApprovalId, WorkspaceId } from '../../../contract/ids.ts';
import type { ManagedProcess } from '../../../contract/supervisor.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import { createOutbound } from '../../guard/outbound.ts';
import { createSandbox, type Sandbox } from '../../guard/sandbox.ts';
import type { ActionFacts, Approver, Permit, PermissionRequest, Refusal } from '../../kernel/approver.ts';
import type { AuditEntry, Auditor } from '../../kernel/auditor.ts';
import type { Caller } from '../../kernel/caller.ts';
import { openDatabase } from '../../kernel/database.ts';
import type { Handlers } from '../../kernel/handlers.ts';
import type { Clock, Log } from '../../kernel/ports.ts';
import { createProcessGroups } from '../../kernel/process-groups.ts';
import { createRouter, type Router } from '../../kernel/router.ts';
import { createBridge, type Bridge } from './bridge.ts';
import type { BridgeDeps, Processes, TestAccess } from './ports.ts';

export const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until it is moved. */
export function handClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    monotonic: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      now += ms;
      for (const timer of [...timers]) {
        if (timer.at > now || !timers.delete(timer)) continue;
        timer.run();
      }
    },
  };
}

export const silentLog: Log = { info() {}, warn() {}, error() {} };

const hashOf = (facts: ActionFacts): string =>
  actionHash({ v: 1, id: 'test', policySha256: '0'.repeat(64), ...facts });

/** Says what it is told to say, and holds the promise of a permit: other facts than those asked for are stale. */
export interface FakeApprover extends Approver {
  /** What was asked for, except reading. */
  readonly requests: PermissionRequest[];
  /** Paths whose reading the policy refuses, or would ask a person for. */
  readonly unreadable: Set<string>;
  readonly askedToRead: Set<string>;
  readonly outcomes: ('done' | 'failed' | 'stale')[];
  answer: 'allow' | Refusal | ((request: PermissionRequest) => Promise<'allow' | Refusal>);
}

export function fakeApprover(): FakeApprover {
  const approver: FakeApprover = {
    requests: [],
    outcomes: [],
    unreadable: new Set(),
    askedToRead: new Set(),
    answer: 'allow',
    async decide(request) {
      if (request.facts.kind === 'fs.read' || request.facts.kind === 'git.read') return reading(request);
      approver.requests.push(request);
      const answer = typeof approver.answer === 'function' ? await approver.answer(request) : approver.answer;
      if (answer !== 'allow') return answer;
      return {
        effect: 'allow',
        approvalId: null,
        async execute(now, run) {
          const current = typeof now === 'function' ? await now().catch(() => null) : now;
          if (current === null || hashOf(current) !== hashOf(request.facts)) {
            approver.outcomes.push('stale');
            throw new HostError('stale', 'what was allowed is not what would happen now');
          }
          try {
            const value = await run();
            approver.outcomes.push('done');
            return value;
          } catch (error) {
            approver.outcomes.push('failed');
            throw error;
          }
        },
      };
    },
  };
  async function reading({ facts, onAsked, signal }: PermissionRequest): Promise<Permit | Refusal> {
    const [path = ''] = facts.paths;
    if (approver.askedToRead.has(path)) {
      onAsked?.(ApprovalId.parse('a1'));
      const by = signal?.aborted === true ? 'withdrawn' : 'person';
      return { effect: 'deny', approvalId: null, by, reason: 'asked for' };
    }
    if (approver.unreadable.has(path))
      return { effect: 'deny', approvalId: null, by: 'policy', reason: 'kept back' };
    return { effect: 'allow', approvalId: null, execute: (_now, run) => run() };
  }
  return approver;
}

export interface TestBridge {
  readonly bridge: Bridge;
  readonly deps: BridgeDeps;
  readonly router: Router;
  readonly approver: FakeApprover;
  readonly audited: AuditEntry[];
  readonly events: HostEvent[];
  readonly workspace: Workspace;
  /** Folder of the workspace, and the one around it, which no tool may ever touch. */
  readonly folder: string;
  readonly outside: string;
  modes: BridgeModes;
  testAccess: TestAccess;
  /** What the supervisor would know; a control changes nothing but `controlled`. */
  processes: ManagedProcess[];
  readonly controlled: string[];
  /** What they printed; nothing as long as a test has not said otherwise. */
  logs: Pick<Processes, 'readLines' | 'searchLogs'>;
  put(path: string, content: string | Uint8Array): void;
  git(...args: string[]): string;
  call(caller: Caller, name: string, input: unknown): Promise<Reply>;
  /** The answer of a call that must succeed. */
  ok<N extends CommandName>(caller: Caller, name: N, input: InputOf<N>): Promise<OutputOf<N>>;
  close(): Promise<void>;
}

/** The bridge on a real folder, with real ripgrep, git, sandbox and redaction; only people and files of record are fakes. */
export function testBridge(
  options: { clock?: Clock; approver?: Approver; sandbox?: Sandbox; audit?: Auditor } = {},
): TestBridge {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'bridge-')));
  const folder = join(outside, 'workspace');
  mkdirSync(folder);
  const db = openDatabase(':memory:');
  const clock = options.clock ?? realClock;
  const groups = createProcessGroups({ db, clock: realClock, log: silentLog });
  const approver = fakeApprover();
  const audited: AuditEntry[] = [];
  const events: HostEvent[] = [];
  const workspace: Workspace = {
    id: WorkspaceId.parse('w1'),
    name: 'demo',
    path: folder,
    trusted: false,
    addedAt: '2026-01-01T00:00:00.000Z',
  };
  let ids = 0;
  const test: TestBridge = {
    approver,
    audited,
    events,
    workspace,
    folder,
    outside,
    modes: { tools: 'standard', write: 'off', bash: 'off' },
    processes: [],
    controlled: [],
    logs: {
      readLines: async () => ({ epoch: 'e', first: 0, end: 0, runStart: 0, lines: [] }),
      searchLogs: async () => ({ found: [] }),
    },
    testAccess: {
      mintTestToken: () => Promise.reject(new HostError('unavailable', 'no gateway in this test')),
      mcpUrl: () => null,
    },
    put(path, content) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    },
    git: (...args) =>
      execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], {
        cwd: folder,
        stdio: 'pipe',
      }).toString(),
    call: (caller, name, input) => router(caller, name, input),
    async ok<N extends CommandName>(caller: Caller, name: N, input: InputOf<N>) {
      const reply = await router(caller, name, input);
      if (!reply.ok) throw new Error(`${reply.error.code}: ${reply.error.message}`);
      return reply.value as OutputOf<N>;
    },
    async close() {
      await bridge.stop();
      await groups.stopAll();
      db.close();
      rmSync(outside, { recursive: true, force: true });
    },
    get bridge() {
      return bridge;
    },
    get deps() {
      return deps;
    },
    get router() {
      return router;
    },
  };
  const deps: BridgeDeps = {
    workspaces: {
      resolve(ref, caller) {
        if (ref === undefined || ref === workspace.id || ref === workspace.name) return workspace;
        const known = caller.workspaceId === null ? ` (there is "${workspace.name}")` : '';
        throw new HostError('not_found', `there is no workspace "${ref}"${known}`);
      },
    },
    approver: options.approver ?? approver,
    audit: options.audit ?? { append: async (entry) => void audited.push(entry) },
    modes: { get: () => test.modes, set: (patch) => (test.modes = { ...test.modes, ...patch }) },
    outbound: createOutbound({ hmacKey: new Uint8Array(32) }),
    sandbox: options.sandbox ?? createSandbox(),
    groups,
    processes: {
      list: () => test.processes,
      readLines: async (input) => test.logs.readLines(input),
      searchLogs: async (input) => test.logs.searchLogs(input),
      async control(name, action, { principal }) {
        test.controlled.push(`${action} ${name} by ${principal}`);
        const process = test.processes.find((one) => one.name === name);
        if (!process) throw new HostError('not_found', name);
        return process;
      },
    },
    testAccess: {
      mintTestToken: () => test.testAccess.mintTestToken(),
      mcpUrl: () => test.testAccess.mcpUrl(),
    },
    call: (caller, name, input) => router(caller, name, input),
    publish: (event) => void events.push(event),
    clock,
    random: { bytes: (count) => new Uint8Array(count), id: () => `id${(ids += 1)}` },
    log: silentLog,
    ripgrepPath: () => rgPath,
    version: '1.0.0-test',
  };
  const bridge = createBridge(deps);
  const router = createRouter({
    handlers: bridge.handlers as unknown as Handlers,
    admit() {},
    record: () => Promise.resolve(),
    log: silentLog,
    newErrorId: () => `error${(ids += 1)}`,
  });
  return test;
}

/** The code of a reply that must have failed. */
export function codeOf(reply: Reply): string {
  return reply.ok ? 'ok' : reply.error.code;
}
