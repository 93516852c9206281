import type { NewTask } from '../../host/task-views.ts';

/** The name of a form, and what stood in it when it was sent last. */
export interface FormKey {
  readonly key: string;
  readonly sent: string | undefined;
}

/**
 * The key for sending a form. The same content keeps its key however often it is sent, so that it is begun once; changed
 * content after a sending is another wish. Pure but for `draw`.
 */
export function keyFor(held: FormKey | undefined, task: Omit<NewTask, 'key'>, draw: () => string): FormKey {
  const sent = JSON.stringify(task);
  const isSame = held !== undefined && (held.sent === undefined || held.sent === sent);
  return { key: isSame ? held.key : draw(), sent };
}
