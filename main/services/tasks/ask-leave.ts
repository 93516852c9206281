import { HostError } from '../../../contract/errors.ts';
import type { Task } from '../../../contract/tasks.ts';
import type { Approver, Permit, Refusal } from '../../kernel/approver.ts';
import type { SessionLog } from './session-log.ts';
import type { DescribedAction } from '../../acp/tool-action.ts';

export interface AskHooks {
  /** A person is asked from now on … */
  asked(approvalId: string): void;
  /** … and has answered, or the question is withdrawn. */
  answered(approvalId: string): void;
}

export interface AskDeps {
  readonly task: Task;
  readonly approver: Approver;
  readonly timeline: SessionLog;
  readonly hooks: AskHooks;
  /** Of the turn that runs now: aborted when that turn is over. */
  readonly signal: () => AbortSignal;
}

/** Kinds of action that change nothing; all others are refused in mode `read`. */
const HARMLESS: ReadonlySet<string> = new Set(['fs.read', 'git.read']);

/** What a task's mode refuses by itself, before any policy is asked; null when it may be asked. */
export function refusedByMode(task: Pick<Task, 'mode'>, kind: string): string | null {
  return task.mode === 'read' && !HARMLESS.has(kind) ? 'this task may only read' : null;
}

/**
 * Puts one action before the approver, and the question and its answer on the timeline. In mode `ask` a change needs
 * a person's word even where a rule would allow it.
 * @throws HostError `refused` when the mode of the task forbids it or the turn is over
 */
export async function askLeave(deps: AskDeps, action: DescribedAction): Promise<Permit | Refusal> {
  const { task, approver, timeline, hooks } = deps;
  const signal = deps.signal();
  if (signal.aborted) throw new HostError('refused', 'the turn is over');
  const { kind } = action.facts;
  const refused = refusedByMode(task, kind);
  if (refused !== null) throw new HostError('refused', refused);
  const asked = new Set<string>();
  const decision = await approver.decide({
    facts: action.facts,
    title: action.title,
    origin: 'acp',
    taskId: task.id,
    sessionKey: timeline.sessionId,
    diffs: action.diffs,
    agentSays: action.agentSays,
    mustAsk: task.mode === 'ask' && kind !== 'fs.read',
    signal,
    onAsked(approvalId) {
      asked.add(approvalId);
      timeline.append({ kind: 'permission', approvalId, title: action.title, outcome: 'asked' });
      hooks.asked(approvalId);
    },
  });
  for (const approvalId of asked) hooks.answered(approvalId);
  const approvalId = decision.approvalId ?? '';
  if (decision.effect === 'deny') {
    const outcome = decision.by === 'withdrawn' ? 'cancelled' : 'denied';
    timeline.append({
      kind: 'permission',
      approvalId,
      title: `${action.title} (${decision.reason})`,
      outcome,
    });
  } else if (asked.size > 0) {
    timeline.append({ kind: 'permission', approvalId, title: action.title, outcome: 'allowed' });
  }
  return decision;
}
