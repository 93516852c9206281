import { expect, test } from 'vitest';
import { raises } from './mode-changes.ts';

test('only a change that lets clients do more asks first', () => {
  expect(raises('bash', 'off', 'full')).toBe(true);
  expect(raises('write', 'handoff', 'workspace')).toBe(true);
  expect(raises('tools', 'full', 'minimal')).toBe(false);
  expect(raises('bash', 'safe', 'safe')).toBe(false);
});
