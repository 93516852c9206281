import { expect, test } from 'vitest';
import { conditionWords } from './condition-words.ts';

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
