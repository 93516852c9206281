import type { HostEvent } from '../../../contract/host-state.ts';
import type { SessionId, TaskId } from '../../../contract/ids.ts';
import type { Task, TaskDiff } from '../../../contract/tasks.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type RandomSource } from '../../kernel/ports.ts';
import type { ProcessGroups } from '../../kernel/process-groups.ts';
import { createLiveSessions, type LiveSessions } from './live-sessions.ts';
import type { Predefined, TaskSettings, Workspaces } from './ports.ts';
import { createPredefined } from './predefined.ts';
import { createResultDiffs } from './result-diff.ts';
import { createTaskHandlers } from './task-handlers.ts';
import type { TaskEvent } from './task-machine.ts';
import { movedInLine, startable } from './task-queue.ts';
import type { Outcome } from './outcome.ts';
import type { RunnerDeps } from './task-runner.ts';
import { createTaskResults } from './task-results.ts';
import { createTaskStore } from './task-store.ts';
import { leaseOf, startWork, type Work } from './task-work.ts';

const SHOWN_AT_START = 100;

export interface TasksDeps extends RunnerDeps {
  db: Database;
  publish: (event: HostEvent) => void;
  random: RandomSource;
  audit: Auditor;
  workspaces: Workspaces;
  groups: ProcessGroups;
  settings: () => TaskSettings;
  predefined: Predefined;
  /** For predefined commands: what every child gets is taken from here. */
  hostEnv: Readonly<Record<string, string | undefined>>;
  /** A private folder for what git makes while a task runs; it need not exist. */
  scratchDir: string;
  /** The outbound gate for diffs. */
  sanitizeDiff: (text: string) => string;
  /** Redacts the part `[from, to)` of an output, judged by the whole of it. */
  part: (text: string, from: number, to: number) => string;
}

export interface Tasks {
  readonly handlers: HandlersOf<'tasks'>;
  /** Sessions that agents hold open now. */
  readonly live: LiveSessions;
  /** What a crash left running is interrupted; what was queued runs, unless the host is paused. */
  start(options?: { paused: boolean }): void;
  /** Interrupts what runs and resolves when no agent is left. What is queued stays queued. */
  stop(): Promise<void>;
  /** Nothing new is started until `resume`. */
  pause(): void;
  resume(): void;
  /** Cancels everything, queued or running, at once: for a lock-down. */
  stopAll(reason: string): Promise<void>;
}

interface Running extends Work {
  /** Resolves when the outcome is on the disk. */
  over: Promise<void>;
}

/** Tasks of agents: a queue on the disk, a state machine that never goes back, and one turn at a time for a place. */
export function createTasks(deps: TasksDeps): Tasks {
  const { publish, clock, random, audit, log, workspaces, sanitize } = deps;
  const store = createTaskStore(deps.db);
  const diffs = createResultDiffs(deps);
  const results = createTaskResults({
    store,
    diffs,
    workspaces,
    now: () => now(),
    running: (id) => running.get(id) ?? null,
  });
  const predefined = createPredefined(deps);
  const running = new Map<TaskId, Running>();
  const ownerEpoch = random.id();
  const now = () => instant(clock.now());
  let paused = true;
  let stopping = false;

  /** The truth first, then the news. Null when the state of the task does not know the event any more. */
  function advance(id: TaskId, event: TaskEvent, { quiet } = { quiet: false }): Task | null {
    const task = store.advance(id, event, now());
    if (task && !quiet) publish({ type: 'task.changed', task });
    return task;
  }

  function pump(): void {
    if (!paused && !stopping) {
      interruptAbandoned();
      const { atOnce, perAgent, agents } = deps.settings();
      const limits = { total: atOnce, perAgent: (agent: string) => agents[agent] ?? perAgent };
      const busy = [...running.values()].map(({ task }) => task);
      for (const task of startable(store.queued(), busy, limits)) start(task);
    }
    showPositions();
  }

  /** A task that this run of the host lost sight of, because its end could not be recorded, is not held for ever. */
  function interruptAbandoned(): void {
    for (const task of store.ongoing()) {
      const lease = 'lease' in task ? task.lease : null;
      if (
        !running.has(task.id) &&
        (lease === null || lease.ownerEpoch !== ownerEpoch || lease.expiresAt < now())
      )
        advance(task.id, { kind: 'interrupt' });
    }
  }

  function showPositions(): void {
    for (const { id, position } of movedInLine(store.queued())) advance(id, { kind: 'place', position });
  }

  function start(queued: Task): void {
    const { id } = queued;
    const workspace = workspaces.byId(queued.workspaceId);
    if (!workspace) {
      advance(id, { kind: 'fail', cause: 'host', reason: 'its workspace was removed' });
      return;
    }
    const task = advance(id, { kind: 'start', lease: leaseOf(ownerEpoch, clock.now()) });
    if (!task) return;
    const { idleMinutes, maxMinutes } = deps.settings();
    const limits = { idleMs: idleMinutes * 60_000, maxMs: maxMinutes * 60_000 };
    const work = startWork(
      { ...deps, ownerEpoch, advance: (event, how) => advance(id, event, how) },
      task,
      workspace,
      { ready: diffs.begin(id, workspace.path), limits },
    );
    const entry: Running = { ...work, over: Promise.resolve() };
    running.set(id, entry);
    entry.over = work.run.outcome
      .then((outcome) => settle(entry, workspace.path, outcome))
      .catch((error: unknown) => {
        running.delete(id);
        log.error({ taskId: id, error: String(error) }, 'the end of a task could not be recorded');
      });
  }

  async function settle(entry: Running, folder: string, outcome: Outcome): Promise<void> {
    const { task } = entry;
    entry.close();
    const diff = await diffs.take(task, folder, outcome.written, true).catch((error: unknown) => {
      log.warn({ taskId: task.id, error: String(error) }, 'the result of a task could not be read');
      return null;
    });
    const ended = deps.db.transaction(() => {
      const next = store.advance(task.id, eventOf(outcome, diff, stopping), now());
      if (next && diff) store.keepDiff(diff);
      return next;
    });
    running.delete(task.id);
    if (ended) publish({ type: 'task.changed', task: ended });
    diffs.forget(task.id);
    pump();
    if (ended) await record('host', 'task.ended', task, { state: ended.state });
  }

  function record(
    actor: string,
    type: string,
    task: Task,
    facts: Record<string, string> = {},
  ): Promise<void> {
    const { agent, workspaceId, mode } = task;
    return audit.append({ actor, type, object: task.id, facts: { agent, workspaceId, mode, ...facts } });
  }

  const runOf = (sessionId: SessionId) =>
    [...running.values()].find(({ run }) => run.sessionId === sessionId) ?? null;

  async function stopRunning(): Promise<void> {
    for (const { run } of running.values()) run.cancel('at once');
    await Promise.all([...running.values()].map(({ over }) => over));
  }

  return {
    handlers: {
      ...createTaskHandlers({
        ...deps,
        ...{ store, advance, record, pump, now, diffOf: results.of },
        running: (id) => running.get(id) ?? null,
      }),
      ...predefined.handlers,
    },
    live: createLiveSessions(runOf),
    start({ paused: held } = { paused: false }) {
      const interrupted = store.ongoing().flatMap((task) => {
        // A lease is of one run of the host. That run is over, whatever its lease says.
        const ended = running.has(task.id) ? null : store.advance(task.id, { kind: 'interrupt' }, now());
        return ended ? [ended] : [];
      });
      const newest = store.list(SHOWN_AT_START).reverse();
      const shown = new Map([...interrupted, ...store.queued(), ...newest].map((task) => [task.id, task]));
      for (const task of shown.values()) publish({ type: 'task.changed', task });
      void results.takeLeftovers().catch((error: unknown) => {
        log.warn({ error: String(error) }, 'results of earlier tasks could not be read');
      });
      paused = held;
      pump();
    },
    async stop() {
      stopping = true;
      await Promise.all([predefined.stop(), stopRunning()]);
    },
    pause() {
      paused = true;
    },
    resume() {
      paused = false;
      pump();
    },
    async stopAll(reason) {
      log.warn({ reason: sanitize(reason), running: running.size }, 'all tasks are cancelled');
      for (const task of store.queued()) advance(task.id, { kind: 'cancel' });
      await Promise.all([predefined.stop(), stopRunning()]);
    },
  };
}

function eventOf(outcome: Outcome, diff: TaskDiff | null, stopping: boolean): TaskEvent {
  const { answered } = outcome;
  switch (outcome.kind) {
    case 'cancelled':
      return stopping ? { kind: 'interrupt' } : { kind: 'cancel', answered };
    case 'failed':
      return { kind: 'fail', cause: outcome.cause, reason: outcome.reason, answered };
    case 'done': {
      const paths = [...(diff?.files ?? []), ...outcome.written].map(({ path }) => path);
      const { stopReason, summary } = outcome;
      return { kind: 'finish', stopReason, summary, changedFiles: [...new Set(paths)].sort() };
    }
  }
}
