import type { ApprovalView, ContentAnswer } from '../../host/views.ts';

/**
 * Whether "Approve" is offered: the hash is the one of what is shown, and the host's texts were fetched and none of
 * them contradicts it. Denying is always possible.
 */
export function mayApprove(
  approval: Pick<ApprovalView, 'genuine'>,
  answer: ContentAnswer | undefined,
): boolean {
  if (!approval.genuine || answer?.kind !== 'ready') return false;
  return answer.content.diffs.every(({ check }) => check !== 'differs');
}
