import type { SessionId } from '../../../contract/ids.ts';
import type {
  Delivery,
  FailureCause,
  Task,
  TaskLease,
  TaskOutput,
  TaskUsage,
} from '../../../contract/tasks.ts';

/** What is learned about a task while it runs; what is left out stays as it was. */
export interface Progress {
  readonly delivery?: 'delivered' | 'accepted' | 'running';
  readonly lease?: TaskLease;
  readonly agentSeenAt?: string;
  readonly usage?: TaskUsage | null;
  readonly output?: TaskOutput;
  readonly steered?: number;
}

export type TaskEvent =
  | { readonly kind: 'place'; readonly position: number }
  | { readonly kind: 'start'; readonly lease: TaskLease }
  | { readonly kind: 'open'; readonly sessionId: SessionId }
  | { readonly kind: 'ask'; readonly approvalId: string }
  | { readonly kind: 'answer'; readonly approvalId: string }
  | ({ readonly kind: 'progress' } & Progress)
  | {
      readonly kind: 'finish';
      readonly stopReason: string;
      readonly changedFiles: readonly string[];
      readonly summary: string;
    }
  | {
      readonly kind: 'fail';
      readonly cause: FailureCause;
      readonly reason: string;
      /** The agent has answered the whole turn, be it with an error. */
      readonly answered?: boolean;
    }
  | { readonly kind: 'cancel'; readonly answered?: boolean }
  | { readonly kind: 'interrupt' };

type State = Task['state'];

/** Which events each state knows. What has ended knows none: a task never comes back. */
export const accepts: Readonly<Record<State, readonly TaskEvent['kind'][]>> = {
  queued: ['place', 'start', 'fail', 'cancel'],
  running: ['open', 'ask', 'answer', 'progress', 'finish', 'fail', 'cancel', 'interrupt'],
  waiting: ['open', 'ask', 'answer', 'progress', 'finish', 'fail', 'cancel', 'interrupt'],
  done: [],
  failed: [],
  cancelled: [],
  interrupted: [],
};

export function hasEnded(task: Task): boolean {
  return accepts[task.state].length === 0;
}

const WAY: readonly Delivery[] = ['queued', 'delivered', 'accepted', 'running'];

/** The farther of two: word that comes late takes nothing back. Pure. */
function further(known: Delivery, reported: Delivery): Delivery {
  return WAY.indexOf(reported) > WAY.indexOf(known) ? reported : known;
}

/** What can be said of the words of a task that ends: a turn without an answer is unknown, never assumed. Pure. */
function deliveryAtEnd(delivery: Delivery, answered: boolean): Delivery {
  if (delivery === 'queued') return 'never';
  return answered ? 'done' : 'unknown';
}

/**
 * The task after an event, with a higher revision; null when its state does not know the event. Pure.
 * @param at the instant of the event, RFC 3339
 */
export function nextTask(task: Task, event: TaskEvent, at: string): Task | null {
  if (!accepts[task.state].includes(event.kind)) return null;
  const base = baseOf(task);
  const sessionId = 'sessionId' in task ? task.sessionId : null;
  const startedAt = 'startedAt' in task ? task.startedAt : at;
  const ended = (answered: boolean) => ({
    ...base,
    sessionId,
    endedAt: at,
    delivery: deliveryAtEnd(task.delivery, answered),
  });

  switch (event.kind) {
    case 'place':
      return { ...base, state: 'queued', position: event.position };
    case 'start':
      return { ...base, state: 'running', sessionId: null, startedAt, lease: event.lease, agentSeenAt: null };
    case 'open':
    case 'ask':
    case 'answer':
    case 'progress':
      return nextOngoing(task, event);
    case 'finish':
      return {
        ...ended(true),
        startedAt,
        state: 'done',
        stopReason: event.stopReason,
        changedFiles: event.changedFiles.slice(0, 1000),
        summary: event.summary.slice(0, 4096),
      };
    case 'fail':
      return {
        ...ended(event.answered ?? false),
        state: 'failed',
        cause: event.cause,
        reason: event.reason.slice(0, 4096),
      };
    case 'cancel':
      return { ...ended(event.answered ?? false), state: 'cancelled' };
    case 'interrupt':
      return { ...ended(false), state: 'interrupted' };
  }
}

function baseOf(task: Task) {
  const { id, agent, workspaceId, mode, text, submittedBy, createdAt, continues, retryOf } = task;
  const { budget, delivery, usage, output, steered } = task;
  return {
    ...{ id, agent, workspaceId, mode, text, submittedBy, createdAt, continues, retryOf },
    ...{ budget, delivery, usage, output, steered },
    revision: task.revision + 1,
  };
}

type OngoingEvent = Extract<TaskEvent, { kind: 'open' | 'ask' | 'answer' | 'progress' }>;

function nextOngoing(task: Task, event: OngoingEvent): Task | null {
  if (task.state !== 'running' && task.state !== 'waiting') return null;
  const { startedAt, lease, agentSeenAt } = task;
  const progress: Progress = event.kind === 'progress' ? event : {};
  const approvals = approvalsAfter(task.state === 'waiting' ? task.approvals : [], event);
  const next = {
    ...baseOf(task),
    startedAt,
    sessionId: event.kind === 'open' ? event.sessionId : task.sessionId,
    delivery: further(task.delivery, progress.delivery ?? task.delivery),
    lease: progress.lease ?? lease,
    agentSeenAt: progress.agentSeenAt ?? agentSeenAt,
    usage: progress.usage === undefined ? task.usage : progress.usage,
    output: progress.output ?? task.output,
    steered: Math.max(task.steered, progress.steered ?? 0),
  };
  return approvals.length > 0 ? { ...next, state: 'waiting', approvals } : { ...next, state: 'running' };
}

function approvalsAfter(approvals: readonly string[], event: OngoingEvent): string[] {
  if (event.kind !== 'ask' && event.kind !== 'answer') return [...approvals];
  const others = approvals.filter((other) => other !== event.approvalId);
  return event.kind === 'ask' ? [...others, event.approvalId] : others;
}
