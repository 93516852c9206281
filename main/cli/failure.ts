import type { ErrorCode, WireError } from '../../contract/errors.ts';
import { exitCodeOf } from './exit-code.ts';

/**
 * A verb that did not do what it was asked. It carries no schema, unlike HostError, so that the verbs that need no
 * host start without loading any.
 */
export class Failure extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly data?: Record<string, unknown>,
    readonly exitCode: number = exitCodeOf(code),
  ) {
    super(message);
    this.name = 'Failure';
  }
}

export const usage = (message: string): Failure => new Failure('invalid_input', message);

/** Anything that was thrown, as what is told to the person. A HostError keeps its code; the rest is `internal`. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (isHostError(error)) return new Failure(error.code, error.message, error.data);
  return new Failure('internal', error instanceof Error ? error.message : String(error));
}

function isHostError(error: unknown): error is WireError & Error {
  return error instanceof Error && error.name === 'HostError' && 'code' in error;
}
