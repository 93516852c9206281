import { NO_NEED, type Need, type Rule, type StepUp } from '../../../contract/policy.ts';

const STEP_UPS: readonly StepUp[] = ['none', 'if-enrolled', 'recent', 'each'];

/** Two needs as one: the stricter of each part. */
export function stricter(one: Need, other: Need): Need {
  const kinds =
    one.kinds && other.kinds
      ? one.kinds.filter((kind) => other.kinds?.includes(kind))
      : (one.kinds ?? other.kinds);
  return {
    approvers: Math.max(one.approvers, other.approvers),
    stepUp: STEP_UPS.indexOf(other.stepUp) > STEP_UPS.indexOf(one.stepUp) ? other.stepUp : one.stepUp,
    distinctFromRequester: one.distinctFromRequester || other.distinctFromRequester,
    ...(kinds && { kinds }),
  };
}

/** The needs of several rules as one. */
export function strictest(rules: readonly Rule[]): Need {
  return rules.reduce<Need>((most, { need }) => (need === undefined ? most : stricter(most, need)), NO_NEED);
}

/** Two rules that accept different proofs accept none together: nobody can say yes to that. */
export function isMeetable({ kinds }: Need): boolean {
  return kinds === undefined || kinds.length > 0;
}
