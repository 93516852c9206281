import { expect, test } from 'vitest';
import { conditionWords, dryRunWords, needWords, testCount } from './condition-words.ts';

test('an empty condition says that it matches anything', () => expect(conditionWords({})).toHaveLength(1));

test('every field that is present is said, a risk of zero included', () => {
  const words = conditionWords({
    kind: ['exec'],
    argv: ['git', ['push', 'fetch']],
    pathIn: ['src/**'],
    pathAny: ['*.env'],
    workspace: ['w'],
    agent: ['demo'],
    origin: ['mcp'],
    sandbox: ['ro'],
    riskMin: 0,
    riskMax: 3,
  });
  expect(words).toHaveLength(10);
  expect(words.join('\n')).toContain('git {push,fetch}');
});

test('who, where to, how much, and at which hours are said in words', () => {
  const words = conditionWords({
    requester: ['mcp:*'],
    net: ['*.example.com'],
    sizeMax: 0,
    window: { zone: 'Europe/Berlin', days: [1, 0], from: '22:00', to: '06:00' },
    argv: ['npm', 'test'],
    argvWhole: true,
  });
  expect(words).toHaveLength(5);
  const text = words.join('\n');
  for (const part of [
    'mcp:*',
    '*.example.com',
    '0 bytes',
    'Mon, Sun',
    '22:00',
    'Europe/Berlin',
    'is npm test',
  ])
    expect(text).toContain(part);
});

test('one tap needs no words, and everything beyond it has its own', () => {
  expect(needWords(undefined)).toEqual([]);
  expect(needWords({ approvers: 1, stepUp: 'none', distinctFromRequester: false })).toEqual([]);
  const all = needWords({ approvers: 2, stepUp: 'each', kinds: ['webauthn'], distinctFromRequester: true });
  expect(all).toHaveLength(4);
  expect(all[0]).toContain('2');
});

test('a dry run counts what the rule would have changed, and says when there is nothing to compare it with', () => {
  const run = { examined: 20, matched: 14, wouldAllow: 14, wouldDeny: 0, againstDenials: 0, examples: [] };
  expect(dryRunWords('allow', run)).toBe('Would have allowed 14 of the last 20 questions.');
  expect(dryRunWords('deny', { ...run, wouldAllow: 0, wouldDeny: 3 })).toContain('denied 3 of the last 20');
  expect(dryRunWords('allow', { ...run, examined: 1, wouldAllow: 1 })).toBe(
    'Would have allowed 1 of the last 1 question.',
  );
  expect(dryRunWords('allow', { ...run, examined: 0, wouldAllow: 0 })).not.toMatch(/\d/);
});

test('tests of both kinds are counted, and a rule without any has none', () => {
  const example = { kind: 'exec', origin: 'acp' } as const;
  expect(testCount({})).toBe(0);
  expect(testCount({ tests: { match: [example], notMatch: [example, example] } })).toBe(3);
});
