import { expect, test } from 'vitest';
import { HostError } from '../../../contract/errors.ts';
import { campaign } from '../../testing/approval-model.ts';
import { owner, request, run, testApprovals } from '../../testing/approvals-bench.ts';

test('whatever is done in whatever order: no state goes back, the first answer wins, one yes is one act', async () => {
  await campaign(200);
});

test('a thousand submits of one answer at once are one answer and one act', async () => {
  const host = testApprovals();
  const decision = host.approvals.decide(request(run('make')));
  const { id, actionHash } = await host.pending();
  const input = { approvalId: id, actionHash, decision: 'allow', scope: 'once', reason: '' } as const;
  const submit = async () => host.approvals.handlers['approvals.decide'](input, owner);
  const results = await Promise.allSettled(Array.from({ length: 1000 }, submit));
  const taken = results.filter((one) => one.status === 'fulfilled').length;
  const late = results.filter(
    (one) => one.status === 'rejected' && one.reason instanceof HostError && one.reason.code === 'conflict',
  ).length;
  const permit = await decision;
  let acts = 0;
  if (permit.effect === 'allow') {
    const act = async () => void (acts += 1);
    await Promise.allSettled(Array.from({ length: 1000 }, () => permit.execute(run('make'), act)));
  }
  const onRecord = (type: string) => host.audit.entries.filter((entry) => entry.type === type).length;
  expect({ taken, late, acts }).toEqual({ taken: 1, late: 999, acts: 1 });
  expect([onRecord('approval.approved'), onRecord('approval.executing')]).toEqual([1, 1]);
  process.stdout.write(`approval double submit: 1000 submits at once, ${taken} taken, ${acts} execution\n`);
});
