import { mkdirSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Agent } from '../../contract/agents.ts';
import { canonicalJson } from '../../contract/canonical-json.ts';
import { HostError } from '../../contract/errors.ts';
import { HandoffRequest, type Handoff, type HandoffEvent } from '../../contract/handoff.ts';
import { ApprovalId, TaskId, WorkspaceId, type HandoffId } from '../../contract/ids.ts';
import { Task, type TaskDiff } from '../../contract/tasks.ts';
import type { Workspace } from '../../contract/workspaces.ts';
import type * as z from 'zod';
import { lineDiff } from '../acp/line-diff.ts';
import { openRoot } from '../guard/path-guard.ts';
import type { ActionFacts, Approver, PermissionRequest } from '../kernel/approver.ts';
import { ownerCaller } from '../kernel/caller.ts';
import { openDatabase, type Database } from '../kernel/database.ts';
import type { Clock } from '../kernel/ports.ts';
import { createProcessGroups, type ProcessGroups } from '../kernel/process-groups.ts';
import { nodeClock } from '../ports.node.ts';
import { memoryAuditor, realRandom, silentLog } from './fake-ports.ts';
import { createHandoffs, type Handoffs } from '../services/handoff/handoffs.ts';
import type { PlanWatchEvents } from '../services/handoff/plan-watch.ts';
import type { TaskDesk } from '../services/handoff/ports.ts';

export const owner = ownerCaller('cli');
export const SECRET = 'hunter2hunter2';
const hide = (text: string) => text.replaceAll(SECRET, '[redacted]');
const AT = new Date(0).toISOString();

/** How the agent of the tests ends: well, in another way, or not before it is cancelled. */
export type AgentEnd = 'done' | 'failed' | 'timed-out' | 'refused' | 'cancelled' | 'never';
export type AgentWork = (text: string, folder: string) => unknown;

export type Answer = 'allow' | 'deny' | 'never' | 'forbid';

/** Asks for every exec and tool; compares what is done with what was asked, as the real one does. */
function fakeApprover(answerOf: (request: PermissionRequest) => Answer | Promise<Answer>) {
  const requests: PermissionRequest[] = [];
  const approver: Approver = {
    async decide(request) {
      requests.push(request);
      const approvalId = ApprovalId.parse(`approval-${requests.length}`);
      const answered = answerOf(request);
      if (answered === 'forbid')
        return { effect: 'deny', approvalId: null, by: 'policy', reason: 'a rule denies it' };
      const gone = new Promise<'gone'>((resolve) =>
        request.signal?.addEventListener('abort', () => resolve('gone'), { once: true }),
      );
      request.onAsked?.(approvalId);
      if (request.signal?.aborted === true)
        return { effect: 'deny', approvalId, by: 'withdrawn', reason: 'the asker is gone' };
      const said = await Promise.race([answered === 'never' ? gone : Promise.resolve(answered), gone]);
      if (said !== 'allow')
        return { effect: 'deny', approvalId, by: said === 'gone' ? 'withdrawn' : 'person', reason: 'no' };
      return {
        effect: 'allow',
        approvalId,
        async execute(now: ActionFacts | (() => Promise<ActionFacts>), run) {
          const current = typeof now === 'function' ? await now().catch(() => null) : now;
          if (canonicalJson(current) !== canonicalJson(request.facts))
            throw new HostError('stale', 'what was approved is not what would happen now');
          return run();
        },
      };
    },
  };
  return { approver, requests };
}

/** Tasks whose agent is a function on the workspace. */
function fakeDesk(folder: string, work: AgentWork, heed: (task: Task) => void, isBusy: boolean) {
  const tasks = new Map<string, { task: Task; before: Record<string, string> }>();
  const submitted: Parameters<TaskDesk['submit']>[0][] = [];
  const move = (id: string, next: unknown) => {
    const task = Task.parse(next);
    tasks.set(id, { before: tasks.get(id)?.before ?? {}, task });
    heed(task);
    return task;
  };
  const desk: TaskDesk = {
    submit(wish) {
      submitted.push(wish);
      const id = TaskId.parse(`task-${submitted.length}`);
      const shared = {
        ...{ id, agent: wish.agent, workspaceId: wish.workspace, mode: wish.mode, text: wish.text },
        ...{ submittedBy: 'owner:cli', createdAt: AT, revision: 0, sessionId: null },
      };
      const { sessionId: _sessionId, ...queued } = shared;
      const first = Task.parse(
        isBusy ? { ...queued, state: 'queued' } : { ...shared, state: 'running', startedAt: AT },
      );
      tasks.set(id, { task: first, before: filesOf(folder) });
      if (isBusy) return Promise.resolve(first);
      setImmediate(() => {
        const end = work(wish.text, folder) ?? 'done';
        const ended = { ...shared, endedAt: AT };
        const done = { ...ended, state: 'done', startedAt: AT, changedFiles: [], summary: 'said at the end' };
        if (end === 'done') move(id, { ...done, stopReason: 'end_turn' });
        if (end === 'refused') move(id, { ...done, stopReason: 'refusal' });
        if (end === 'failed') move(id, { ...ended, state: 'failed', cause: 'agent', reason: 'it fell over' });
        if (end === 'timed-out') move(id, { ...ended, state: 'failed', cause: 'budget', reason: 'too long' });
        if (end === 'cancelled') move(id, { ...ended, state: 'cancelled' });
      });
      return Promise.resolve(first);
    },
    get: (id) => Promise.resolve(found(id).task),
    diff(id) {
      const { before } = found(id);
      const after = filesOf(folder);
      const paths = Object.keys(after).filter((path) => before[path] !== after[path]);
      const diff: TaskDiff = {
        ...{
          taskId: id,
          source: 'writes',
          final: true,
          takenAt: AT,
          redacted: false,
          truncated: false,
          note: '',
        },
        files: paths.map((path) => ({ path, change: 'modified', added: null, removed: null })),
        diff: hide(paths.map((path) => lineDiff(path, before[path] ?? null, after[path] ?? '')).join('')),
      };
      return Promise.resolve(diff);
    },
    async withdraw(id) {
      const { task } = found(id);
      if (task.state !== 'queued') return;
      const { position: _position, ...shared } = task;
      move(id, { ...shared, state: 'cancelled', sessionId: null, endedAt: AT });
    },
    cancel(id) {
      const { task } = found(id);
      if (task.state !== 'running') throw new HostError('conflict', 'the task has ended');
      const { startedAt: _startedAt, lease: _lease, agentSeenAt: _seen, ...shared } = task;
      return Promise.resolve(move(id, { ...shared, state: 'cancelled', endedAt: AT }));
    },
  };
  const found = (id: string) => {
    const entry = tasks.get(id);
    if (!entry) throw new HostError('not_found', `there is no task ${id}`);
    return entry;
  };
  return { desk, submitted, stateOf: (id: string) => found(id).task.state };
}

function filesOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !`${entry.parentPath}/`.includes('/.git/'))
    .map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(names.map((name) => [name.slice(folder.length + 1), readFileSync(name, 'utf8')]));
}

export interface BenchOptions {
  readonly folder: string;
  readonly work?: AgentWork;
  readonly answer?: (request: PermissionRequest) => Answer | Promise<Answer>;
  readonly db?: Database;
  readonly clock?: Clock;
  readonly plan?: string;
  /** Tasks are queued and wait for others. */
  readonly isBusy?: boolean;
  /** The tasks that another bench has made, as they are in the database of a host. */
  readonly tasks?: ReturnType<typeof fakeDesk>;
}

/** Real child processes, ended with the test. */
export function realGroups(db = openDatabase(':memory:')): ProcessGroups {
  const groups = createProcessGroups({ db, clock: nodeClock, log: silentLog });
  onTestFinished(() => groups.stopAll());
  return groups;
}

/** The service on a real folder, with real programs for tests and reviews; its agent, its owner and its clock are ours. */
export function handoffBench(options: BenchOptions) {
  const folder = realpathSync(options.folder);
  const db = options.db ?? openDatabase(':memory:');
  const clock = options.clock ?? nodeClock;
  const groups = realGroups(db);
  const { approver, requests } = fakeApprover(options.answer ?? (() => 'allow'));
  const audit = memoryAuditor();
  const kept: string[] = [];
  const watches: PlanWatchEvents[] = [];
  const workspace: Workspace = {
    ...{ id: WorkspaceId.parse('ws-1'), name: 'project', path: folder, trusted: true, addedAt: AT },
  };
  let service: Handoffs | null = null;
  const tasks =
    options.tasks ??
    fakeDesk(
      folder,
      options.work ?? (() => writeFileSync(join(folder, 'made.txt'), `${Math.random()}\n`)),
      (task) => service?.heed({ type: 'task.changed', task }),
      options.isBusy === true,
    );
  const agent = Agent.parse({
    ...{ id: 'helper', name: 'helper', title: 'Helper', source: 'user', state: 'available' },
    ...{ argv: ['/usr/bin/helper', '--acp'], envNames: [], inherits: [], version: null, login: 'unknown' },
    ...{ loginNote: '', keyVariable: null, mcp: false },
  });
  const handoffs = createHandoffs({
    ...{ db, clock, random: realRandom, audit, log: silentLog, tasks: tasks.desk, approver, groups },
    agents: {
      list: () =>
        Promise.resolve([agent, Agent.parse({ ...agent, id: 'gone', name: 'gone', state: 'missing' })]),
    },
    workspaces: {
      resolve(ref) {
        if (ref === 'ws-1' || ref === folder) return workspace;
        throw new HostError('not_found', `there is no workspace "${ref}"`);
      },
      byId: () => workspace,
    },
    roots: { open: (path) => openRoot(path) },
    watchPlan(_root, events) {
      watches.push(events);
      queueMicrotask(events.ready);
      return () => void watches.splice(watches.indexOf(events), 1);
    },
    hostEnv: { PATH: process.env['PATH'], HOME: folder, API_TOKEN: SECRET },
    ...{ hostEpoch: 7, hostPid: 4711 },
    redactor: () => ({ push: (chunk) => hide(Buffer.from(chunk).toString()), end: () => '' }),
    sanitize: hide,
    keepSecret: (value) => void kept.push(value),
  });
  service = handoffs;
  onTestFinished(() => handoffs.stop());
  if (options.plan !== undefined) writePlan(folder, options.plan);

  const show = async (id: HandoffId, afterSeq = 0, waitMs = 0) =>
    handoffs.handlers['handoff.show']({ handoffId: id, afterSeq, waitMs }, owner);
  const start = async (request: z.input<typeof HandoffRequest>) =>
    handoffs.handlers['handoff.start']({ request: HandoffRequest.parse(request) }, owner);
  /** Follows one as a client does, until it looks like this. */
  async function until(id: HandoffId, look: (now: { handoff: Handoff; events: HandoffEvent[] }) => boolean) {
    for (let seq = 0; ;) {
      const now = await show(id, seq, 10_000);
      const all = await show(id);
      if (look(all)) return all;
      if (all.handoff.state !== 'running')
        throw new Error(`it ended first: ${JSON.stringify(all.handoff)} ${JSON.stringify(all.events)}`);
      seq = now.events.at(-1)?.seq ?? seq;
    }
  }
  return {
    ...{ handoffs, db, folder, requests, audit, kept, tasks, start, show, until, watches },
    preview: async (request: z.input<typeof HandoffRequest>) =>
      handoffs.handlers['handoff.preview']({ request: HandoffRequest.parse(request) }, owner),
    /** Starts one and waits for its end. */
    async finish(request: z.input<typeof HandoffRequest>): Promise<Handoff> {
      const { id } = await start(request);
      return (await until(id, ({ handoff }) => handoff.state !== 'running')).handoff;
    },
    stop: async (id: HandoffId) => handoffs.handlers['handoff.stop']({ handoffId: id }, owner),
    read: (name: string) => readFileSync(join(folder, '.handoff', name), 'utf8'),
    runState: () =>
      JSON.parse(readFileSync(join(folder, '.handoff/handoff-run-state.json'), 'utf8')) as Record<
        string,
        unknown
      >,
  };
}

export function writePlan(folder: string, text: string): void {
  mkdirSync(join(folder, '.handoff'), { recursive: true });
  writeFileSync(join(folder, '.handoff/current-plan.md'), text);
}
