import { expect, test } from 'vitest';
import { handClock } from '../../testing/fake-ports.ts';
import type { AuditEntry } from '../../kernel/auditor.ts';
import { createRefusals } from './refusals.ts';

test('the first refusal is on record at once, a thousand more within the minute are one number', () => {
  const clock = handClock();
  const records: AuditEntry[] = [];
  const refusals = createRefusals({ clock, audit: { append: async (entry) => void records.push(entry) } });
  refusals.note('token.refused', 'mcp');
  expect(records).toMatchObject([
    { actor: 'unknown', type: 'token.refused', object: 'mcp', facts: { count: 1 } },
  ]);
  for (let more = 0; more < 1000; more += 1) refusals.note('token.refused', 'mcp');
  refusals.note('token.refused', 'acp');
  expect(records).toHaveLength(2);
  clock.advance(60_000);
  expect(records[2]).toMatchObject({ object: 'mcp', facts: { count: 1000 } });
  expect(records).toHaveLength(3);
  refusals.note('token.refused', 'mcp');
  expect(records[3]).toMatchObject({ object: 'mcp', facts: { count: 1 } });
});

test('a record that cannot be written changes nothing for whoever is refused', () => {
  const refusals = createRefusals({
    clock: handClock(),
    audit: { append: () => Promise.reject(new Error('the disk is full')) },
  });
  expect(() => refusals.note('browser.refused', 'dashboard')).not.toThrow();
});
