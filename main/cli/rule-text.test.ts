import { expect, test } from 'vitest';
import type { Rule } from '../../contract/policy.ts';
import { limitsText } from './rule-text.ts';

const bare: Rule = { id: 'own.a', effect: 'ask', when: {} };

test('a rule without limits has nothing to say about them', () => {
  expect(limitsText(bare)).toBe('');
  expect(limitsText({ ...bare, need: { approvers: 1, stepUp: 'none', distinctFromRequester: false } })).toBe(
    '',
  );
});

test('what an answer needs is said in words, and a lock wins over being liftable', () => {
  const text = limitsText({
    ...bare,
    locked: true,
    liftable: true,
    need: { approvers: 2, stepUp: 'each', kinds: ['os-prompt'], distinctFromRequester: true },
  });
  expect(text).toBe(
    'locked: no other rule or remembered answer lifts it; 2 approvals; proof of presence each time (os-prompt); not from whoever asked',
  );
  expect(limitsText({ ...bare, liftable: true })).toBe('a rule that allows lifts it');
});

test('hosts, sizes, requesters, hours and an end are said as they limit', () => {
  const text = limitsText({
    ...bare,
    when: {
      net: ['*.example.com', 'example.org:443'],
      sizeMax: 0,
      requester: ['mcp:*'],
      window: { zone: 'Europe/Berlin', days: [5, 1, 1], from: '22:00', to: '06:00' },
    },
    expiresAt: '2026-02-01T00:00:00.000Z',
  });
  expect(text).toBe(
    'only to *.example.com, example.org:443; at most 0 bytes; only asked by mcp:*; ' +
      'only Mon Fri 22:00 to 06:00 of the next day, Europe/Berlin; until 2026-02-01T00:00:00.000Z',
  );
  const daily = { zone: 'UTC', days: [0, 1, 2, 3, 4, 5, 6], from: '09:00', to: '17:00' };
  expect(limitsText({ ...bare, when: { window: daily } })).toBe('only every day 09:00 to 17:00, UTC');
});
