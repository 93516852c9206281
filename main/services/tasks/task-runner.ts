import { realpathSync } from 'node:fs';
import type { SessionId } from '../../../contract/ids.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { Clock, Log } from '../../kernel/ports.ts';
import { openTurn, type AcpTurn } from './acp-turn.ts';
import { keepTail, lastLines } from './agent-output.ts';
import type { AskHooks } from './ask-leave.ts';
import { createConversation, type Conversation } from './conversation.ts';
import type { AgentExit, AgentLauncher, AgentProcess, Roots, SessionBook } from './ports.ts';
import { createSessionLog } from './session-log.ts';

/** How long an agent may take to end its turn after it was asked to. */
const CANCEL_GRACE_MS = 5000;
/** The last answer of an agent that ends may still be on its way. */
const LAST_WORDS_MS = 300;

export interface RunnerDeps {
  readonly agents: AgentLauncher;
  readonly sessions: SessionBook;
  readonly approver: Approver;
  readonly roots: Roots;
  readonly clock: Clock;
  readonly log: Log;
  readonly sanitize: (text: string) => string;
}

export interface RunHooks extends AskHooks {
  opened(sessionId: SessionId): void;
}

export type Outcome =
  | {
      readonly kind: 'done';
      readonly stopReason: string;
      readonly changedFiles: string[];
      readonly summary: string;
    }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'cancelled' };

export interface TaskRun {
  /** Settles when the turn is over and no process of the agent is left. Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Ends the turn: politely first, after five seconds (or at once) by ending the process group. */
  cancel(how: 'politely' | 'at once'): void;
}

/** Starts an agent for one task, leads it through one turn, and leaves nothing behind. */
export function runTask(deps: RunnerDeps, task: Task, workspace: Workspace, hooks: RunHooks): TaskRun {
  const { agents, clock, log, sanitize } = deps;
  const timeline = createSessionLog(deps.sessions);
  let cancelled = false;
  let turn: AcpTurn | null = null;
  let conversation: Conversation | null = null;
  let giveUp: (error: Error) => void = () => {};
  const givenUp = new Promise<never>((_resolve, reject) => (giveUp = reject));
  givenUp.catch(() => {});

  async function converse(agent: AgentProcess): Promise<Outcome> {
    const files = deps.roots.open(workspace.path);
    const stderr = keepTail(agent.stderr);
    const spoken = createConversation({
      ...{ task, files, timeline, hooks, sanitize, log },
      roots: [...new Set([workspace.path, files.path, realpathSync(workspace.path)])],
      approver: deps.approver,
    });
    conversation = spoken;
    let failure: string | null = null;
    try {
      turn = await openTurn({ agent, conversation: spoken, clock, onSession });
      const stopReason = await Promise.race([turn.run(workspace.path, task.text), givenUp, death(agent)]);
      return {
        kind: 'done',
        stopReason,
        changedFiles: spoken.changedFiles(),
        summary: sanitize(timeline.summary()),
      };
    } catch (error) {
      failure = sanitize(await explain(error, agent, stderr));
      return { kind: 'failed', reason: failure };
    } finally {
      await spoken.close(cancelled ? 'the task was cancelled' : failure);
      turn?.close();
      await agent.stop();
      files.close();
    }
  }

  async function onSession(agentSessionId: string): Promise<void> {
    const title = task.text.split('\n', 1)[0] ?? '';
    const { agent, workspaceId } = task;
    const session = await deps.sessions.open({ agent, agentSessionId, workspaceId, taskId: task.id, title });
    timeline.attach(session.id);
    timeline.append({ kind: 'user', text: task.text });
    hooks.opened(session.id);
  }

  async function death(agent: AgentProcess): Promise<never> {
    const exit = await agent.exited;
    await new Promise<void>((resolve) => clock.after(LAST_WORDS_MS, resolve));
    throw new HostError('unavailable', describeExit(exit));
  }

  /** Why a turn failed, in words: the agent's own error, or its end and what it said last. */
  async function explain(error: unknown, agent: AgentProcess, stderr: () => string): Promise<string> {
    const exit = await Promise.race([
      agent.exited,
      new Promise<null>((resolve) => clock.after(LAST_WORDS_MS, () => resolve(null))),
    ]);
    const words = exit === null ? describeError(error) : describeExit(exit);
    const last = lastLines(stderr());
    return last === '' ? words : `${words}\n${last}`;
  }

  async function run(): Promise<Outcome> {
    let outcome: Outcome;
    try {
      const agent = await agents.launch(task.agent, { cwd: workspace.path, label: `task ${task.id}` });
      outcome = await converse(agent);
    } catch (error) {
      log.warn({ taskId: task.id, error: String(error) }, 'a task could not be run');
      outcome = {
        kind: 'failed',
        reason: error instanceof HostError ? error.message : 'the agent could not be started',
      };
    }
    if (cancelled) outcome = { kind: 'cancelled' };
    timeline.append({ kind: 'state', state: outcome.kind, detail: detailOf(outcome) });
    timeline.end();
    return outcome;
  }

  return {
    outcome: run(),
    cancel(how) {
      cancelled = true;
      conversation?.abort();
      const stop = () => giveUp(new HostError('unavailable', 'the task was cancelled'));
      if (how === 'at once' || turn?.cancel() !== true) stop();
      else clock.after(CANCEL_GRACE_MS, stop);
    },
  };
}

function describeExit({ code, signal }: AgentExit): string {
  return `the agent ended before its turn did (${signal === null ? `exit code ${code ?? 'unknown'}` : signal})`;
}

function describeError(error: unknown): string {
  if (error instanceof HostError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === -32000) return 'the agent needs a login: start it once in a terminal and sign in';
  const message = error instanceof Error ? error.message : String(error);
  return typeof code === 'number' ? `the agent answered with an error: ${message} (${code})` : message;
}

function detailOf(outcome: Outcome): string {
  if (outcome.kind === 'done') return outcome.stopReason;
  return outcome.kind === 'failed' ? outcome.reason : '';
}
