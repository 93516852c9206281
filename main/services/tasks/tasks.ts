import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { TaskId } from '../../../contract/ids.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type Log, type RandomSource } from '../../kernel/ports.ts';
import type { AgentLauncher, Roots, SessionBook, Workspaces } from './ports.ts';
import { admitAgent, keyOf, requestHash, sameRequest } from './submission.ts';
import { hasEnded, type TaskEvent } from './task-machine.ts';
import { startable } from './task-queue.ts';
import { runTask, type Outcome, type TaskRun } from './task-runner.ts';
import { createTaskStore } from './task-store.ts';

const MAX_QUEUED = 100;
const SHOWN_AT_START = 100;

export interface TasksDeps {
  db: Database;
  publish: (event: HostEvent) => void;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  log: Log;
  agents: AgentLauncher;
  sessions: SessionBook;
  workspaces: Workspaces;
  approver: Approver;
  roots: Roots;
  /** The outbound gate, for texts that are kept or shown. */
  sanitize: (text: string) => string;
  /** How many agents may work at the same time; 4 by default. */
  maxRunning?: number;
}

export interface Tasks {
  readonly handlers: HandlersOf<'tasks'>;
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

interface Running {
  readonly task: Task;
  readonly run: TaskRun;
  /** Resolves when the outcome is on the disk. */
  over: Promise<void>;
}

/** Tasks of agents: a queue on the disk, a state machine that never goes back, and one turn at a time for a place. */
export function createTasks(deps: TasksDeps): Tasks {
  const { publish, clock, random, audit, log, agents, workspaces, sanitize } = deps;
  const maxRunning = deps.maxRunning ?? 4;
  const store = createTaskStore(deps.db);
  const running = new Map<TaskId, Running>();
  const now = () => instant(clock.now());
  let paused = true;
  let stopping = false;

  /** The truth first, then the news. Null when the state of the task does not know the event any more. */
  function advance(id: TaskId, event: TaskEvent): Task | null {
    const task = store.advance(id, event, now());
    if (task) publish({ type: 'task.changed', task });
    return task;
  }

  function pump(): void {
    if (paused || stopping) return;
    const busy = [...running.values()].map(({ task }) => task);
    for (const task of startable(store.queued(), busy, maxRunning)) start(task);
  }

  function start(task: Task): void {
    const workspace = workspaces.byId(task.workspaceId);
    if (!workspace) {
      advance(task.id, { kind: 'fail', reason: 'its workspace was removed' });
      return;
    }
    if (!advance(task.id, { kind: 'start' })) return;
    const run = runTask(deps, task, workspace, {
      opened: (sessionId) => void advance(task.id, { kind: 'open', sessionId }),
      asked: (approvalId) => void advance(task.id, { kind: 'ask', approvalId }),
      answered: (approvalId) => void advance(task.id, { kind: 'answer', approvalId }),
    });
    const entry: Running = { task, run, over: Promise.resolve() };
    running.set(task.id, entry);
    entry.over = run.outcome
      .then((outcome) => settle(task, outcome))
      .catch((error: unknown) => {
        log.error({ taskId: task.id, error: String(error) }, 'the end of a task could not be recorded');
      });
  }

  async function settle(task: Task, outcome: Outcome): Promise<void> {
    running.delete(task.id);
    const ended = advance(task.id, eventOf(outcome, stopping));
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

  function known(id: TaskId): Task {
    const task = store.get(id);
    if (!task) throw new HostError('not_found', `there is no task "${id}"`);
    return task;
  }

  const handlers: HandlersOf<'tasks'> = {
    'tasks.submit': async ({ agent, workspace: ref, mode, text, idempotencyKey }, caller) => {
      const workspace = await workspaces.resolve(ref);
      const request = requestHash({ agent, workspaceId: workspace.id, mode, text });
      const key = keyOf(caller, idempotencyKey);
      const earlier = () => sameRequest(store.byKey(key), request);
      const before = earlier();
      if (before) return before;
      await admitAgent(agents, agent);
      if (store.queued().length >= MAX_QUEUED) {
        throw new HostError('too_many', `${MAX_QUEUED} tasks are queued; wait for one to end or cancel one`);
      }
      const task: Task = {
        id: TaskId.parse(random.id()),
        state: 'queued',
        agent,
        workspaceId: workspace.id,
        mode,
        text,
        submittedBy: caller.principal,
        createdAt: now(),
        revision: 0,
      };
      await record(caller.principal, 'task.submitted', task);
      // Somebody may have been faster with the same key while this was put on record.
      const meanwhile = earlier();
      if (meanwhile) return meanwhile;
      store.insert(task, key, request);
      publish({ type: 'task.changed', task });
      pump();
      return known(task.id);
    },

    'tasks.list': ({ limit }) => ({ tasks: store.list(limit) }),

    'tasks.get': ({ taskId }) => known(taskId),

    'tasks.cancel': async ({ taskId }, caller) => {
      const task = known(taskId);
      if (hasEnded(task))
        throw new HostError('conflict', `the task has ended: it is ${task.state}`, { state: task.state });
      await record(caller.principal, 'task.cancelled', task);
      const entry = running.get(taskId);
      if (!entry) {
        advance(taskId, { kind: 'cancel' });
        return known(taskId);
      }
      entry.run.cancel('politely');
      await entry.over;
      return known(taskId);
    },

    'tasks.remove': async ({ taskId }, caller) => {
      const task = known(taskId);
      if (!hasEnded(task)) throw new HostError('conflict', 'the task has not ended; cancel it first');
      await record(caller.principal, 'task.removed', task);
      store.remove(taskId);
      publish({ type: 'task.removed', taskId });
      return {};
    },
  };

  return {
    handlers,
    start({ paused: held } = { paused: false }) {
      for (const task of store.ongoing()) store.advance(task.id, { kind: 'interrupt' }, now());
      for (const task of store.list(SHOWN_AT_START).reverse()) publish({ type: 'task.changed', task });
      paused = held;
      pump();
    },
    async stop() {
      stopping = true;
      for (const { run } of running.values()) run.cancel('at once');
      await Promise.all([...running.values()].map(({ over }) => over));
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
      for (const { run } of running.values()) run.cancel('at once');
      await Promise.all([...running.values()].map(({ over }) => over));
    },
  };
}

function eventOf(outcome: Outcome, stopping: boolean): TaskEvent {
  if (outcome.kind === 'cancelled') return { kind: stopping ? 'interrupt' : 'cancel' };
  return outcome.kind === 'done' ? { ...outcome, kind: 'finish' } : { kind: 'fail', reason: outcome.reason };
}
