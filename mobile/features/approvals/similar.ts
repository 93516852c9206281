import type { ApprovalView } from '../../host/views.ts';

/** Questions that may be answered together: of one host and agent, for the same kind of thing, with the same risk. */
export interface SimilarGroup {
  readonly key: string;
  readonly members: readonly ApprovalView[];
}

/**
 * Whether a question may share its answer with others: a low or medium risk that needs one yes and no proof of
 * presence. Everything else is worth a look of its own.
 */
export function mayShareAnswer({ genuine, need, risk }: ApprovalView): boolean {
  return genuine && (risk === 'low' || risk === 'medium') && need.approvers === 1 && need.stepUp === 'none';
}

/** The command without its arguments, or the tool: what makes two actions of one kind alike. */
function subjectOf({ argv, tool }: ApprovalView): string {
  return argv?.[0] ?? tool ?? '';
}

/** Groups of two and more, in the order of their first member. */
export function similarGroups(approvals: readonly ApprovalView[]): SimilarGroup[] {
  const groups = new Map<string, ApprovalView[]>();
  for (const approval of approvals.filter(mayShareAnswer)) {
    const { agent, hostId, kind, risk, workspace } = approval;
    const key = JSON.stringify([hostId, agent, workspace ?? '', kind, risk, subjectOf(approval)]);
    groups.set(key, [...(groups.get(key) ?? []), approval]);
  }
  return [...groups].map(([key, members]) => ({ key, members })).filter(({ members }) => members.length > 1);
}
