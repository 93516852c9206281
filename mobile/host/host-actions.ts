import { TaskId } from '../../contract/ids.ts';
import type { DeliveryState } from '../../contract/outbox.ts';
import { settled } from './action-deps.ts';
import type { ActionDeps, Outcome } from './action-deps.ts';
import { addRule } from './add-rule.ts';
import { decide, decideMany } from './decide.ts';
import { actOnRun } from './predefined-actions.ts';
import { actOnSession } from './session-actions.ts';
import { retryTask, submitTask } from './task-actions.ts';
import type { Delivery, HostAction } from './views.ts';

async function carryOut(
  deps: ActionDeps,
  action: HostAction,
  told: (state: DeliveryState) => void,
): Promise<Outcome> {
  const { link } = deps;
  switch (action.kind) {
    case 'decide':
      return decide(deps, action, told);
    case 'decide-many':
      return decideMany(deps, action, told);
    case 'add-rule':
      return addRule(deps, action, told);
    case 'submit':
      return submitTask(link, action.task, told);
    case 'retry-task':
      return retryTask(link, action, told);
    case 'steer-task': {
      const { taskId, text } = action;
      return settled(await link.submit('tasks.steer', { taskId: TaskId.parse(taskId), text }, told));
    }
    case 'cancel-task':
      return settled(await link.submit('tasks.cancel', { taskId: TaskId.parse(action.taskId) }, told));
    case 'end-session':
    case 'cancel-turn':
    case 'set-session-mode':
    case 'set-session-option':
      return actOnSession(link, action, told);
    case 'start-action':
    case 'stop-action':
      return actOnRun(link, action, told);
    case 'process':
      return settled(await link.submit(`supervisor.${action.verb}`, { name: action.processId }, told));
    case 'close-tunnel':
      return settled(await link.submit('tunnels.close', {}, told));
    case 'pause':
      return settled(await link.submit('host.pause', {}, told));
    case 'lock-down':
      return settled(await link.submit('host.lockDown', {}, told));
  }
}

/**
 * Carries an action out and reports its steps. A command is sent under one name however often the connection breaks; one
 * of which nobody can say any more whether it was done is `unknown`, and never sent again.
 */
export async function act(
  deps: ActionDeps,
  action: HostAction,
  report: (delivery: Delivery) => void,
): Promise<void> {
  report({ kind: 'sending' });
  try {
    const outcome = await carryOut(deps, action, (state) => {
      if (state === 'queued' || state === 'sent') report({ kind: state });
    });
    report(outcome);
  } catch (cause) {
    report({ kind: 'refused', why: cause instanceof Error ? cause.message : 'Nothing was sent.' });
  }
}
