import * as z from 'zod';

/** Every failure a client can be told about. Add a code here, never a free-form string elsewhere. */
export const ErrorCode = z.enum([
  'invalid_input',
  'unknown_command',
  'not_permitted',
  'refused',
  'not_found',
  'conflict',
  'stale',
  'expired',
  'too_large',
  'too_many',
  'unavailable',
  'timed_out',
  'paused',
  'locked_down',
  'internal',
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

export const WireError = z.strictObject({
  code: ErrorCode,
  message: z.string(),
  data: z.record(z.string(), z.unknown()).optional(),
});
export type WireError = z.infer<typeof WireError>;

/**
 * The only error class that may cross a boundary; anything else is reported as `internal`.
 * The message says what was wrong, where, and what would be right; `data` holds the facts to act on.
 */
export class HostError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly data?: Record<string, unknown>,
  ) {
    super(message);
    this.name = 'HostError';
  }

  toWire(): WireError {
    return { code: this.code, message: this.message, ...(this.data && { data: this.data }) };
  }
}

/** What every command answers, on every carrier. */
export const Reply = z.discriminatedUnion('ok', [
  z.strictObject({ ok: z.literal(true), value: z.unknown() }),
  z.strictObject({ ok: z.literal(false), error: WireError }),
]);
export type Reply = z.infer<typeof Reply>;

/** One line for a failed zod parse: which field, what was expected. Never echoes the value: it may be a secret. */
export function describeIssues(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.length > 0 ? issue.path.join('.') : 'input'}: ${issue.message}`)
    .join('; ');
}
