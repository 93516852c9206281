import type { Task } from '../../../contract/tasks.ts';
import { en } from '../../texts/en.ts';
import { isUnfinished } from '../../ui/marks.ts';

const t = en.tasks;

interface Meter {
  readonly name: string;
  readonly text: string;
  /** 0 to 1; null without a budget. */
  readonly part: number | null;
}

/** What a task has used, with a bar for each part of its budget. @param ranMs how long it has run; null before it began */
export function TaskUse({ task, ranMs }: { task: Task; ranMs: number | null }) {
  const meters = metersOf(task, ranMs);
  if (meters.length === 0) return <>{t.notReported}</>;
  return (
    <ul className="plain-list">
      {meters.map(({ name, text, part }) => (
        <li key={name}>
          {text}
          {part !== null && (
            <meter
              className="use"
              max={1}
              high={0.9}
              value={Math.min(1, part)}
              aria-label={`${name}: ${text}`}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

/** Pure. */
export function metersOf({ usage, budget, ...task }: Task, ranMs: number | null): readonly Meter[] {
  const tokens = usage?.totalTokens ?? null;
  const cost = usage?.cost ?? null;
  const minutes = ranMs === null ? null : ranMs / 60_000;
  const kinds = t.budgetKinds;
  const meters: Meter[] = [];
  if (tokens !== null || budget.tokens !== undefined)
    meters.push(meter(kinds.tokens, tokens, budget.tokens, t.tokens));
  if (cost !== null || budget.costUsd !== undefined) {
    const currency = cost?.currency ?? 'USD';
    // Another currency is not compared with a budget in USD.
    const most = currency === 'USD' ? budget.costUsd : undefined;
    meters.push(meter(kinds.costUsd, cost?.amount ?? null, most, (amount) => t.cost(amount, currency)));
  }
  if (budget.minutes !== undefined && (minutes !== null || isUnfinished(task as Task)))
    meters.push(meter(kinds.minutes, minutes, budget.minutes, t.minutes));
  return meters;
}

function meter(
  name: string,
  used: number | null,
  most: number | undefined,
  say: (n: number) => string,
): Meter {
  const text = say(used ?? 0);
  if (most === undefined) return { name, text, part: null };
  return { name, text: t.ofBudget(text, say(most)), part: (used ?? 0) / most };
}
