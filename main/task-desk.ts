import type { TaskDesk } from './services/handoff/ports.ts';
import type { Tasks } from './services/tasks/tasks.ts';
import { ownerCaller } from './kernel/caller.ts';

/** The tasks as handoffs use them: by the same commands as everybody else. */
export function taskDesk({ handlers }: Pick<Tasks, 'handlers'>): TaskDesk {
  const host = { ...ownerCaller('desktop'), principal: 'host' };
  return {
    submit: async (wish, caller) => handlers['tasks.submit'](wish, caller),
    get: async (taskId) => handlers['tasks.get']({ taskId }, host),
    diff: async (taskId) => handlers['tasks.diff']({ taskId }, host),
    cancel: async (taskId, caller) => handlers['tasks.cancel']({ taskId }, caller),
    async withdraw(taskId) {
      const { state } = await handlers['tasks.get']({ taskId }, host);
      if (state === 'queued') await handlers['tasks.cancel']({ taskId }, host);
    },
  };
}
