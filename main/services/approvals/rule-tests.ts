import type { ActionFacts } from '../../kernel/approver.ts';
import type { Rule, RuleExample } from '../../../contract/policy.ts';
import { WorkspaceId } from '../../../contract/ids.ts';
import { ruleMatches } from './evaluate.ts';

/** A test of a rule that does not hold. */
export interface FailedTest {
  readonly ruleId: string;
  /** Which of the rules, from 0. */
  readonly ruleIndex: number;
  readonly list: 'match' | 'notMatch';
  readonly index: number;
  readonly message: string;
}

const MOMENT = { now: '2026-01-07T12:00:00.000Z', clockJumped: false };

/** The first test of these rules that fails, or null. Risk is left out: it is what all rules together say. */
export function failingTest(rules: readonly Rule[]): FailedTest | null {
  for (const [ruleIndex, rule] of rules.entries()) {
    for (const list of ['match', 'notMatch'] as const) {
      const examples = rule.tests?.[list] ?? [];
      for (const [index, example] of examples.entries()) {
        const request = { facts: factsOf(example), origin: example.origin };
        if (ruleMatches(rule, request, MOMENT) === (list === 'match')) continue;
        const should = list === 'match' ? 'should speak of' : 'should not speak of';
        const message = `rule "${rule.id}" ${should} ${JSON.stringify(example)}`;
        return { ruleId: rule.id, ruleIndex, list, index, message };
      }
    }
  }
  return null;
}

/** Two rules of one name, or null: what speaks of a rule by its id must mean one. */
export function twice(rules: readonly Rule[]): { ruleId: string; ruleIndex: number } | null {
  const seen = new Set<string>();
  for (const [ruleIndex, { id }] of rules.entries()) {
    if (seen.has(id)) return { ruleId: id, ruleIndex };
    seen.add(id);
  }
  return null;
}

/**
 * What is wrong with a set of rules as a whole: a test that fails, or an id that is used twice. Null when it can be used.
 * @returns the path to the place within the list, and a sentence
 */
export function wrongWith(rules: readonly Rule[]): { path: (string | number)[]; message: string } | null {
  const reserved = rules.findIndex(({ id }) => /^(default|workspace)\./.test(id));
  if (reserved >= 0)
    return {
      path: [reserved, 'id'],
      message: 'an id that begins so is not yours; `own.` is a good beginning',
    };
  const double = twice(rules);
  if (double) return { path: [double.ruleIndex], message: `there is another rule "${double.ruleId}"` };
  const failed = failingTest(rules);
  return failed && { path: [failed.ruleIndex, 'tests', failed.list, failed.index], message: failed.message };
}

/** The action that an example stands for; what it leaves out is what matters to no rule. */
export function factsOf(example: RuleExample): ActionFacts {
  const paths = example.paths ?? [];
  const changes = example.kind === 'fs.write' || example.kind === 'fs.delete';
  return {
    kind: example.kind,
    workspaceId: example.workspace === undefined ? null : WorkspaceId.parse(example.workspace),
    requester: [example.requester ?? 'task:example'],
    agent: example.agent ?? null,
    paths,
    exec: example.argv
      ? {
          argv: example.argv,
          cwd: '.',
          sandbox: example.sandbox ?? 'ws',
          binarySha256: null,
          envNames: [],
          envSha256: null,
          cwdIdentity: null,
        }
      : null,
    writes: changes
      ? paths.map((path) => ({
          path,
          baseSha256: null,
          newSha256: '0'.repeat(64),
          bytes: example.bytes ?? 1,
        }))
      : [],
    tool: null,
    net: example.net ?? [],
  };
}
