import type { Approval } from '../../../contract/approvals.ts';

/** What waits for an answer: the highest risk first, then what ends soonest. */
export function pendingApprovals(approvals: Readonly<Record<string, Approval>>): Approval[] {
  return Object.values(approvals)
    .filter((approval) => approval.state === 'pending')
    .sort((a, b) => b.risk - a.risk || (a.expiresAt < b.expiresAt ? -1 : 1));
}

/** What was answered or ended, newest first. */
export function answeredApprovals(approvals: Readonly<Record<string, Approval>>): Approval[] {
  return Object.values(approvals)
    .filter((approval) => approval.state !== 'pending')
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** Which card is open: the chosen one as long as it is there, so that nothing new slides under the pointer. */
export function openApproval(
  approvals: Readonly<Record<string, Approval>>,
  chosen: string | null,
): Approval | undefined {
  return (chosen === null ? undefined : approvals[chosen]) ?? pendingApprovals(approvals)[0];
}
