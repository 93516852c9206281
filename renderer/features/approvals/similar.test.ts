import { expect, test } from 'vitest';
import { pendingApproval } from '../../test-support/sample-approvals.ts';
import { fitsBatch, groupsOf } from './similar.ts';

const now = Date.parse('2026-01-01T00:00:00.000Z');
const command = (id: string, argv: string[], agent = 'demo') =>
  pendingApproval(
    id,
    now,
    {},
    {
      agent,
      exec: {
        argv,
        cwd: '.',
        sandbox: 'ws',
        binarySha256: null,
        envNames: [],
        envSha256: null,
        cwdIdentity: null,
      },
    },
  );

test('commands that begin alike and come from one agent are one group, in the order of their first', () => {
  const groups = groupsOf([
    command('a', ['npm', 'test']),
    command('b', ['npm', 'publish']),
    command('c', ['npm', 'test', '--', 'x']),
    command('d', ['npm', 'test'], 'other'),
  ]);
  expect(groups.map((group) => group.approvals.map((one) => one.id))).toEqual([['a', 'c'], ['b'], ['d']]);
});

test('what must be read, proven or confirmed on its own is not allowed among many', () => {
  const base = command('a', ['npm', 'test']);
  expect(fitsBatch(base)).toBe(true);
  expect(fitsBatch({ ...base, mustOpen: true })).toBe(false);
  expect(fitsBatch({ ...base, risk: 4 })).toBe(false);
  expect(fitsBatch({ ...base, need: { ...base.need, stepUp: 'each' } })).toBe(false);
  expect(fitsBatch({ ...base, need: { ...base.need, approvers: 2 } })).toBe(false);
});
