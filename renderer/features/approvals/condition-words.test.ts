import { expect, test } from 'vitest';
import { conditionWords, needWords } from './condition-words.ts';

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
