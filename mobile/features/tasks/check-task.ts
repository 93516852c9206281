import type { Texts } from '../../texts/t.ts';
import type { TaskMode } from '../../../contract/tasks.ts';
import type { NewTask } from '../../host/views.ts';

/** What the form holds before it is complete. */
export interface TaskDraft {
  readonly hostId: string | undefined;
  readonly folderId: string | undefined;
  readonly agentId: string | undefined;
  readonly mode: TaskMode;
  readonly text: string;
}

/** The longest task, in UTF-16 units. */
export const TASK_LIMIT = 16_000;

/** The task, or the first thing that is missing in the words of `texts`. */
export function checkTask(draft: TaskDraft, texts: Texts): { task: NewTask } | { problem: string } {
  const { hostId, folderId, agentId, mode } = draft;
  const text = draft.text.trim();
  if (hostId === undefined) return { problem: texts.task.noneOnline };
  if (folderId === undefined) return { problem: texts.task.missing.folder };
  if (agentId === undefined) return { problem: texts.task.missing.agent };
  if (text === '') return { problem: texts.task.missing.text };
  if (text.length > TASK_LIMIT) return { problem: texts.task.tooLong(TASK_LIMIT) };
  return { task: { hostId, folderId, agentId, mode, text } };
}
