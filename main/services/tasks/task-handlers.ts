import type { ParsedInputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import { TaskId, type SessionId } from '../../../contract/ids.ts';
import type { Session } from '../../../contract/sessions.ts';
import type { Task, TaskDiff, TaskMode } from '../../../contract/tasks.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { RandomSource } from '../../kernel/ports.ts';
import type { AgentLauncher, SessionBook, Workspaces } from './ports.ts';
import { admitAgent, admitMode, keyOf, modeFor, requestHash, sameRequest } from './submission.ts';
import { hasEnded, type TaskEvent } from './task-machine.ts';
import type { TaskRun } from './task-runner.ts';
import type { TaskStore } from './task-store.ts';

const MAX_QUEUED = 100;

export interface TaskHandlersDeps {
  readonly agents: AgentLauncher;
  readonly sessions: SessionBook;
  readonly workspaces: Workspaces;
  readonly random: RandomSource;
  readonly publish: (event: HostEvent) => void;
  readonly store: TaskStore;
  readonly running: (id: TaskId) => { readonly run: TaskRun; readonly over: Promise<void> } | null;
  advance(id: TaskId, event: TaskEvent): Task | null;
  record(actor: string, type: string, task: Task, facts?: Record<string, string>): Promise<void>;
  pump(): void;
  diffOf(task: Task): Promise<TaskDiff>;
  now(): string;
}

interface Wish {
  readonly agent: string;
  readonly workspace: Workspace;
  readonly mode: TaskMode | undefined;
  readonly text: string;
  readonly session: SessionId | null;
  readonly budget: Task['budget'];
  readonly retryOf: TaskId | null;
  readonly idempotencyKey: string;
}

type Handled =
  | 'tasks.submit'
  | 'tasks.list'
  | 'tasks.get'
  | 'tasks.diff'
  | 'tasks.cancel'
  | 'tasks.steer'
  | 'tasks.retry'
  | 'tasks.remove';

/** Commands over tasks. Everything is put on record before it is done. */
export function createTaskHandlers(deps: TaskHandlersDeps): Pick<HandlersOf<'tasks'>, Handled> {
  const { agents, sessions, workspaces, store, record, publish, pump } = deps;

  function known(id: TaskId): Task {
    const task = store.get(id);
    if (!task) throw new HostError('not_found', `there is no task "${id}"`);
    return task;
  }

  async function sessionOf({ session: id, agent, workspace }: Wish): Promise<Session | null> {
    if (id === null) return null;
    const { session } = await sessions.sessionFor(id);
    if (session.agent !== agent || session.workspaceId !== workspace.id) {
      throw new HostError(
        'invalid_input',
        `session "${id}" is one of agent "${session.agent}" in another place; submit the task to that agent there`,
        { agent: session.agent, workspaceId: session.workspaceId },
      );
    }
    return session;
  }

  async function submit(wish: Wish, caller: Caller): Promise<Task> {
    const { agent, workspace, text, budget, retryOf } = wish;
    const byDefault = modeFor(await sessionOf(wish), caller);
    const mode = wish.mode ?? byDefault;
    admitMode(mode, byDefault, caller);
    const content = {
      ...{ agent, workspaceId: workspace.id, mode, text, budget, retryOf },
      continues: wish.session,
    };
    const request = requestHash(content);
    const key = keyOf(caller, wish.idempotencyKey);
    const earlier = () => sameRequest(store.byKey(key), request);
    const before = earlier();
    if (before) return before;
    await admitAgent(agents, agent);
    const task: Task = {
      ...content,
      id: TaskId.parse(deps.random.id()),
      state: 'queued',
      position: null,
      submittedBy: caller.principal,
      createdAt: deps.now(),
      revision: 0,
      delivery: 'queued',
      usage: null,
      output: { bytes: 0, toolCalls: 0, droppedBytes: 0 },
      steered: 0,
    };
    assertRoom();
    await record(caller.principal, 'task.submitted', task);
    // Somebody may have been faster with the same key while this was put on record.
    const meanwhile = earlier();
    if (meanwhile) return meanwhile;
    assertRoom();
    store.insert(task, key, request);
    publish({ type: 'task.changed', task });
    pump();
    return known(task.id);
  }

  function assertRoom(): void {
    if (store.queued().length >= MAX_QUEUED)
      throw new HostError('too_many', `${MAX_QUEUED} tasks are queued; wait for one to end or cancel one`);
  }

  async function cancel(taskId: TaskId, caller: Caller): Promise<Task> {
    const task = known(taskId);
    assertGoesOn(task);
    await record(caller.principal, 'task.cancelled', task);
    const entry = deps.running(taskId);
    if (!entry) {
      deps.advance(taskId, { kind: 'cancel' });
      pump();
      return known(taskId);
    }
    entry.run.cancel('politely');
    await entry.over;
    return known(taskId);
  }

  async function steer(taskId: TaskId, text: string, caller: Caller): Promise<Task> {
    const task = known(taskId);
    assertGoesOn(task);
    if (task.state === 'queued')
      throw new HostError('conflict', 'the task has not begun; cancel it and submit it as it should be');
    await record(caller.principal, 'task.steered', task);
    if (deps.running(taskId)?.run.steer(text) !== true) {
      assertGoesOn(known(taskId));
      throw new HostError('conflict', 'the task is at its end; go on with its session in a new task');
    }
    deps.advance(taskId, { kind: 'progress', steered: task.steered + 1 });
    return known(taskId);
  }

  async function retry(input: ParsedInputOf<'tasks.retry'>, caller: Caller): Promise<Task> {
    const task = known(input.taskId);
    if (!hasEnded(task)) throw new HostError('conflict', 'the task has not ended; cancel it first');
    const workspace = workspaces.byId(task.workspaceId);
    if (!workspace) throw new HostError('not_found', 'the workspace of the task was removed');
    const { agent, mode, text, budget, continues: session } = task;
    const { idempotencyKey } = input;
    return submit(
      { agent, workspace, mode, text, budget, session, retryOf: task.id, idempotencyKey },
      caller,
    );
  }

  return {
    'tasks.submit': async (
      { workspace: ref, session, agent, mode, text, budget, idempotencyKey },
      caller,
    ) => {
      const workspace = await workspaces.resolve(ref);
      const wish = { agent, workspace, mode, text, budget, idempotencyKey, retryOf: null };
      return submit({ ...wish, session: session ?? null }, caller);
    },
    'tasks.list': ({ limit }) => ({ tasks: store.list(limit) }),
    'tasks.get': ({ taskId }) => known(taskId),
    'tasks.diff': ({ taskId }) => deps.diffOf(known(taskId)),
    'tasks.cancel': ({ taskId }, caller) => cancel(taskId, caller),
    'tasks.steer': ({ taskId, text }, caller) => steer(taskId, text, caller),
    'tasks.retry': retry,
    'tasks.remove': async ({ taskId }, caller) => {
      const task = known(taskId);
      if (!hasEnded(task)) throw new HostError('conflict', 'the task has not ended; cancel it first');
      await record(caller.principal, 'task.removed', task);
      store.remove(taskId);
      publish({ type: 'task.removed', taskId });
      return {};
    },
  };
}

function assertGoesOn(task: Task): void {
  if (hasEnded(task))
    throw new HostError('conflict', `the task has ended: it is ${task.state}`, { state: task.state });
}
