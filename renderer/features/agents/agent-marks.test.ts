import { expect, test } from 'vitest';
import type { Agent } from '../../../contract/agents.ts';
import { sampleState } from '../../test-support/sample-state.ts';
import { inOrder, servedAt } from './agent-marks.ts';

const [sample] = Object.values(sampleState(0).agents) as [Agent, ...Agent[]];
const agent = (name: string, state: Agent['state']): Agent => ({ ...sample, id: name, name, state });

test('the first agent that is served answers without its name too, the others only with it', () => {
  expect(servedAt('a', ['a', 'b'])).toBe('/acp/a, /acp');
  expect(servedAt('b', ['a', 'b'])).toBe('/acp/b');
  expect(servedAt('c', ['a', 'b'])).toBeNull();
});

test('agents that can be started come first, then by name', () => {
  const all = { b: agent('b', 'available'), c: agent('c', 'missing'), a: agent('a', 'available') };
  expect(inOrder(all).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
});
