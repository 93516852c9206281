import type { ApprovalView } from '../../host/views.ts';
import type { Texts } from '../../texts/t.ts';

/** Whether whoever says yes proves to be there: by the policy, and always for a high risk. */
export function needsProof({ need, risk }: Pick<ApprovalView, 'need' | 'risk'>): boolean {
  return need.stepUp !== 'none' || risk === 'high' || risk === 'critical';
}

/**
 * Whether "Approve" must be held, so that it cannot happen in a pocket: for a high risk, and where the policy insists on
 * a proof. A browser signs without asking the person, so there the holding is the proof that somebody is there.
 */
export function mustHold({ need, risk }: Pick<ApprovalView, 'need' | 'risk'>): boolean {
  return risk === 'high' || risk === 'critical' || need.stepUp === 'each' || need.stepUp === 'recent';
}

/** What a yes needs beyond one tap, in sentences; none when one tap is enough. */
export function needLines(approval: ApprovalView, texts: Texts): string[] {
  const { need, votes } = approval;
  return [
    ...(need.approvers > 1 ? [texts.approval.approvers(need.approvers, votes.yes)] : []),
    ...(need.distinctFromRequester ? [texts.approval.distinct] : []),
    ...(needsProof(approval) ? [texts.approval.stepUp] : []),
  ];
}
