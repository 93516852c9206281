import { expect, test } from 'vitest';
import type { Agent } from '../../../contract/agents.ts';
import { definitionOf, emptyDraft, inheritOf, wrongName } from './agent-draft.ts';

const mine = { source: 'user' } as Agent;
const found = { source: 'detected' } as Agent;
const agents = { mine, found };
const draft = { ...emptyDraft, name: 'helper', line: 'node "my agent.mjs" --acp' };

test('a name is wrong that is out of form, taken by another of the owner, or the built-in one', () => {
  expect(['', 'helper', 'found'].map((name) => wrongName(name, agents))).toEqual([null, null, null]);
  expect(['Helper', '-x', 'a b', 'a'.repeat(64)].map((name) => wrongName(name, agents))).toEqual(
    Array(4).fill('form'),
  );
  expect(['mine', 'demo'].map((name) => wrongName(name, agents))).toEqual(['taken', 'taken']);
});

test('variables are told apart by blanks and commas, and one that is none spoils them all', () => {
  expect(inheritOf({ ...draft, inherit: ' A_KEY,B2  C,' })).toEqual(['A_KEY', 'B2', 'C']);
  expect(inheritOf(draft)).toEqual([]);
  expect(inheritOf({ ...draft, inherit: 'A 2B' })).toBeNull();
});

test('a draft defines an agent only when nothing in it is missing or wrong', () => {
  const argv = ['node', 'my agent.mjs', '--acp'];
  expect(definitionOf(draft, agents)).toEqual({ name: 'helper', argv, inherit: [], mcp: false });
  expect(definitionOf({ ...draft, title: ' Mine ', mcp: true }, agents)).toMatchObject({
    title: 'Mine',
    mcp: true,
  });
  const incomplete = [{ name: '' }, { name: 'mine' }, { line: ' ' }, { line: 'node "x' }, { inherit: '2B' }];
  for (const change of incomplete) expect(definitionOf({ ...draft, ...change }, agents)).toBeNull();
});
