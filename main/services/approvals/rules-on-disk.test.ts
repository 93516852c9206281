import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HostError } from '../../../contract/errors.ts';
import type { Rule } from '../../../contract/policy.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { openConfig } from '../../kernel/config.ts';
import { handClock, memoryAuditor } from '../../testing/fake-ports.ts';
import { noPresence } from '../../testing/no-presence.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { defaultRules } from './default-rules.ts';
import { evaluate } from './evaluate.ts';
import { createRuleBook } from './rule-book.ts';
import { factsOf, wrongWith } from './rule-tests.ts';

const desktop = ownerCaller('desktop');
const moment = { now: '2026-01-07T12:00:00.000Z', clockJumped: false };
const WRITTEN = `# mine
policy:
  rules:
    # why: the audit of May
    - { id: own.no-net, effect: deny, when: { kind: [net] } } # for good
`;
const noRepl: Rule = {
  id: 'own.no-repl',
  effect: 'deny',
  when: { kind: ['exec'], argv: ['node'] },
  tests: { match: [{ kind: 'exec', origin: 'acp', argv: ['node', 'x.js'] }], notMatch: [] },
};

/** The rules of a real config.yaml, with the book over them. */
function bench(text: string) {
  const path = join(temporaryFolder(), 'config.yaml');
  writeFileSync(path, text);
  const config = openConfig(path, wrongWith);
  const book = createRuleBook({
    product: defaultRules,
    own: { get: () => config.value.policy.rules, set: (rules) => config.setPolicy(rules) },
    workspaceRules: { of: () => Promise.resolve([]) },
    store: {
      get: () => {
        throw new HostError('not_found', 'there is no such approval');
      },
      newest: () => [],
    },
    grants: { list: () => [] },
    memory: { changing: () => {}, changed: () => {} },
    devices: { verifyStatement: () => {}, verifyRule: () => {}, mayApprove: () => true },
    presence: noPresence,
    audit: memoryAuditor(),
    clock: handClock(),
    moment: () => moment,
  });
  const facts = factsOf({ kind: 'exec', origin: 'acp', argv: ['node', 'x.js'], sandbox: 'ro' });
  return {
    ...book.handlers,
    text: () => readFileSync(path, 'utf8'),
    effect: () => evaluate(book.rules(), [], { facts, origin: 'acp' }, moment).effect,
    path,
  };
}

test('a rule is in the file and in force at once, beside the comments of a person, and goes as it came', async () => {
  const book = bench(WRITTEN);
  const before = await book['approvals.showPolicy']({}, desktop);
  expect(book.effect()).toBe('allow');
  const added = await book['approvals.addRule']({ rule: noRepl }, desktop);
  expect(book.effect()).toBe('deny');
  expect(added.policySha256).not.toBe(before.policySha256);
  for (const kept of ['# mine', '# why: the audit of May', '# for good']) expect(book.text()).toContain(kept);
  expect(openConfig(book.path, wrongWith).value.policy.rules.map(({ id }) => id)).toEqual([
    'own.no-net',
    'own.no-repl',
  ]);
  const removed = await book['approvals.removeRule']({ ruleId: 'own.no-repl' }, desktop);
  expect(removed.policySha256).toBe(before.policySha256);
  expect(book.effect()).toBe('allow');
  expect(book.text()).toContain('# for good');
});

test('a rule whose own test fails changes neither the file nor what holds', async () => {
  const book = bench(WRITTEN);
  const wrong = { ...noRepl, when: { ...noRepl.when, argv: ['deno'] } };
  await expect(book['approvals.addRule']({ rule: wrong }, desktop)).rejects.toThrow(
    /"own\.no-repl" should speak of .*node/,
  );
  expect(book.text()).toBe(WRITTEN);
  expect(book.effect()).toBe('allow');
});

test('rules changed by hand are not written over, and the rule that could not be kept does not hold', async () => {
  const book = bench(WRITTEN);
  writeFileSync(book.path, '# emptied\n');
  await expect(book['approvals.addRule']({ rule: noRepl }, desktop)).rejects.toMatchObject({
    code: 'conflict',
  });
  expect(book.text()).toBe('# emptied\n');
  expect(book.effect()).toBe('allow');
});

test.each([
  [
    'a test that fails',
    '    - id: own.a\n      effect: deny\n      when: { kind: [net] }\n      tests:\n        match:\n          - { kind: net }\n          - { kind: exec }\n',
    ':9: policy.rules.0.tests.match.1: rule "own.a" should speak of',
  ],
  [
    'an id that is used twice',
    '    - { id: own.a, effect: deny, when: {} }\n    - { id: own.a, effect: ask, when: {} }\n',
    ':4: policy.rules.1: there is another rule "own.a"',
  ],
])('a file with %s is refused whole, with file, line and key', (_what, rules, said) => {
  const open = () => bench(`policy:\n  rules:\n${rules}`);
  expect(open).toThrow(said);
  expect(open).toThrow('config.yaml');
});
