import type { PermissionOption, RequestPermissionResponse } from '@agentclientprotocol/sdk';

/**
 * The option that says what was decided and not a word more: leave is for once. An agent that offers only standing
 * leave gets none; null says so.
 */
export function allowOnce(options: readonly PermissionOption[]): RequestPermissionResponse | null {
  return select(options, 'allow_once');
}

/** "No", in the mildest form that is offered; an agent that offers none is told that the request is over. */
export function reject(options: readonly PermissionOption[]): RequestPermissionResponse {
  return select(options, 'reject_once') ?? select(options, 'reject_always') ?? cancelled;
}

export const cancelled: RequestPermissionResponse = { outcome: { outcome: 'cancelled' } };

function select(
  options: readonly PermissionOption[],
  kind: PermissionOption['kind'],
): RequestPermissionResponse | null {
  const option = options.find((other) => other.kind === kind);
  return option ? { outcome: { outcome: 'selected', optionId: option.optionId } } : null;
}
