import { expect, test } from 'vitest';
import { AuditFilter } from '../../../contract/audit.ts';
import { NO_FILTER, toFilter } from './audit-filter.ts';

test('nothing chosen is no filter', () => {
  expect(toFilter(NO_FILTER)).toBeNull();
  expect(toFilter({ ...NO_FILTER, actor: '   ', from: '2026-' })).toBeNull();
});

test('each chosen field is asked for, in the words of the contract', () => {
  const filter = toFilter({ ...NO_FILTER, type: 'approval', actor: ' device: ', workspaceId: 'w1' });
  expect(filter).toEqual({ types: ['approval'], actor: 'device:', workspaceId: 'w1' });
  expect(AuditFilter.parse(filter)).toEqual(filter);
});

test('a time is that of this browser, and the minute that ends a span belongs to it', () => {
  const filter = toFilter({ ...NO_FILTER, from: '2026-01-31T10:00', to: '2026-01-31T10:00' });
  const start = new Date(2026, 0, 31, 10, 0).getTime();
  expect(filter).toEqual({
    fromAt: new Date(start).toISOString(),
    toAt: new Date(start + 59_999).toISOString(),
  });
  expect(AuditFilter.parse(filter)).toEqual(filter);
});
