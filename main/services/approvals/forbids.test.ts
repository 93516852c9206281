import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Rule } from '../../../contract/policy.ts';
import { request, testApprovals, write } from '../../testing/approvals-bench.ts';

const EFFECTS = ['allow', 'ask', 'deny'] as const;
const rule = (effect: Rule['effect'], index: number): Rule => ({ id: `r${index}`, effect, when: {} });

test('the rules alone forbid exactly what they would deny, and nobody is asked', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...EFFECTS), { maxLength: 4 }), async (effects) => {
      const { approvals, audit, list } = testApprovals({ rules: effects.map(rule) });
      const why = await approvals.forbids(request(write('a.txt')));
      expect(why === null).toBe(!effects.includes('deny'));
      expect(await list()).toEqual([]);
      expect(audit.entries.map(({ type }) => type)).toEqual(why === null ? [] : ['policy.denied']);
    }),
  );
});

test('a host that is locked down forbids everything', async () => {
  const { approvals, setMode } = testApprovals({ rules: [rule('allow', 0)] });
  expect(await approvals.forbids(request(write('a.txt')))).toBeNull();
  setMode('locked-down');
  expect(await approvals.forbids(request(write('a.txt')))).toBe('the host is locked down');
});

test('what could not be put on record is not answered: whoever asks learns of the error', async () => {
  const { approvals, audit } = testApprovals({ rules: [rule('deny', 0)] });
  audit.break();
  await expect(approvals.forbids(request(write('a.txt')))).rejects.toThrow('disk full');
});
