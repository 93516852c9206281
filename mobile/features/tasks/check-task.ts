import type { TaskBudget, TaskMode } from '../../../contract/tasks.ts';
import type { NewTask } from '../../host/task-views.ts';
import type { Texts } from '../../texts/t.ts';

/** What was written for a budget, as it was written. */
export interface BudgetDraft {
  readonly tokens: string;
  readonly costUsd: string;
  readonly minutes: string;
}

export const NO_BUDGET: BudgetDraft = { tokens: '', costUsd: '', minutes: '' };

/** What the form holds before it is complete. */
export interface TaskDraft {
  readonly hostId: string | undefined;
  readonly folderId: string | undefined;
  readonly agentId: string | undefined;
  readonly mode: TaskMode;
  readonly text: string;
  readonly budget: BudgetDraft;
  readonly sessionId?: string;
}

/** The longest task, in UTF-16 units. */
export const TASK_LIMIT = 16_000;

const MOST = { tokens: 1_000_000_000, costUsd: 1_000_000, minutes: 10_080 } as const;

/** A number as people type it: with spaces or commas between thousands, or a comma before the decimals. */
function numberOf(text: string): number {
  const plain = text.replaceAll(/\s/g, '');
  const grouped = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(plain)
    ? plain.replaceAll(',', '')
    : plain.replace(',', '.');
  return /^\d+(\.\d+)?$/.test(grouped) ? Number(grouped) : Number.NaN;
}

/** The budget, or the first number in it that is none. */
export function readBudget(draft: BudgetDraft, texts: Texts): { budget: TaskBudget } | { problem: string } {
  const budget: TaskBudget = {};
  for (const name of ['tokens', 'costUsd', 'minutes'] as const) {
    if (draft[name].trim() === '') continue;
    const value = numberOf(draft[name]);
    const whole = name !== 'tokens' || Number.isInteger(value);
    if (!whole || !(value > 0 && value <= MOST[name])) return { problem: texts.task.badBudget[name] };
    budget[name] = value;
  }
  return { budget };
}

/** The task but for its key, or the first thing that is missing in the words of `texts`. */
export function checkTask(
  draft: TaskDraft,
  texts: Texts,
): { task: Omit<NewTask, 'key'> } | { problem: string } {
  const { hostId, folderId, agentId, mode, sessionId } = draft;
  const text = draft.text.trim();
  if (hostId === undefined) return { problem: texts.task.noneReady };
  if (folderId === undefined) return { problem: texts.task.missing.folder };
  if (agentId === undefined) return { problem: texts.task.missing.agent };
  if (text === '') return { problem: texts.task.missing.text };
  if (text.length > TASK_LIMIT) return { problem: texts.task.tooLong(TASK_LIMIT) };
  const read = readBudget(draft.budget, texts);
  if ('problem' in read) return read;
  const goesOn = sessionId === undefined ? {} : { sessionId };
  return { task: { hostId, folderId, agentId, mode, text, budget: read.budget, ...goesOn } };
}
