import type { TaskView } from '../../host/task-views.ts';
import { count, elapsed, money } from '../../texts/amounts.ts';
import type { Texts } from '../../texts/t.ts';

export interface UsageLine {
  readonly text: string;
  /** Of the budget, 0 to 1; `null` where there is none. */
  readonly share: number | null;
}

type Used = Pick<TaskView, 'budget' | 'usage' | 'startedAt' | 'endedAt'>;

function shareOf(used: number, of: number | undefined): number | null {
  return of === undefined ? null : Math.min(1, used / of);
}

/** Input and output, where the agent gives no sum. */
function tokensOf(usage: NonNullable<TaskView['usage']>): number | null {
  const { inputTokens, outputTokens, totalTokens } = usage;
  if (totalTokens !== null) return totalTokens;
  return inputTokens === null && outputTokens === null ? null : (inputTokens ?? 0) + (outputTokens ?? 0);
}

/** How long a task has run, in milliseconds; `null` before it begins. */
export function runFor(
  { endedAt, startedAt }: Pick<Used, 'endedAt' | 'startedAt'>,
  now: number,
): number | null {
  return startedAt === null ? null : (endedAt ?? now) - startedAt;
}

/** What a task has used, each against its budget. A budget is shown also before anything is used of it. */
export function usageLines(task: Used, now: number, texts: Texts): UsageLine[] {
  const { budget, usage } = task;
  const words = texts.tasks;
  const lines: UsageLine[] = [];
  const tokens = (usage && tokensOf(usage)) ?? (budget.tokens === undefined ? null : 0);
  if (tokens !== null) {
    const of = budget.tokens === undefined ? undefined : count(budget.tokens);
    lines.push({ text: words.tokens(count(tokens), of), share: shareOf(tokens, budget.tokens) });
  }
  const cost = usage?.cost ?? (budget.costUsd === undefined ? null : { amount: 0, currency: 'USD' });
  if (cost) {
    const limit = cost.currency === 'USD' ? budget.costUsd : undefined;
    const of = limit === undefined ? undefined : money(limit, 'USD');
    lines.push({
      text: words.cost(money(cost.amount, cost.currency), of),
      share: shareOf(cost.amount, limit),
    });
  }
  const { minutes } = budget;
  if (minutes !== undefined) {
    const ms = runFor(task, now) ?? 0;
    lines.push({ text: words.minutes(elapsed(ms), String(minutes)), share: shareOf(ms, minutes * 60_000) });
  }
  const { contextSize = null, contextUsed = null } = usage ?? {};
  if (contextUsed !== null && contextSize !== null && contextSize > 0) {
    const share = Math.min(1, contextUsed / contextSize);
    lines.push({ text: words.context(Math.round(share * 100)), share: null });
  }
  return lines;
}
