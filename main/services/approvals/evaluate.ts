import type { Origin, PolicyDecision, RiskLevel, Rule, RuleCondition } from '../../../contract/policy.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { matchesGlob } from './glob.ts';

/** An action with where it came from: what rules are matched against. */
export interface PolicyRequest {
  readonly facts: ActionFacts;
  readonly origin: Origin;
}

/**
 * Deny over ask over allow; the order of rules never matters. Only an ask that says so (`liftable`) gives way to a
 * rule that allows. No rule at all means ask. A deny or ask rule whose
 * attribute the action does not have counts as matching, an allow rule as not matching: doubt never opens a door.
 */
export function evaluate(
  rules: readonly Rule[],
  grants: readonly { id: string; when: RuleCondition }[],
  request: PolicyRequest,
  now: string,
): PolicyDecision {
  const floor = hardFloor(request.facts);
  if (floor !== null) return { effect: 'deny', risk: 4, ruleIds: ['floor'], why: [floor] };
  const live = rules.filter((rule) => rule.expiresAt === undefined || rule.expiresAt > now);
  const base = live.filter((rule) => rule.when.riskMin === undefined && rule.when.riskMax === undefined);
  const risk = riskOf(
    base.filter((rule) => matches(rule, request, null)),
    request.origin,
  );
  const matching = live.filter((rule) => matches(rule, request, risk));
  const of = (effect: Rule['effect']) => matching.filter((rule) => rule.effect === effect);
  const decided = (effect: PolicyDecision['effect'], by: readonly Rule[]): PolicyDecision => ({
    effect,
    risk,
    ruleIds: by.map((rule) => rule.id),
    why: by.map((rule) => rule.note ?? rule.id),
  });
  if (of('deny').length > 0) return decided('deny', of('deny'));
  const allows = of('allow');
  const asks = of('ask').filter((rule) => rule.liftable !== true || allows.length === 0);
  const grant = grants.find(({ when }) => matchesCondition(when, request, risk, false));
  if (grant && asks.length > 0) {
    return {
      effect: 'allow',
      risk,
      ruleIds: [grant.id],
      why: ['An earlier answer that you asked to be remembered'],
    };
  }
  if (asks.length > 0) return decided('ask', asks);
  if (allows.length > 0) return decided('allow', allows);
  return { effect: 'ask', risk, ruleIds: [], why: ['No rule speaks of this'] };
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

function matches(rule: Rule, request: PolicyRequest, risk: RiskLevel | null): boolean {
  return matchesCondition(rule.when, request, risk, rule.effect !== 'allow');
}

function matchesCondition(
  when: RuleCondition,
  { facts, origin }: PolicyRequest,
  risk: RiskLevel | null,
  whenMissing: boolean,
): boolean {
  const paths = [...new Set([...facts.paths, ...facts.writes.map((write) => write.path)])];
  const one = <T>(allowed: readonly T[] | undefined, value: T | null): boolean =>
    allowed === undefined || (value === null ? whenMissing : allowed.includes(value));
  return (
    one(when.kind, facts.kind) &&
    one(when.workspace, facts.workspaceId as string | null) &&
    one(when.agent, facts.agent) &&
    one(when.origin, origin) &&
    one(when.sandbox, facts.exec?.sandbox ?? null) &&
    (when.argv === undefined || (facts.exec === null ? whenMissing : fitsArgv(facts.exec.argv, when))) &&
    (when.pathIn === undefined ||
      (paths.length === 0 ? whenMissing : paths.every((path) => matchesAny(path, when.pathIn ?? [])))) &&
    (when.pathAny === undefined || paths.some((path) => matchesAny(path, when.pathAny ?? []))) &&
    (risk === null || ((when.riskMin ?? 0) <= risk && risk <= (when.riskMax ?? 4)))
  );
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
