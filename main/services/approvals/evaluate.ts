import {
  NO_NEED,
  type Origin,
  type PolicyDecision,
  type RiskLevel,
  type Rule,
  type RuleCondition,
} from '../../../contract/policy.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { matchesGlob } from './glob.ts';
import { isWithin } from './hours.ts';
import { isMeetable, strictest } from './needs.ts';

/** An action with where it came from: what rules are matched against. */
export interface PolicyRequest {
  readonly facts: ActionFacts;
  readonly origin: Origin;
}

/** When it is, and whether the wall clock can be believed: one that jumped limits nothing and opens nothing. */
export interface PolicyMoment {
  readonly now: string;
  readonly clockJumped: boolean;
}

/**
 * Deny over ask over allow; the order of rules never matters. Only an ask that says so (`liftable`) gives way to a
 * rule that allows, and one that is `locked` gives way to nothing, not even to a remembered answer. No rule at all means
 * ask. A deny or ask rule whose attribute the action does not have counts as matching, an allow rule as not matching:
 * doubt never opens a door.
 */
export function evaluate(
  rules: readonly Rule[],
  grants: readonly { id: string; when: RuleCondition }[],
  request: PolicyRequest,
  moment: PolicyMoment,
): PolicyDecision {
  const floor = hardFloor(request.facts);
  if (floor !== null) return { effect: 'deny', risk: 4, need: NO_NEED, ruleIds: ['floor'], why: [floor] };
  const live = rules.filter((rule) => rule.expiresAt === undefined || rule.expiresAt > moment.now);
  const base = live.filter((rule) => rule.when.riskMin === undefined && rule.when.riskMax === undefined);
  const risk = riskOf(
    base.filter((rule) => matches(rule, request, moment, null)),
    request.origin,
  );
  const matching = live.filter((rule) => matches(rule, request, moment, risk));
  const of = (effect: Rule['effect']) => matching.filter((rule) => rule.effect === effect);
  const decided = (effect: PolicyDecision['effect'], by: readonly Rule[]): PolicyDecision => ({
    effect,
    risk,
    need: effect === 'ask' ? strictest(by) : NO_NEED,
    ruleIds: by.map((rule) => rule.id),
    why: by.map((rule) => rule.note ?? rule.id),
  });
  if (of('deny').length > 0) return decided('deny', of('deny'));
  const allows = of('allow');
  const asks = of('ask').filter(
    (rule) => rule.locked === true || rule.liftable !== true || allows.length === 0,
  );
  const locked = asks.some((rule) => rule.locked === true);
  const grant = grants.find(({ when }) => matchesCondition(when, request, moment, risk, false));
  if (grant && asks.length > 0 && !locked) {
    return {
      effect: 'allow',
      risk,
      need: NO_NEED,
      ruleIds: [grant.id],
      why: ['An earlier answer that you asked to be remembered'],
    };
  }
  if (asks.length > 0) {
    const asked = decided('ask', asks);
    if (isMeetable(asked.need)) return asked;
    const why = 'these rules accept no proof in common, so nobody could say yes';
    return { ...asked, effect: 'deny', need: NO_NEED, why: [...asked.why, why] };
  }
  if (allows.length > 0) return decided('allow', allows);
  return { effect: 'ask', risk, need: NO_NEED, ruleIds: [], why: ['No rule speaks of this'] };
}

/** What no rule can allow. */
function hardFloor(facts: ActionFacts): string | null {
  const paths = [...facts.paths, ...facts.writes.map((write) => write.path)];
  const escaping = paths.find((path) => path.startsWith('/') || path.split('/').includes('..'));
  if (escaping !== undefined) return `"${escaping}" is outside the workspace`;
  if (facts.kind === 'exec' && facts.exec === null) return 'a command without its tokens cannot be judged';
  if (facts.kind === 'fs.write' && facts.writes.length === 0 && facts.paths.length === 0) {
    return 'a write that names no file cannot be judged';
  }
  return null;
}

function riskOf(matching: readonly Rule[], origin: Origin): RiskLevel {
  const stated = Math.max(0, ...matching.map((rule) => rule.risk ?? 0));
  // Asked for from afar: one level up, because nobody at the machine saw it begin.
  const raised = origin === 'mcp' || origin === 'phone' ? stated + (stated > 0 ? 1 : 0) : stated;
  return Math.min(4, raised) as RiskLevel;
}

/** Whether a rule speaks of a request; its bounds of risk are not looked at. */
export function ruleMatches(rule: Rule, request: PolicyRequest, moment: PolicyMoment): boolean {
  return matches(rule, request, moment, null);
}

function matches(rule: Rule, request: PolicyRequest, moment: PolicyMoment, risk: RiskLevel | null): boolean {
  // Most rules speak of other kinds; this one look spares all the rest.
  if (rule.when.kind !== undefined && !rule.when.kind.includes(request.facts.kind)) return false;
  return matchesCondition(rule.when, request, moment, risk, rule.effect !== 'allow');
}

function matchesCondition(
  when: RuleCondition,
  request: PolicyRequest,
  moment: PolicyMoment,
  risk: RiskLevel | null,
  whenMissing: boolean,
): boolean {
  const { facts, origin } = request;
  const one = <T>(allowed: readonly T[] | undefined, value: T | null): boolean =>
    allowed === undefined || (value === null ? whenMissing : allowed.includes(value));
  return (
    one(when.kind, facts.kind) &&
    one(when.workspace, facts.workspaceId as string | null) &&
    one(when.agent, facts.agent) &&
    one(when.origin, origin) &&
    one(when.sandbox, facts.exec?.sandbox ?? null) &&
    (when.argv === undefined || (facts.exec === null ? whenMissing : fitsArgv(facts.exec.argv, when))) &&
    matchesPaths(when, facts, whenMissing) &&
    matchesCircumstances(when, facts, moment, whenMissing) &&
    (risk === null || ((when.riskMin ?? 0) <= risk && risk <= (when.riskMax ?? 4)))
  );
}

function matchesPaths(when: RuleCondition, facts: ActionFacts, whenMissing: boolean): boolean {
  const paths = [...new Set([...facts.paths, ...facts.writes.map((write) => write.path)])];
  const all = (globs: readonly string[]) =>
    paths.length === 0 ? whenMissing : paths.every((path) => matchesAny(path, globs));
  return (
    (when.pathIn === undefined || all(when.pathIn)) &&
    (when.pathAny === undefined || paths.some((path) => matchesAny(path, when.pathAny ?? [])))
  );
}

/** Who asked, what it reaches, how much it writes, and when. */
function matchesCircumstances(
  when: RuleCondition,
  { requester, net, writes }: ActionFacts,
  { now, clockJumped }: PolicyMoment,
  whenMissing: boolean,
): boolean {
  const bytes = writes.reduce((sum, write) => sum + write.bytes, 0);
  const hours = when.window;
  return (
    (when.requester === undefined ||
      when.requester.some((wanted) => isRequester(requester[0] ?? '', wanted))) &&
    (when.net === undefined ||
      (net.length === 0
        ? whenMissing
        : net.every((host) => when.net?.some((wanted) => isHost(host, wanted))))) &&
    (when.sizeMax === undefined || (writes.length === 0 ? whenMissing : bytes <= when.sizeMax)) &&
    (hours === undefined || (clockJumped ? whenMissing : (isWithin(now, hours) ?? whenMissing)))
  );
}

/** `mcp:*` is every client of a kind, anything else itself alone. */
function isRequester(principal: string, wanted: string): boolean {
  return wanted.endsWith(':*') ? principal.startsWith(wanted.slice(0, -1)) : principal === wanted;
}

/** `*.example.com` is every name below it and not itself; a name without a port is that name on every port. */
function isHost(host: string, wanted: string): boolean {
  const lower = host.toLowerCase();
  const name = wanted.includes(':') ? lower : lower.replace(/:\d+$/, '');
  const pattern = wanted.toLowerCase();
  return pattern.startsWith('*.')
    ? name.endsWith(pattern.slice(1)) && name.length > pattern.length - 1
    : name === pattern;
}

function matchesAny(path: string, globs: readonly string[]): boolean {
  return globs.some((glob) => matchesGlob(path, glob));
}

function fitsArgv(argv: readonly string[], { argv: prefix = [], argvWhole }: RuleCondition): boolean {
  if (argvWhole === true && argv.length !== prefix.length) return false;
  return prefix.every((expected, index) => {
    const token = argv[index];
    if (token === undefined) return false;
    return typeof expected === 'string' ? expected === token : expected.includes(token);
  });
}
