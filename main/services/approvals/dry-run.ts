import type { Approval } from '../../../contract/approvals.ts';
import type { DryRun, Origin, Rule } from '../../../contract/policy.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { ruleMatches, type PolicyMoment } from './evaluate.ts';

const MAX_EXAMPLES = 20;

/** Where a question came from, as far as its action still tells. */
function originOf({ requester }: ActionFacts): Origin {
  const [kind] = (requester[0] ?? '').split(':');
  if (kind === 'mcp') return 'mcp';
  if (kind === 'device') return 'phone';
  if (kind === 'owner') return 'desktop';
  return 'acp';
}

/**
 * What one more rule would have done to questions that a person answered or that ran out. The rule alone is looked at:
 * whatever else holds, a deny still goes over it.
 * @param history newest first
 */
export function dryRun(rule: Rule, history: readonly Approval[], moment: PolicyMoment): DryRun {
  const settled = history.filter(({ state }) => state !== 'pending' && state !== 'cancelled');
  const matched = settled.filter(({ action }) =>
    ruleMatches(rule, { facts: action, origin: originOf(action) }, moment),
  );
  const denied = matched.filter(({ state }) => state === 'denied');
  return {
    examined: settled.length,
    matched: matched.length,
    wouldAllow: rule.effect === 'allow' ? matched.length : 0,
    wouldDeny: rule.effect === 'deny' ? matched.length : 0,
    againstDenials: rule.effect === 'allow' ? denied.length : 0,
    examples: matched
      .slice(0, MAX_EXAMPLES)
      .map(({ id, title }) => ({ approvalId: id, title, effect: rule.effect })),
  };
}
