import { SessionId, TaskId } from '../../contract/ids.ts';
import type { DeliveryState } from '../../contract/outbox.ts';
import type { Outcome } from './action-deps.ts';
import type { CallOutcome } from './call-outcome.ts';
import type { HostLink } from './host-link.ts';
import type { NewTask } from './task-views.ts';

type Told = (state: DeliveryState) => void;

function begun(outcome: CallOutcome<'tasks.submit' | 'tasks.retry'>): Outcome {
  return outcome.kind === 'done' ? { kind: 'done', taskId: outcome.value.id } : outcome;
}

/** The key of the form goes along, so that the form sent again is the same task. */
export async function submitTask(
  link: Pick<HostLink, 'submit'>,
  { agentId: agent, budget, folderId: workspace, key: idempotencyKey, mode, sessionId, text }: NewTask,
  told: Told,
): Promise<Outcome> {
  const session = sessionId === undefined ? {} : { session: SessionId.parse(sessionId) };
  const input = { agent, workspace, mode, text, budget, idempotencyKey, ...session };
  return begun(await link.submit('tasks.submit', input, told));
}

export async function retryTask(
  link: Pick<HostLink, 'submit'>,
  { key: idempotencyKey, taskId }: { readonly taskId: string; readonly key: string },
  told: Told,
): Promise<Outcome> {
  return begun(await link.submit('tasks.retry', { taskId: TaskId.parse(taskId), idempotencyKey }, told));
}
