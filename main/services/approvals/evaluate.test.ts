import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Origin, Rule } from '../../../contract/policy.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { defaultRules } from './default-rules.ts';
import { evaluate } from './evaluate.ts';
import { matchesGlob } from './glob.ts';

const now = '2026-01-01T00:00:00.000Z';
const at = (instant: string, clockJumped = false) => ({ now: instant, clockJumped });
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
    net: [],
    ...change,
  };
}

const write = (path: string) =>
  facts({ kind: 'fs.write', paths: [path], writes: [{ path, baseSha256: null, newSha256: hash, bytes: 1 }] });
const exec = (argv: string[], sandbox: 'ro' | 'ws' | 'ws+net' | 'none') =>
  facts({
    kind: 'exec',
    exec: { argv, cwd: '.', sandbox, binarySha256: null, envNames: [], envSha256: null, cwdIdentity: null },
  });
const judge = (request: ActionFacts, origin: Origin = 'acp', rules: readonly Rule[] = defaultRules) =>
  evaluate(rules, [], { facts: request, origin }, at(now));

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
  expect(evaluate(defaultRules, [grant], request, at(now)).effect).toBe('allow');
  const deny: Rule = { id: 'no', effect: 'deny', when: { pathAny: ['src/**'] } };
  expect(evaluate([...defaultRules, deny], [grant], request, at(now)).effect).toBe('deny');
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

test('an ask that is locked gives way to no rule that allows and to no remembered answer', () => {
  const request = { facts: write('src/a.ts'), origin: 'acp' } as const;
  const lock: Rule = { id: 'lock', effect: 'ask', locked: true, when: { pathAny: ['src/**'] } };
  const open: Rule = { id: 'open', effect: 'allow', when: { kind: ['fs.write'] } };
  const grant = { id: 'g', when: { kind: ['fs.write' as const] } };
  expect(evaluate([...defaultRules, open], [], request, at(now)).effect).toBe('allow');
  expect(evaluate([...defaultRules, open, lock], [grant], request, at(now))).toMatchObject({
    effect: 'ask',
    ruleIds: expect.arrayContaining(['lock']) as unknown,
  });
});

test('the needs of several rules become one, the stricter of each part', () => {
  const request = { facts: write('src/a.ts'), origin: 'acp' } as const;
  const ask = (id: string, need: Rule['need']): Rule => ({
    id,
    effect: 'ask',
    when: {},
    ...(need && { need }),
  });
  const rules = [
    ask('a', {
      approvers: 2,
      stepUp: 'if-enrolled',
      distinctFromRequester: false,
      kinds: ['webauthn', 'os-prompt'],
    }),
    ask('b', {
      approvers: 1,
      stepUp: 'each',
      distinctFromRequester: true,
      kinds: ['webauthn', 'device-p256'],
    }),
    ask('c', undefined),
  ];
  for (const order of [rules, [...rules].reverse()]) {
    expect(evaluate(order, [], request, at(now)).need).toEqual({
      approvers: 2,
      stepUp: 'each',
      distinctFromRequester: true,
      kinds: ['webauthn'],
    });
  }
});

test('hours are those of their zone, over midnight too, and nothing is allowed by a clock that jumped', () => {
  const during = (from: string, to: string, days: number[], zone = 'Europe/Berlin'): Rule => ({
    id: 'hours',
    effect: 'allow',
    when: { kind: ['fs.write'], window: { zone, days, from, to } },
  });
  const effect = (rule: Rule, instant: string, jumped = false) =>
    evaluate([rule], [], { facts: write('a'), origin: 'acp' }, at(instant, jumped)).effect;
  const workday = during('09:00', '18:00', [1, 2, 3, 4, 5]);
  // A Wednesday in winter, one hour ahead of UTC, and one in summer, two ahead.
  expect(effect(workday, '2026-01-07T08:00:00.000Z')).toBe('allow');
  expect(effect(workday, '2026-01-07T07:59:59.000Z')).toBe('ask');
  expect(effect(workday, '2026-07-08T07:00:00.000Z')).toBe('allow');
  expect(effect(workday, '2026-01-07T17:00:00.000Z')).toBe('ask');
  expect(effect(workday, '2026-01-10T10:00:00.000Z')).toBe('ask');
  const night = during('22:00', '06:00', [5]);
  expect(effect(night, '2026-01-09T21:30:00.000Z')).toBe('allow');
  expect(effect(night, '2026-01-10T04:30:00.000Z')).toBe('allow');
  expect(effect(night, '2026-01-10T21:30:00.000Z')).toBe('ask');
  expect(effect(workday, '2026-01-07T08:00:00.000Z', true)).toBe('ask');
  expect(effect(during('09:00', '18:00', [3], 'Nowhere/Land'), '2026-01-07T10:00:00.000Z')).toBe('ask');
  const never: Rule = { ...during('00:00', '23:59', [0], 'Nowhere/Land'), id: 'no', effect: 'deny' };
  expect(effect(never, '2026-01-07T10:00:00.000Z')).toBe('deny');
});

test('hosts, requesters and sizes limit a rule as they say', () => {
  const effect = (when: Rule['when'], change: Partial<ActionFacts>, kind: Rule['effect'] = 'allow') =>
    evaluate([{ id: 'one', effect: kind, when }], [], { facts: facts(change), origin: 'acp' }, at(now))
      .effect;
  const net = { net: ['registry.npmjs.org', '*.example.com', 'localhost:8080'] };
  expect(effect(net, { net: ['registry.npmjs.org'] })).toBe('allow');
  expect(effect(net, { net: ['REGISTRY.npmjs.org:443', 'a.b.example.com'] })).toBe('allow');
  expect(effect(net, { net: ['example.com'] })).toBe('ask');
  expect(effect(net, { net: ['notexample.com'] })).toBe('ask');
  expect(effect(net, { net: ['localhost'] })).toBe('ask');
  expect(effect(net, { net: ['registry.npmjs.org', 'evil.test'] })).toBe('ask');
  expect(effect(net, { net: [] })).toBe('ask');
  expect(effect(net, { net: [] }, 'deny')).toBe('deny');
  expect(effect({ requester: ['mcp:*'] }, { requester: ['mcp:abc', 'agent:x'] })).toBe('allow');
  expect(effect({ requester: ['mcp:*'] }, { requester: ['task:1', 'mcp:abc'] })).toBe('ask');
  expect(effect({ requester: ['mcp:abc'] }, { requester: ['mcp:abcd'] })).toBe('ask');
  const small = { kind: ['fs.write' as const], sizeMax: 10 };
  const written = (bytes: number) => ({
    ...write('a'),
    writes: [{ path: 'a', baseSha256: null, newSha256: hash, bytes }],
  });
  expect(effect(small, written(10))).toBe('allow');
  expect(effect(small, written(11))).toBe('ask');
});
