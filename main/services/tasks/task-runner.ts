import { realpathSync } from 'node:fs';
import type { SessionId } from '../../../contract/ids.ts';
import { HostError } from '../../../contract/errors.ts';
import type { FailureCause, Task, TaskOutput, TaskUsage } from '../../../contract/tasks.ts';
import type { Workspace } from '../../../contract/workspaces.ts';
import type { AgentReport } from '../../acp/agent-report.ts';
import type { Sandbox } from '../../guard/sandbox.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { Clock, Log } from '../../kernel/ports.ts';
import type { AgentProcess } from '../../acp/agent-process.ts';
import { explain, isAnswer, untilDeath } from './agent-errors.ts';
import { openLink, type AgentLink } from './agent-link.ts';
import { keepTail } from './agent-output.ts';
import type { AskHooks } from './ask-leave.ts';
import { createConversation, type Conversation, type WrittenFile } from './conversation.ts';
import { leadTurns, type Standing } from './lead-turns.ts';
import { openSession } from './open-session.ts';
import { detailOf, endedAs, notBegun, type Ending, type Outcome } from './outcome.ts';
import type { AgentLauncher, HandedBridge, Redactor, SessionBook, TaskRoots } from './ports.ts';
import { createSessionLog } from './session-log.ts';
import { createSurrender, endTurn } from './surrender.ts';
import { createUsageMeter, type ReportedTokens, type UsageMeter } from './usage-meter.ts';

/** How long an agent may take to end its turn when it is to be told something else. */
const STEER_GRACE_MS = 15_000;

export interface RunnerDeps {
  readonly agents: AgentLauncher;
  readonly sessions: SessionBook;
  readonly approver: Approver;
  readonly roots: TaskRoots;
  readonly sandbox: Sandbox;
  readonly redactor: () => Redactor;
  readonly clock: Clock;
  readonly log: Log;
  readonly sanitize: (text: string) => string;
}

export interface RunHooks extends AskHooks {
  opened(sessionId: SessionId): void;
  /** On record before the words are written to the agent: a crash in between never looks as if nothing was sent. */
  delivering(): void;
  /** A sign of life. */
  seen(): void;
  worked(): void;
  used(usage: TaskUsage): void;
}

export interface RunPlan {
  readonly workspace: Workspace;
  /** The folder is known as it was: nothing is prompted before. */
  readonly ready: Promise<void>;
  readonly maxMs: number;
}

export interface TaskRun {
  /** Settles when the turn is over and no process of the agent is left. Never rejects. */
  readonly outcome: Promise<Outcome>;
  /** Ends the turn: politely first, after five seconds (or at once) by ending the process group. */
  cancel(how: 'politely' | 'at once'): void;
  /** The same, and the task has failed with this reason. */
  stop(cause: FailureCause, reason: string): void;
  /** Ends the turn and gives the agent these words in the next one. False when the run is at its end. */
  steer(text: string): boolean;
  output(): TaskOutput;
  /** What is known to have been written so far. */
  written(): WrittenFile[];
  readonly sessionId: SessionId | null;
  setMode(modeId: string): Promise<void>;
  setOption(optionId: string, value: string | boolean): Promise<void>;
}

/** Starts an agent for one task, leads it through its turns, and leaves nothing behind. */
export function runTask(deps: RunnerDeps, task: Task, plan: RunPlan, hooks: RunHooks): TaskRun {
  const { agents, clock, log, sanitize, sessions } = deps;
  const { workspace } = plan;
  const timeline = createSessionLog(sessions);
  const steers: string[] = [];
  let ending: Ending | null = null;
  let link: AgentLink | null = null;
  let conversation: Conversation | null = null;
  let meter: UsageMeter = createUsageMeter();
  let bridge: HandedBridge | null = null;
  const at: Standing = { answered: false, over: false, turns: 0 };
  const surrender = createSurrender();

  function reported(report: AgentReport): void {
    if (report.context) meter.context(report.context.used, report.context.size, report.context.cost);
    if (timeline.sessionId !== null) sessions.report(timeline.sessionId, report);
    const usage = meter.usage();
    if (usage !== null && (report.context ?? report.tokens)) hooks.used(usage);
  }

  async function converse(agent: AgentProcess): Promise<Outcome> {
    const files = deps.roots.open(workspace.path);
    const stderr = keepTail(agent.stderr);
    const spoken = createConversation({
      ...{ task, files, timeline, sanitize, log, maxMs: plan.maxMs },
      ...{ approver: deps.approver, sandbox: deps.sandbox, redactor: deps.redactor },
      roots: [...new Set([workspace.path, files.path, realpathSync(workspace.path)])],
      hooks: { ...hooks, reported },
    });
    conversation = spoken;
    const standing = () => ({ written: spoken.written(), answered: at.answered });
    let failure: string | null = null;
    try {
      const keyVariable = () => keyVariableOf(agents, task.agent);
      const opened = await openLink({ agent, conversation: spoken, clock, seen: hooks.seen, keyVariable });
      link = opened;
      const stopReason = await Promise.race([
        lead(opened, spoken),
        surrender.rejected,
        untilDeath(agent, clock),
      ]);
      await spoken.endTurn(null);
      return { ...standing(), kind: 'done', stopReason, summary: sanitize(timeline.summary()) };
    } catch (error) {
      failure = sanitize(await explain(error, { agent, clock, stderr }));
      at.answered ||= isAnswer(error);
      await spoken.endTurn(failure);
      return { ...standing(), kind: 'failed', cause: 'agent', reason: failure };
    } finally {
      at.over = true;
      await spoken.endTurn(failure);
      link?.close();
      await agent.stop();
      files.close();
    }
  }

  /** From the first greeting to the answer of the last turn. */
  async function lead(opened: AgentLink, spoken: Conversation): Promise<string> {
    await openSession({ ...deps, task, workspace, attach, reported, assertWanted, taken }, opened);
    await plan.ready;
    const used = (tokens: ReportedTokens) => {
      meter.prompt(tokens);
      reported({ tokens });
    };
    return leadTurns({ at, steers, timeline, hooks, assertWanted, used }, task.text, opened, spoken);
  }

  /** What was in use before this task, and what has to be given back after it. */
  function taken(part: { bridge?: HandedBridge | null; meter?: UsageMeter }): void {
    bridge = part.bridge ?? bridge;
    meter = part.meter ?? meter;
  }

  function assertWanted(): void {
    if (ending !== null) throw new HostError('unavailable', ending.reason);
    if (at.over) throw new HostError('unavailable', 'the agent has ended');
  }

  function attach(id: SessionId): void {
    // The run may have ended while the session was put on record: nobody would ever end it.
    if (at.over) {
      sessions.end(id);
      assertWanted();
    }
    timeline.attach(id);
    timeline.append({ kind: 'user', text: task.text });
    hooks.opened(id);
  }

  async function run(): Promise<Outcome> {
    let outcome: Outcome;
    try {
      const agent = await agents.launch(task.agent, { cwd: workspace.path, label: `task ${task.id}` });
      outcome = await converse(agent);
    } catch (error) {
      log.warn({ taskId: task.id, error: String(error) }, 'a task could not be run');
      outcome = notBegun(error);
    }
    at.over = true;
    bridge?.release();
    if (ending !== null) outcome = endedAs(ending, outcome);
    timeline.append({ kind: 'state', state: outcome.kind, detail: detailOf(outcome) });
    timeline.end();
    return outcome;
  }

  const end = (how: 'politely' | 'at once', next: Ending) => {
    if (at.over) return;
    ending ??= next;
    endTurn(how, next.reason, { clock, link, conversation, surrender });
  };

  /** The agent that can be spoken to. @throws HostError `conflict` */
  function speakable(): AgentLink {
    if (link === null || at.over) throw new HostError('conflict', 'the agent cannot be spoken to now');
    return link;
  }

  return {
    outcome: run(),
    get sessionId() {
      return timeline.sessionId;
    },
    output: () => timeline.output(),
    written: () => conversation?.written() ?? [],
    cancel: (how) => end(how, { kind: 'cancelled', cause: 'agent', reason: 'the task was cancelled' }),
    stop: (cause, reason) => end('politely', { kind: 'failed', cause, reason }),
    steer(text) {
      if (at.over || ending !== null) return false;
      steers.push(text);
      // Before its first turn there is nothing to end: it is told both at once.
      if (link?.cancel() !== true) return true;
      conversation?.abort();
      const turn = at.turns;
      const late = new HostError(
        'timed_out',
        'the agent did not end its turn when it was told something else',
      );
      clock.after(STEER_GRACE_MS, () => at.turns === turn && surrender.now(late));
      return true;
    },
    async setMode(modeId) {
      await speakable().setMode(modeId);
      reported({ currentModeId: modeId });
    },
    async setOption(optionId, value) {
      reported({ configOptions: await speakable().setOption(optionId, value) });
    },
  };
}

async function keyVariableOf(agents: AgentLauncher, agent: string): Promise<string | null> {
  return (await agents.list()).find(({ name }) => name === agent)?.keyVariable ?? null;
}
