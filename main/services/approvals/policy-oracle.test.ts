import { isAuthorized, type AuthorizationCall, type EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import { expect, test } from 'vitest';
import type { ActionKind, SandboxProfile } from '../../../contract/action.ts';
import { WorkspaceId } from '../../../contract/ids.ts';
import type { Effect, Origin, Rule, RuleCondition } from '../../../contract/policy.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { seeded } from '../../testing/seeded.ts';
import { defaultRules } from './default-rules.ts';
import { evaluate } from './evaluate.ts';
import { failingTest, factsOf } from './rule-tests.ts';

const long = process.env['SIGNALBOX_LONG'] === '1';
const RANDOM = long ? 50_000 : 1500;
const SHUFFLES = long ? 10_000 : 500;
const REQUESTS_PER_POLICY = 25;
const moment = { now: '2026-01-07T12:00:00.000Z', clockJumped: false };

const KINDS: readonly ActionKind[] = ['fs.read', 'fs.write', 'exec', 'git.write', 'process.start'];
const ORIGINS: readonly Origin[] = ['desktop', 'cli', 'phone', 'mcp', 'acp'];
const SANDBOXES: readonly SandboxProfile[] = ['ro', 'ws', 'ws+net', 'none'];
const PROGRAMS = ['npm', 'git', 'cargo', 'ls'];
const VERBS = ['test', 'run', 'push', 'status'];
const PATHS = ['a.ts', 'src/b.ts', 'docs/c.md', 'package.json'];
const EFFECTS: readonly Effect[] = ['deny', 'allow', 'ask'];

interface Request {
  readonly facts: ActionFacts;
  readonly origin: Origin;
}

type Dice = (below: number) => number;
const pick = <T>(dice: Dice, from: readonly T[]): T => from[dice(from.length)] as T;
const some = <T>(dice: Dice, from: readonly T[]): T[] => {
  const chosen = from.filter(() => dice(2) === 0);
  return chosen.length > 0 ? chosen : [pick(dice, from)];
};

function randomRule(dice: Dice, index: number): Rule {
  const when: RuleCondition = {
    ...(dice(2) === 0 && { kind: some(dice, KINDS) }),
    ...(dice(3) === 0 && { workspace: some(dice, ['w1', 'w2']) }),
    ...(dice(3) === 0 && { agent: some(dice, ['a1', 'a2']) }),
    ...(dice(3) === 0 && { origin: some(dice, ORIGINS) }),
    ...(dice(4) === 0 && { sandbox: some(dice, SANDBOXES) }),
    ...(dice(4) === 0 && { requester: some(dice, ['task:t1', 'mcp:m1']) }),
    ...(dice(4) === 0 && { pathIn: some(dice, PATHS) }),
    ...(dice(4) === 0 && { pathAny: some(dice, PATHS) }),
    ...(dice(3) === 0 && {
      argv: [some(dice, PROGRAMS), ...(dice(2) === 0 ? [pick(dice, VERBS)] : [])],
      ...(dice(2) === 0 && { argvWhole: true }),
    }),
  };
  return { id: `r${index}`, effect: pick(dice, EFFECTS), when };
}

function randomRequest(dice: Dice): Request {
  const kind = pick(dice, KINDS);
  const argv = [
    pick(dice, PROGRAMS),
    ...(dice(4) > 0 ? [pick(dice, VERBS)] : []),
    ...(dice(3) === 0 ? ['x'] : []),
  ];
  const paths = kind === 'fs.write' || dice(3) > 0 ? some(dice, PATHS) : [];
  const facts = factsOf({
    kind,
    origin: 'acp',
    paths,
    requester: pick(dice, ['task:t1', 'mcp:m1', 'device:d1']),
    ...(dice(4) > 0 && { workspace: pick(dice, ['w1', 'w2', 'w3']) }),
    ...(dice(4) > 0 && { agent: pick(dice, ['a1', 'a2', 'a3']) }),
    ...((kind === 'exec' || dice(3) === 0) && { argv, sandbox: pick(dice, SANDBOXES) }),
  });
  return { facts, origin: pick(dice, ORIGINS) };
}

const text = (value: string): string => JSON.stringify(value);
const set = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;

/** One of our conditions in Cedar's words. `missing` is what an absent attribute counts as. */
function conditionOf(when: RuleCondition, missing: boolean): string {
  const optional = (name: string, values: readonly string[] | undefined): string[] =>
    values === undefined
      ? []
      : [`(if context has ${name} then ${set(values)}.contains(context.${name}) else ${String(missing)})`];
  const parts = [
    ...(when.kind ? [`${set(when.kind)}.contains(context.kind)`] : []),
    ...(when.origin ? [`${set(when.origin)}.contains(context.origin)`] : []),
    ...(when.requester ? [`${set(when.requester)}.contains(context.requester)`] : []),
    ...optional('workspace', when.workspace),
    ...optional('agent', when.agent),
    ...optional('sandbox', when.sandbox),
    ...(when.pathIn
      ? [
          `(if context.paths == [] then ${String(missing)} else ${set(when.pathIn)}.containsAll(context.paths))`,
        ]
      : []),
    ...(when.pathAny ? [`${set(when.pathAny)}.containsAny(context.paths)`] : []),
    ...argvOf(when, missing),
  ];
  return parts.length === 0 ? 'true' : parts.join(' && ');
}

function argvOf({ argv, argvWhole }: RuleCondition, missing: boolean): string[] {
  if (argv === undefined) return [];
  const tokens = argv.map((token, index) => {
    const wanted = typeof token === 'string' ? [token] : token;
    return `context has argv${index} && ${set(wanted)}.contains(context.argv${index})`;
  });
  const whole = argvWhole === true ? [`context.argc == ${argv.length}`] : [];
  return [`(if context has argc then (${[...tokens, ...whole].join(' && ')}) else ${String(missing)})`];
}

/** An ask is neither: in Cedar nothing permits it, unless an allow does and the ask forbids. */
function policyOf(rules: readonly Rule[]): string {
  return rules
    .map(({ effect, when }) => {
      const word = effect === 'allow' ? 'permit' : 'forbid';
      return `${word}(principal, action, resource) when { ${conditionOf(when, effect !== 'allow')} };`;
    })
    .join('\n');
}

function cedarAllows(rules: readonly Rule[], { facts, origin }: Request): boolean {
  const argv = facts.exec?.argv ?? [];
  const context = {
    kind: facts.kind,
    origin,
    requester: facts.requester[0] ?? '',
    paths: facts.paths,
    ...(facts.workspaceId !== null && { workspace: facts.workspaceId }),
    ...(facts.agent !== null && { agent: facts.agent }),
    ...(facts.exec && { sandbox: facts.exec.sandbox, argc: argv.length }),
    ...Object.fromEntries(argv.map((token, index) => [`argv${index}`, token])),
  };
  const entities: EntityJson[] = [];
  const call: AuthorizationCall = {
    principal: { type: 'P', id: 'p' },
    action: { type: 'Action', id: 'a' },
    resource: { type: 'R', id: 'r' },
    context,
    policies: { staticPolicies: policyOf(rules) },
    entities,
  };
  const answer = isAuthorized(call);
  if (answer.type !== 'success') throw new Error(JSON.stringify(answer.errors));
  if (answer.response.diagnostics.errors.length > 0)
    throw new Error(JSON.stringify(answer.response.diagnostics));
  return answer.response.decision === 'allow';
}

test(
  'whatever the rules and the request, we allow what Cedar allows and nothing else',
  { timeout: 3_600_000 },
  () => {
    const dice = seeded(11);
    let [compared, allowed, differences] = [0, 0, 0];
    while (compared < RANDOM) {
      const rules = Array.from({ length: 1 + dice(8) }, (_, index) => randomRule(dice, index));
      for (let request = 0; request < REQUESTS_PER_POLICY; request += 1) {
        const one = randomRequest(dice);
        const ours = evaluate(rules, [], one, moment).effect === 'allow';
        const theirs = cedarAllows(rules, one);
        compared += 1;
        if (ours) allowed += 1;
        if (ours !== theirs) differences += 1;
        if (ours !== theirs) expect({ rules, one, ours, theirs }).toBeNull();
      }
    }
    process.stdout.write(
      `policy: ${compared} random decisions beside Cedar (${allowed} allowed), ${differences} differences\n`,
    );
    // An oracle that only ever says no would prove nothing.
    expect(allowed).toBeGreaterThan(compared / 50);
  },
);

test('the order of rules never matters; a deny never opens, an allow never lifts a deny', () => {
  const dice = seeded(12);
  let shuffles = 0;
  for (; shuffles < SHUFFLES; shuffles += 1) {
    const rules = Array.from({ length: 2 + dice(8) }, (_, index) => ({
      ...randomRule(dice, index),
      ...(dice(3) === 0 && { liftable: true }),
      ...(dice(4) === 0 && { locked: true }),
      ...(dice(4) === 0 && { risk: 3 as const }),
    }));
    const request = randomRequest(dice);
    const decided = evaluate(rules, [], request, moment);
    const shuffled = evaluate(shuffle(rules, dice), [], request, moment);
    expect({ ...shuffled, ruleIds: [...shuffled.ruleIds].sort(), why: [...shuffled.why].sort() }).toEqual({
      ...decided,
      ruleIds: [...decided.ruleIds].sort(),
      why: [...decided.why].sort(),
    });
    const more = randomRule(dice, 99);
    const after = evaluate([...rules, more], [], request, moment).effect;
    if (more.effect === 'deny' && decided.effect !== 'allow') expect(after).not.toBe('allow');
    if (decided.effect === 'deny') expect(after).toBe('deny');
  }
  process.stdout.write(`policy: ${shuffles} shuffles, 0 differences\n`);
});

function shuffle<T>(items: readonly T[], dice: Dice): T[] {
  const left = [...items];
  return Array.from(items, () => left.splice(dice(left.length), 1)[0] as T);
}

/** What the product's own rules say: kind, sandbox, command or path, then acp, mcp and desktop as effect and risk. */
const TABLE: readonly (readonly [Parameters<typeof factsOf>[0]['kind'], string, string])[] = [
  ...[
    'src/a.ts',
    'README.md',
    'a/b/c.txt',
    'docs/x.md',
    'test/y.test.ts',
    'package.json',
    '.env.example',
  ].flatMap((path) => [
    ['fs.read', path, 'allow0 allow0 allow0'] as const,
    ['git.read', path, 'allow0 allow0 allow0'] as const,
  ]),
  ...[
    'src/a.ts',
    'README.md',
    'a/b/c.txt',
    'docs/x.md',
    'test/y.test.ts',
    'lib/package.jsonx',
    'hooksx/a',
  ].flatMap((path) => [
    ['fs.write', path, 'ask1 ask2 ask1'] as const,
    ['fs.delete', path, 'ask2 ask3 ask2'] as const,
  ]),
  ...[
    'package.json',
    'lib/package.json',
    'package-lock.json',
    'yarn.lock',
    'pnpm-lock.yaml',
    'Cargo.toml',
    'x/Cargo.lock',
    'pyproject.toml',
    'requirements.txt',
    'go.mod',
    'go.sum',
    'Gemfile.lock',
    'Makefile',
    'sub/Makefile',
    'conftest.py',
    '.envrc',
    '.bashrc',
    '.zshrc',
    '.profile',
    '.gitattributes',
    '.gitmodules',
    '.vscode/tasks.json',
    'signalbox.yaml',
    'agent-procs.yaml',
    '.github/workflows/ci.yml',
    '.gitlab-ci.yml',
    '.circleci/config.yml',
    '.husky/pre-commit',
    '.signalbox/policy.yaml',
    'lib/.signalbox/policy.yaml',
    'a/hooks/post-checkout',
  ].flatMap((path) => [
    ['fs.write', path, 'ask3 ask4 ask3'] as const,
    ['fs.delete', path, 'ask3 ask4 ask3'] as const,
  ]),
  ...['git status', 'ls -la', 'npm test', 'cargo test', 'make x'].flatMap((command) => [
    ['exec', `ro ${command}`, 'allow0 allow0 allow0'] as const,
    ['exec', `ws ${command}`, 'ask2 ask3 ask2'] as const,
    ['exec', `ws+net ${command}`, 'ask3 ask4 ask3'] as const,
    ['exec', `none ${command}`, 'ask4 ask4 ask4'] as const,
  ]),
  ...[
    'git push',
    'git push origin main',
    'npm publish',
    'npm unpublish x',
    'npm deprecate y',
    'docker push z',
    'kubectl apply -f x',
    'kubectl delete y',
    'terraform apply',
    'terraform destroy',
  ].flatMap((command) =>
    SANDBOXES.map((sandbox) => ['exec', `${sandbox} ${command}`, 'ask4 ask4 ask4'] as const),
  ),
  ['net', '', 'ask3 ask4 ask3'],
  ['git.write', '', 'ask2 ask3 ask2'],
  ['tool', '', 'ask2 ask3 ask2'],
  ['process.start', '', 'ask3 ask4 ask3'],
  ['process.signal', '', 'ask1 ask2 ask1'],
  ...['../x', 'a/../../x', '/etc/passwd', 'a/..'].flatMap((path) => [
    ['fs.read', path, 'deny4 deny4 deny4'] as const,
    ['fs.write', path, 'deny4 deny4 deny4'] as const,
    ['fs.delete', path, 'deny4 deny4 deny4'] as const,
  ]),
];

test('the rules of the product decide every row of the table as it says', () => {
  let rows = 0;
  for (const [kind, what, expected] of TABLE) {
    const [sandbox = '', ...argv] = kind === 'exec' ? what.split(' ') : [];
    const facts = factsOf({
      kind,
      origin: 'acp',
      ...(kind === 'exec' ? { argv, sandbox: sandbox as SandboxProfile } : what !== '' && { paths: [what] }),
    });
    const got = (['acp', 'mcp', 'desktop'] as const).map((origin) => {
      const { effect, risk } = evaluate(defaultRules, [], { facts, origin }, moment);
      rows += 1;
      return `${effect}${risk}`;
    });
    expect({ kind, what, got: got.join(' ') }).toEqual({ kind, what, got: expected });
  }
  process.stdout.write(`policy: ${rows} rows of the decision table, all as it says\n`);
  expect(rows).toBeGreaterThanOrEqual(300);
});

test('every product rule carries tests and holds them, and a workspace id is never guessed', () => {
  expect(failingTest(defaultRules)).toBeNull();
  expect(defaultRules.filter(({ tests }) => !tests?.match.length || !tests.notMatch.length)).toEqual([]);
  const wrong: Rule = {
    id: 'wrong',
    effect: 'deny',
    when: { kind: ['exec'] },
    tests: {
      match: [{ kind: 'exec', origin: 'acp', argv: ['ls'] }],
      notMatch: [{ kind: 'exec', origin: 'acp', argv: ['cat'] }],
    },
  };
  expect(failingTest([wrong])).toMatchObject({ ruleId: 'wrong', list: 'notMatch', index: 0 });
  expect(WorkspaceId.safeParse('../x').success).toBe(false);
});
