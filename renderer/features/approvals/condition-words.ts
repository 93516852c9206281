import type { DryRun, Need, Rule, RuleCondition } from '../../../contract/policy.ts';
import { en } from '../../texts/en.ts';

const t = en.rules;

/** A condition as short phrases, one for each field that is present; all of them must hold. */
export function conditionWords(when: RuleCondition): string[] {
  const phrases: (string | null)[] = [
    when.kind ? t.kind(when.kind.map((kind) => en.actionKinds[kind]).join(', ')) : null,
    when.argv
      ? (when.argvWhole === true ? t.argvWhole : t.argv)(
          when.argv.map((token) => (typeof token === 'string' ? token : `{${token.join(',')}}`)).join(' '),
        )
      : null,
    when.pathIn ? t.pathIn(when.pathIn.join(', ')) : null,
    when.pathAny ? t.pathAny(when.pathAny.join(', ')) : null,
    when.workspace ? t.workspace(when.workspace.join(', ')) : null,
    when.agent ? t.agent(when.agent.join(', ')) : null,
    when.origin ? t.origin(when.origin.join(', ')) : null,
    when.sandbox ? t.sandbox(when.sandbox.join(', ')) : null,
    when.requester ? t.requester(when.requester.join(', ')) : null,
    when.net ? t.net(when.net.join(', ')) : null,
    when.sizeMax === undefined ? null : t.sizeMax(when.sizeMax),
    when.window ? windowWords(when.window) : null,
    when.riskMin === undefined ? null : t.riskMin(when.riskMin),
    when.riskMax === undefined ? null : t.riskMax(when.riskMax),
  ];
  const present = phrases.filter((phrase) => phrase !== null);
  return present.length > 0 ? present : [t.anything];
}

/** Hours of a time zone; those that end before they begin go over midnight. */
function windowWords({ zone, days, from, to }: NonNullable<RuleCondition['window']>): string {
  return t.window(days.map((day) => t.days[day] ?? String(day)).join(', '), from, to, zone);
}

/** What a yes takes, as short phrases; none when one tap will do. */
export function needWords(need: Need | undefined): string[] {
  if (need === undefined) return [];
  return [
    ...(need.approvers > 1 ? [t.approvers(need.approvers)] : []),
    ...(need.stepUp === 'none' ? [] : [en.approvals.stepUp[need.stepUp]]),
    ...(need.kinds ? [need.kinds.map((kind) => en.approvals.proofs[kind]).join(', ')] : []),
    ...(need.distinctFromRequester ? [en.approvals.distinct] : []),
  ];
}

/** How many actions the rule is tested with. */
export function testCount({ tests }: Pick<Rule, 'tests'>): number {
  return tests === undefined ? 0 : tests.match.length + tests.notMatch.length;
}

/** What a rule would have done to the questions of the past, in one sentence. */
export function dryRunWords(effect: Rule['effect'], { examined, wouldAllow, wouldDeny }: DryRun): string {
  if (examined === 0) return t.noHistory;
  return effect === 'deny' ? t.dryRun.deny(wouldDeny, examined) : t.dryRun.allow(wouldAllow, examined);
}
