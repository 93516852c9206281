import { expect, test } from 'vitest';
import type { Approval } from '../../../contract/approvals.ts';
import { answeredApprovals, openApproval, pendingApprovals } from './approval-list.ts';

const approval = (id: string, risk: number, expiresAt: string, state = 'pending') =>
  ({ id, risk, expiresAt, createdAt: expiresAt, state }) as Approval;
const table = Object.fromEntries(
  [
    approval('late', 1, '2026-03'),
    approval('soon', 1, '2026-02'),
    approval('grave', 4, '2026-04'),
    approval('old', 4, '2026-01', 'denied'),
  ].map((each) => [each.id, each]),
);

test('the gravest comes first, then what ends soonest', () => {
  expect(pendingApprovals(table).map(({ id }) => id)).toEqual(['grave', 'soon', 'late']);
  expect(answeredApprovals(table).map(({ id }) => id)).toEqual(['old']);
});

test('a graver one that arrives does not take the place of the open card', () => {
  expect(openApproval(table, 'late')?.id).toBe('late');
  expect(openApproval(table, null)?.id).toBe('grave');
  expect(openApproval(table, 'gone')?.id).toBe('grave');
});
