import { expect, test } from 'vitest';
import { WorkspaceId } from '../../../contract/ids.ts';
import { leave, owner, request, run, testApprovals, write } from '../../testing/approvals-bench.ts';

const refused = (code: string) => expect.objectContaining({ code }) as unknown;
const ran = () => Promise.resolve('ran');

const containing = (part: string): unknown => expect.stringContaining(part);

test('the same asked twice is one question; one yes is one execution', async () => {
  const host = testApprovals();
  const decisions = Array.from({ length: 4 }, () => host.approvals.decide(request(run('make'))));
  expect(await host.pending()).toMatchObject({ askers: 4 });
  expect(await host.list()).toHaveLength(1);
  await host.answer('allow');
  const decided = await Promise.all(decisions);
  expect(decided.map((one) => one.effect)).toEqual(['allow', 'deny', 'deny', 'deny']);
  expect(decided[1]).toMatchObject({ by: 'withdrawn', reason: containing('ask again') });
});

test('a no answers all who asked the same; an answer for the session lets all go on', async () => {
  const no = testApprovals();
  const denied = [no.approvals.decide(request(write('a'))), no.approvals.decide(request(write('a')))];
  await no.answer('deny');
  expect((await Promise.all(denied)).map((one) => one.effect)).toEqual(['deny', 'deny']);
  const yes = testApprovals();
  const allowed = [yes.approvals.decide(request(write('a'))), yes.approvals.decide(request(write('a')))];
  await yes.answer('allow', owner, { scope: 'session' });
  const permits = (await Promise.all(allowed)).map(leave);
  await Promise.all(permits.map((permit) => permit.execute(write('a'), ran)));
  expect(permits.map((permit) => permit.approvalId === null)).toEqual([false, true]);
});

test('one asker that goes leaves the question to the others; the last one takes it along', async () => {
  const host = testApprovals();
  const [one, two] = [new AbortController(), new AbortController()];
  const first = host.approvals.decide(request(run('make'), { signal: one.signal }));
  const second = host.approvals.decide(request(run('make'), { signal: two.signal }));
  await host.pending();
  one.abort();
  expect(await first).toMatchObject({ effect: 'deny', by: 'withdrawn' });
  expect(await host.pending()).toMatchObject({ askers: 1 });
  two.abort();
  expect(await second).toMatchObject({ effect: 'deny', by: 'withdrawn' });
  expect(await host.state()).toBe('cancelled');
});

test('more than five questions of one session at a time, or thirty in an hour, are refused with the reason', async () => {
  const host = testApprovals();
  const refusals: string[] = [];
  for (let i = 0; i < 40; i += 1) {
    const decision = host.approvals.decide(request(run('make', String(i))));
    await host.settled();
    if ((await host.list())[0]?.state === 'pending') await host.answer('allow');
    const decided = await decision;
    if (decided.effect === 'deny') refusals.push(decided.reason);
    host.clock.advance(61_000);
  }
  expect(refusals).toHaveLength(10);
  expect(refusals[0]).toContain('30 times within an hour');
  host.clock.advance(3_600_000);
  void host.approvals.decide(request(run('make', 'later')));
  expect((await host.pending()).state).toBe('pending');
  const full = testApprovals();
  for (let i = 0; i < 5; i += 1) void full.approvals.decide(request(run('make', String(i))));
  await full.settled();
  expect(await full.approvals.decide(request(run('make', '6')))).toMatchObject({
    by: 'mode',
    reason: containing('waiting already'),
  });
  let asked = false;
  void full.approvals.decide(
    request(run('make', '6'), { sessionKey: 's2', onAsked: () => void (asked = true) }),
  );
  await full.settled();
  expect(asked).toBe(true);
});

test('after a no the same is too soon for a minute; another thing is not', async () => {
  const host = testApprovals();
  const decision = host.approvals.decide(request(run('make')));
  await host.answer('deny');
  await decision;
  const soon = await host.approvals.decide(request(run('make')));
  expect(soon).toMatchObject({ effect: 'deny', by: 'mode', reason: containing('too soon') });
  void host.approvals.decide(request(run('make', 'other')));
  expect((await host.pending()).action.exec?.argv).toEqual(['make', 'other']);
  host.clock.advance(60_000);
  await host.settled();
  void host.approvals.decide(request(run('make')));
  await host.settled();
  expect((await host.list()).filter((one) => one.action.exec?.argv.length === 1)).toHaveLength(2);
});

test('in a lock-down leave that was given before is not used', async () => {
  const host = testApprovals();
  const decision = host.approvals.decide(request(run('make')));
  await host.answer('allow');
  const permit = leave(await decision);
  host.setMode('locked-down');
  await expect(permit.execute(run('make'), ran)).rejects.toEqual(refused('stale'));
  expect(await host.state()).toBe('stale');
});

test('a lock-down denies what waits and ends leave that nobody has picked up', async () => {
  const host = testApprovals();
  const again = request(run('make'), { comesAgain: true });
  void host.approvals.decide(again);
  await host.pending();
  const next = testApprovals({ db: host.db, clock: host.clock });
  next.approvals.start(10);
  await next.answer('allow');
  void next.approvals.decide(request(run('make', 'other')));
  await next.pending();
  await next.approvals.denyAll('owner:desktop', 'locked down');
  expect((await next.list()).map((one) => one.state).sort()).toEqual(['denied', 'stale']);
});

test('every record of a question and of its end names the workspace that it is about', async () => {
  const host = testApprovals();
  const workspaceId = WorkspaceId.parse('w'.repeat(16));
  const facts = { ...write('a.txt'), workspaceId };
  const decision = host.approvals.decide(request(facts));
  await host.answer('allow');
  await leave(await decision).execute(facts, ran);
  const lost = host.approvals.decide(request({ ...write('b.txt'), workspaceId }));
  await host.answer('allow');
  await expect(leave(await lost).execute(write('c.txt'), ran)).rejects.toEqual(refused('stale'));
  const no = host.approvals.decide(request({ ...write('d.txt'), workspaceId }));
  await host.answer('deny');
  await no;
  host.setRules([{ id: 'test.deny', effect: 'deny', when: {} }]);
  await host.approvals.decide(request({ ...write('e.txt'), workspaceId }));
  const types = host.audit.entries.map(({ type }) => type);
  for (const type of ['requested', 'approved', 'executing', 'stale', 'denied'])
    expect(types).toContain(`approval.${type}`);
  expect(types).toContain('policy.denied');
  expect(host.audit.entries.filter((entry) => entry.facts?.['workspaceId'] !== workspaceId)).toEqual([]);
});
