import type { TaskUsage } from '../../../contract/tasks.ts';

type Cost = NonNullable<TaskUsage['cost']>;

/** What agents report at the end of a prompt, wherever they put it. */
export interface ReportedTokens {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly cachedReadTokens: number | null;
  readonly totalTokens: number | null;
}

/** Adds up what one task uses of a session that may have been used before. */
export interface UsageMeter {
  /** An update of the context window, with what the session has cost so far. */
  context(used: unknown, size: unknown, cost: unknown): void;
  /** The answer to a prompt: what it has used. */
  prompt(tokens: ReportedTokens | null): void;
  /** Null while nothing was reported. */
  usage(): TaskUsage | null;
}

/**
 * @param before what the session had cost when this task began; `null` when it is not known or the session is new
 */
export function createUsageMeter(before: { readonly cost: Cost | null } | null = null): UsageMeter {
  let known = false;
  let contextUsed: number | null = null;
  let contextSize: number | null = null;
  let firstContext: number | null = null;
  let cost: Cost | null = null;
  const sums = { input: null, output: null, cached: null, total: null } as Record<
    'input' | 'output' | 'cached' | 'total',
    number | null
  >;

  function add(name: keyof typeof sums, value: number | null): void {
    if (value !== null) sums[name] = (sums[name] ?? 0) + value;
  }

  /** Agents that only report the context let at least its growth be known. */
  function total(): number | null {
    const grown =
      contextUsed === null || firstContext === null ? null : Math.max(0, contextUsed - firstContext);
    if (sums.total === null && grown === null) return null;
    return Math.max(sums.total ?? 0, grown ?? 0);
  }

  return {
    context(used, size, given) {
      const count = countOf(used);
      if (count !== null) {
        // A new session starts from nothing; one that is continued from what it held at its first report.
        firstContext ??= before === null ? 0 : count;
        contextUsed = count;
        known = true;
      }
      contextSize = countOf(size) ?? contextSize;
      const now = costOf(given);
      if (now === null) return;
      known = true;
      const earlier = before?.cost?.currency === now.currency ? before.cost.amount : 0;
      // An agent that counts anew for each run reports less than was known before.
      cost = { ...now, amount: now.amount >= earlier ? now.amount - earlier : now.amount };
    },
    prompt(tokens) {
      if (tokens === null) return;
      known = true;
      add('input', tokens.inputTokens);
      add('output', tokens.outputTokens);
      add('cached', tokens.cachedReadTokens);
      add('total', tokens.totalTokens ?? sum(tokens.inputTokens, tokens.outputTokens));
    },
    usage() {
      if (!known) return null;
      return {
        inputTokens: sums.input,
        outputTokens: sums.output,
        cachedTokens: sums.cached,
        totalTokens: total(),
        contextUsed,
        contextSize,
        cost,
      };
    },
  };
}

/**
 * Tokens in an answer to a prompt. Agents put them in `usage` (the draft of the protocol), or under `_meta`: `usage`, or
 * `quota.token_count` as Gemini does. Null when they say nothing. Pure.
 */
export function tokensIn(answer: unknown): ReportedTokens | null {
  const meta = field(answer, '_meta');
  const found = [
    field(answer, 'usage'),
    field(meta, 'usage'),
    field(field(meta, 'quota'), 'token_count'),
  ].find((one) => one !== undefined);
  if (found === undefined) return null;
  const read = (...names: string[]): number | null => {
    for (const name of names) {
      const value = countOf(field(found, name));
      if (value !== null) return value;
    }
    return null;
  };
  const tokens = {
    inputTokens: read('inputTokens', 'input_tokens'),
    outputTokens: read('outputTokens', 'output_tokens'),
    cachedReadTokens: read('cachedReadTokens', 'cached_input_tokens', 'cache_read_input_tokens'),
    totalTokens: read('totalTokens', 'total_tokens'),
  };
  return Object.values(tokens).every((value) => value === null) ? null : tokens;
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const found: unknown = (value as Record<string, unknown>)[name];
  return found ?? undefined;
}

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;

function costOf(value: unknown): Cost | null {
  const amount = field(value, 'amount');
  const currency = field(value, 'currency');
  return typeof amount === 'number' &&
    Number.isFinite(amount) &&
    amount >= 0 &&
    typeof currency === 'string' &&
    /^[A-Z]{3}$/.test(currency)
    ? { amount, currency }
    : null;
}

const sum = (one: number | null, other: number | null): number | null =>
  one === null && other === null ? null : (one ?? 0) + (other ?? 0);
