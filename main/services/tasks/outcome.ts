import { HostError } from '../../../contract/errors.ts';
import type { FailureCause } from '../../../contract/tasks.ts';
import type { WrittenFile } from './conversation.ts';

/** What became of the run of a task. */
export type Outcome = { readonly written: WrittenFile[]; readonly answered: boolean } & (
  | { readonly kind: 'done'; readonly stopReason: string; readonly summary: string }
  | { readonly kind: 'failed'; readonly cause: FailureCause; readonly reason: string }
  | { readonly kind: 'cancelled' }
);

/** An end that was decided here, not by the agent. */
export interface Ending {
  readonly kind: 'cancelled' | 'failed';
  readonly cause: FailureCause;
  readonly reason: string;
}

/** What kept the agent from being started at all. */
export function notBegun(error: unknown): Outcome {
  const reason = error instanceof HostError ? error.message : 'the agent could not be started';
  return { kind: 'failed', cause: 'host', reason, written: [], answered: false };
}

/** What was decided here has the last word, whatever the agent did in the meantime. */
export function endedAs({ kind, cause, reason }: Ending, { written, answered }: Outcome): Outcome {
  return kind === 'cancelled' ? { kind, written, answered } : { kind, cause, reason, written, answered };
}

/** What the timeline says of it. */
export function detailOf(outcome: Outcome): string {
  if (outcome.kind === 'done') return outcome.stopReason;
  return outcome.kind === 'failed' ? outcome.reason : '';
}
