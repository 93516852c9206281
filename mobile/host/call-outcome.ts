import { commands } from '../../contract/commands.ts';
import type { CommandName, OutputOf } from '../../contract/commands.ts';
import type { CallResult } from '../../contract/client.ts';
import type { ErrorCode } from '../../contract/errors.ts';

/** How a command ended. `unknown`: nobody can say any more whether it was done, or the answer is not one of this command. */
export type CallOutcome<N extends CommandName> =
  | { readonly kind: 'done'; readonly value: OutputOf<N> }
  | { readonly kind: 'refused'; readonly why: string; readonly code: ErrorCode }
  | { readonly kind: 'unknown' };

/** Reads what came back for a command; an answer is taken only in the shape that the contract gives it. */
export function outcomeOf<N extends CommandName>(name: N, result: CallResult<N>): CallOutcome<N> {
  if (!result.ok) {
    if (result.error.data?.['unknown'] === true) return { kind: 'unknown' };
    const { code, message } = result.error;
    return { kind: 'refused', why: message, code };
  }
  const output = commands[name].output.safeParse(result.value);
  return output.success ? { kind: 'done', value: output.data as OutputOf<N> } : { kind: 'unknown' };
}
