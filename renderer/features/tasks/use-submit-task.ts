import { useMemo } from 'react';
import type { InputOf } from '../../../contract/commands.ts';
import { useHost } from '../../host/use-host.tsx';
import { goTo } from '../../shell/route.ts';
import { createFormKey } from './form-key.ts';

/**
 * Gives a task and shows it once the host has taken it. The same content given again is the same task.
 * @param said what is being done, and that it was
 */
export function useSubmitTask(said: { what: string; done: string }) {
  const keyOf = useMemo(() => createFormKey(() => crypto.randomUUID()), []);
  const { actions } = useHost();
  return async (content: Omit<InputOf<'tasks.submit'>, 'idempotencyKey'>): Promise<void> => {
    const input = { ...content, idempotencyKey: keyOf(content) };
    const result = await actions.run('task.submit', 'tasks.submit', input, said);
    if (result?.ok) goTo('tasks', result.value.id);
  };
}
