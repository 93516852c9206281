import type { SessionId } from '../../../contract/ids.ts';
import type { Task } from '../../../contract/tasks.ts';

export type TaskEvent =
  | { readonly kind: 'start' }
  | { readonly kind: 'open'; readonly sessionId: SessionId }
  | { readonly kind: 'ask'; readonly approvalId: string }
  | { readonly kind: 'answer'; readonly approvalId: string }
  | {
      readonly kind: 'finish';
      readonly stopReason: string;
      readonly changedFiles: readonly string[];
      readonly summary: string;
    }
  | { readonly kind: 'fail'; readonly reason: string }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'interrupt' };

type State = Task['state'];

/** Which events each state knows. What has ended knows none: a task never comes back. */
export const accepts: Readonly<Record<State, readonly TaskEvent['kind'][]>> = {
  queued: ['start', 'fail', 'cancel'],
  running: ['open', 'ask', 'answer', 'finish', 'fail', 'cancel', 'interrupt'],
  waiting: ['open', 'ask', 'answer', 'finish', 'fail', 'cancel', 'interrupt'],
  done: [],
  failed: [],
  cancelled: [],
  interrupted: [],
};

export function hasEnded(task: Task): boolean {
  return accepts[task.state].length === 0;
}

/**
 * The task after an event, with a higher revision; null when its state does not know the event. Pure.
 * @param at the instant of the event, RFC 3339
 */
export function nextTask(task: Task, event: TaskEvent, at: string): Task | null {
  if (!accepts[task.state].includes(event.kind)) return null;
  const { id, agent, workspaceId, mode, text, submittedBy, createdAt } = task;
  const base = { id, agent, workspaceId, mode, text, submittedBy, createdAt, revision: task.revision + 1 };
  const sessionId = 'sessionId' in task ? task.sessionId : null;
  const startedAt = 'startedAt' in task ? task.startedAt : at;
  const approvals = task.state === 'waiting' ? task.approvals : [];
  const ongoing = (session: SessionId | null, asked: string[]): Task =>
    asked.length > 0
      ? { ...base, sessionId: session, startedAt, state: 'waiting', approvals: asked }
      : { ...base, sessionId: session, startedAt, state: 'running' };

  switch (event.kind) {
    case 'start':
      return ongoing(null, []);
    case 'open':
      return ongoing(event.sessionId, approvals);
    case 'ask':
      return ongoing(sessionId, [
        ...approvals.filter((other) => other !== event.approvalId),
        event.approvalId,
      ]);
    case 'answer':
      return ongoing(
        sessionId,
        approvals.filter((other) => other !== event.approvalId),
      );
    case 'finish': {
      const changedFiles = event.changedFiles.slice(0, 1000);
      const summary = event.summary.slice(0, 4096);
      return {
        ...base,
        sessionId,
        startedAt,
        state: 'done',
        stopReason: event.stopReason,
        changedFiles,
        summary,
        endedAt: at,
      };
    }
    case 'fail':
      return { ...base, sessionId, state: 'failed', reason: event.reason.slice(0, 4096), endedAt: at };
    case 'cancel':
      return { ...base, sessionId, state: 'cancelled', endedAt: at };
    case 'interrupt':
      return { ...base, sessionId, state: 'interrupted', endedAt: at };
  }
}
