import type { Need, Rule } from '../../contract/policy.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const PROOFS: Record<Need['stepUp'], string | null> = {
  none: null,
  'if-enrolled': 'proof of presence from whoever has a way of giving one',
  recent: 'proof of presence of the last five minutes',
  each: 'proof of presence each time',
};

/** What a rule asks for and what limits it, in words, where its note says only what it is about. Pure. */
export function limitsText({ when, need, locked, liftable, expiresAt }: Rule): string {
  const parts = [
    locked === true ? 'locked: no other rule or remembered answer lifts it' : null,
    liftable === true && locked !== true ? 'a rule that allows lifts it' : null,
    ...(need ? needParts(need) : []),
    when.net ? `only to ${when.net.join(', ')}` : null,
    when.sizeMax === undefined ? null : `at most ${when.sizeMax} bytes`,
    when.requester ? `only asked by ${when.requester.join(', ')}` : null,
    when.window ? hoursText(when.window) : null,
    expiresAt === undefined ? null : `until ${expiresAt}`,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

function needParts({ approvers, stepUp, kinds, distinctFromRequester }: Need): (string | null)[] {
  const proof = PROOFS[stepUp];
  return [
    approvers > 1 ? `${approvers} approvals` : null,
    proof !== null && kinds ? `${proof} (${kinds.join(' or ')})` : proof,
    distinctFromRequester ? 'not from whoever asked' : null,
  ];
}

/** Hours that end before they begin go over midnight. */
function hoursText({ zone, days, from, to }: NonNullable<Rule['when']['window']>): string {
  const named = [...new Set(days)].sort((one, other) => one - other).map((day) => DAYS[day] ?? String(day));
  const which = named.length === DAYS.length ? 'every day' : named.join(' ');
  return `only ${which} ${from} to ${to}${from > to ? ' of the next day' : ''}, ${zone}`;
}
