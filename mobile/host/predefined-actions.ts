import { ActionRunId } from '../../contract/ids.ts';
import type { DeliveryState } from '../../contract/outbox.ts';
import { settled } from './action-deps.ts';
import type { Outcome } from './action-deps.ts';
import type { HostLink } from './host-link.ts';
import type { HostAction } from './views.ts';

/** Starts a predefined command, which goes on when this phone is put away, or stops a run of one. */
export async function actOnRun(
  link: Pick<HostLink, 'submit'>,
  action: Extract<HostAction, { kind: 'start-action' | 'stop-action' }>,
  told: (state: DeliveryState) => void,
): Promise<Outcome> {
  if (action.kind === 'stop-action') {
    const runId = ActionRunId.parse(action.runId);
    return settled(await link.submit('tasks.stopAction', { runId }, told));
  }
  const input = { name: action.name, whenUnread: 'continue' } as const;
  const outcome = await link.submit('tasks.startAction', input, told);
  return outcome.kind === 'done' ? { kind: 'done', runId: outcome.value.id } : outcome;
}
