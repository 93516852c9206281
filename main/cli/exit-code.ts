import type { ErrorCode } from '../../contract/errors.ts';

/** What the command line answers to the shell; the numbers are part of its interface. */
export const Exit = {
  done: 0,
  failed: 1,
  usage: 2,
  noHost: 3,
  refused: 4,
  timedOut: 5,
  notFound: 6,
} as const;

const BY_CODE: Record<ErrorCode, number> = {
  invalid_input: Exit.usage,
  too_large: Exit.usage,
  not_permitted: Exit.refused,
  refused: Exit.refused,
  paused: Exit.refused,
  locked_down: Exit.refused,
  timed_out: Exit.timedOut,
  not_found: Exit.notFound,
  unknown_command: Exit.failed,
  conflict: Exit.failed,
  stale: Exit.failed,
  expired: Exit.failed,
  too_many: Exit.failed,
  unavailable: Exit.failed,
  internal: Exit.failed,
};

/** The exit code for a failure of the host. Pure. */
export function exitCodeOf(code: ErrorCode): number {
  return BY_CODE[code];
}
