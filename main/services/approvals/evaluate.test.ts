import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Origin, Rule } from '../../../contract/policy.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { defaultRules } from './default-rules.ts';
import { evaluate } from './evaluate.ts';
import { matchesGlob } from './glob.ts';

const now = '2026-01-01T00:00:00.000Z';
const hash = 'a'.repeat(64);

function facts(change: Partial<ActionFacts>): ActionFacts {
  return {
    kind: 'fs.read',
    workspaceId: null,
    requester: ['test'],
    agent: null,
    paths: [],
    exec: null,
    writes: [],
    tool: null,
    ...change,
  };
}

const write = (path: string) =>
  facts({ kind: 'fs.write', paths: [path], writes: [{ path, baseSha256: null, newSha256: hash, bytes: 1 }] });
const exec = (argv: string[], sandbox: 'ro' | 'ws' | 'ws+net' | 'none') =>
  facts({ kind: 'exec', exec: { argv, cwd: '.', sandbox, binarySha256: null, envNames: [] } });
const judge = (request: ActionFacts, origin: Origin = 'acp', rules: readonly Rule[] = defaultRules) =>
  evaluate(rules, [], { facts: request, origin }, now);

const table: [string, ActionFacts, Origin, 'allow' | 'ask' | 'deny', number][] = [
  ['reading a file', facts({ paths: ['src/a.ts'] }), 'mcp', 'allow', 0],
  ['writing a file', write('src/a.ts'), 'acp', 'ask', 1],
  ['writing a file, asked for by a client', write('src/a.ts'), 'mcp', 'ask', 2],
  ['changing a manifest', write('package.json'), 'acp', 'ask', 3],
  ['changing a nested manifest', write('pkg/a/package.json'), 'acp', 'ask', 3],
  ['changing continuous integration', write('.github/workflows/ci.yml'), 'acp', 'ask', 3],
  ['changing a manifest in capitals', write('Package.JSON'), 'acp', 'ask', 3],
  ['deleting', facts({ kind: 'fs.delete', paths: ['a'] }), 'acp', 'ask', 2],
  ['a read-only command in the sandbox', exec(['git', 'status'], 'ro'), 'mcp', 'allow', 0],
  ['a command in the workspace sandbox', exec(['npm', 'test'], 'ws'), 'acp', 'ask', 2],
  ['a command with network', exec(['npm', 'ci'], 'ws+net'), 'acp', 'ask', 3],
  ['a command without a sandbox', exec(['ls'], 'none'), 'acp', 'ask', 4],
  ['pushing', exec(['git', 'push'], 'ws+net'), 'acp', 'ask', 4],
  ['publishing', exec(['npm', 'publish', '--tag', 'x'], 'ws'), 'acp', 'ask', 4],
  ['the network', facts({ kind: 'net' }), 'acp', 'ask', 3],
  ['a tool', facts({ kind: 'tool', tool: { name: 'x', inputSha256: hash } }), 'acp', 'ask', 2],
  ['leaving the workspace upwards', write('../x'), 'desktop', 'deny', 4],
  ['leaving the workspace inside a path', write('a/../../x'), 'desktop', 'deny', 4],
  ['an absolute path', facts({ paths: ['/etc/passwd'] }), 'desktop', 'deny', 4],
  ['a command without tokens', facts({ kind: 'exec' }), 'acp', 'deny', 4],
  ['a write that names nothing', facts({ kind: 'fs.write' }), 'acp', 'deny', 4],
];

test.each(table)('by default, %s', (_name, request, origin, effect, risk) => {
  expect(judge(request, origin)).toMatchObject({ effect, risk });
});

test('without any rule everything asks', () => {
  expect(judge(facts({}), 'acp', [])).toMatchObject({ effect: 'ask', ruleIds: [] });
});

const someRule: fc.Arbitrary<Rule> = fc
  .record({
    effect: fc.constantFrom<Rule['effect']>('deny', 'ask', 'allow'),
    liftable: fc.boolean(),
    kind: fc.option(fc.constantFrom<ActionFacts['kind']>('fs.read', 'fs.write', 'exec', 'net')),
    pathIn: fc.option(fc.constantFrom('src/**', '**', '*.md', 'src/a.ts')),
    argv: fc.option(fc.constantFrom<string[]>(['git'], ['git', 'push'], ['npm'])),
    origin: fc.option(fc.constantFrom<Origin>('mcp', 'acp', 'phone')),
  })
  .map(({ effect, liftable, kind, pathIn, argv, origin }) => ({
    id: 'generated',
    effect,
    liftable,
    when: {
      ...(kind !== null && { kind: [kind] }),
      ...(pathIn !== null && { pathIn: [pathIn] }),
      ...(argv !== null && { argv }),
      ...(origin !== null && { origin: [origin] }),
    },
  }));
const someFacts = fc.constantFrom(
  facts({ paths: ['src/a.ts'] }),
  write('src/a.ts'),
  write('README.md'),
  exec(['git', 'push'], 'ws'),
  exec(['npm', 'test'], 'none'),
  facts({ kind: 'net' }),
);
const someOrigin = fc.constantFrom<Origin>('mcp', 'acp', 'phone', 'desktop');
const rank = { allow: 2, ask: 1, deny: 0 };

test('the order of rules never matters', () => {
  fc.assert(
    fc.property(
      fc.array(someRule, { maxLength: 8 }),
      someFacts,
      someOrigin,
      fc.nat(),
      (rules, request, origin, seed) => {
        const shuffled = [...rules].sort(
          (a, b) => ((rules.indexOf(a) * 7 + seed) % 5) - ((rules.indexOf(b) * 7 + seed) % 5),
        );
        expect(judge(request, origin, shuffled).effect).toBe(judge(request, origin, rules).effect);
      },
    ),
    { numRuns: 3000 },
  );
});

test('a deny rule never opens anything, and an allow rule never closes anything', () => {
  fc.assert(
    fc.property(
      fc.array(someRule, { maxLength: 8 }),
      someRule,
      someFacts,
      someOrigin,
      (rules, extra, request, origin) => {
        const before = rank[judge(request, origin, rules).effect];
        const after = rank[judge(request, origin, [...rules, extra]).effect];
        if (extra.effect === 'deny') expect(after).toBeLessThanOrEqual(before);
        if (extra.effect === 'allow') expect(after).toBeGreaterThanOrEqual(before);
      },
    ),
    { numRuns: 3000 },
  );
});

test('a rule that has expired says nothing', () => {
  const rule: Rule = {
    id: 'x',
    effect: 'allow',
    when: { kind: ['net'] },
    expiresAt: '2025-12-31T00:00:00.000Z',
  };
  expect(judge(facts({ kind: 'net' }), 'acp', [rule]).effect).toBe('ask');
});

test('a remembered answer lifts an ask, never a deny', () => {
  const request = { facts: write('src/a.ts'), origin: 'acp' } as const;
  const grant = { id: 'g', when: { kind: ['fs.write' as const], pathIn: ['src/a.ts'] } };
  expect(evaluate(defaultRules, [grant], request, now).effect).toBe('allow');
  const deny: Rule = { id: 'no', effect: 'deny', when: { pathAny: ['src/**'] } };
  expect(evaluate([...defaultRules, deny], [grant], request, now).effect).toBe('deny');
});

test('globs mean what they say', () => {
  const cases: [string, string, boolean][] = [
    ['a/b/c.ts', '**/c.ts', true],
    ['c.ts', '**/c.ts', true],
    ['xc.ts', '**/c.ts', false],
    ['a/b/c.ts', 'a/*', false],
    ['a/b', 'a/*', true],
    ['a/b/c', 'a/**', true],
    ['a.b', 'a?b', true],
    ['a/b', 'a?b', false],
    ['a+b', 'a+b', true],
    ['aab', 'a+b', false],
    ['.GITHUB/workflows/x', '.github/workflows/**', true],
  ];
  for (const [path, glob, expected] of cases)
    expect([path, glob, matchesGlob(path, glob)]).toEqual([path, glob, expected]);
});

test('an allow rule of the owner lifts the asks of low risk, and no other', () => {
  const allow = (when: Rule['when']): Rule => ({ id: 'mine', effect: 'allow', when });
  const own = (rule: Rule, request: ActionFacts) => judge(request, 'acp', [...defaultRules, rule]).effect;
  expect(own(allow({ kind: ['fs.write'], pathIn: ['docs/**'] }), write('docs/a.md'))).toBe('allow');
  expect(own(allow({ kind: ['fs.write'], pathIn: ['docs/**'] }), write('src/a.ts'))).toBe('ask');
  expect(own(allow({ kind: ['fs.write'] }), write('package.json'))).toBe('ask');
  expect(own(allow({ argv: ['npm', 'test'] }), exec(['npm', 'test'], 'ws'))).toBe('allow');
  expect(own(allow({ argv: ['npm', 'test'] }), exec(['npm', 'test'], 'none'))).toBe('ask');
  expect(own(allow({ argv: ['git'] }), exec(['git', 'push'], 'ws'))).toBe('ask');
  expect(own(allow({ kind: ['net'] }), facts({ kind: 'net' }))).toBe('ask');
});
