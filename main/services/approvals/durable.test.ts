import { expect, test } from 'vitest';
import { HOST_STOPS } from '../../kernel/approver.ts';
import { handClock } from '../../testing/fake-ports.ts';
import { asking, leave, owner, request, run, testApprovals } from '../../testing/approvals-bench.ts';

const command = run('npm', 'publish');
const again = () => request(command, { comesAgain: true, sessionKey: 'bridge:mcp:t1' });

/** The host ends and another begins on the same disk, `ms` later by the wall, `jumped` more by somebody's hand. */
function restart(old: ReturnType<typeof testApprovals>, ms = 0, jumped = 0) {
  old.approvals.stop();
  const clock = handClock(old.clock.now() + ms + jumped);
  const next = testApprovals({ db: old.db, clock });
  next.approvals.start(10);
  return next;
}

const containing = (part: string): unknown => expect.stringContaining(part);

test('a question whose asker can come again is still open after a restart', async () => {
  const host = testApprovals();
  void host.approvals.decide(again());
  const { id, expiresAt } = await host.pending();
  const next = restart(host, 60_000);
  expect(await next.pending()).toMatchObject({ id, expiresAt, askers: 0 });
});

test('one whose asker ended with the host is withdrawn, and says why', async () => {
  const host = testApprovals();
  void host.approvals.decide(request(command));
  await host.pending();
  const next = restart(host);
  expect((await next.list())[0]).toMatchObject({
    state: 'cancelled',
    reason: containing('restarted'),
  });
});

test('the asker that comes again joins its question, and the answer reaches it', async () => {
  const host = testApprovals();
  void host.approvals.decide(again());
  const { id } = await host.pending();
  const next = restart(host, 60_000);
  const decision = next.approvals.decide(again());
  expect(await next.pending()).toMatchObject({ id, askers: 1 });
  await next.answer('allow');
  const permit = leave(await decision);
  expect(permit.approvalId).toBe(id);
  await permit.execute(command, () => Promise.resolve());
  expect(await next.state()).toBe('done');
  expect(await next.list()).toHaveLength(1);
});

test.each(['allow', 'deny'] as const)(
  'an answer (%s) given while nobody waited is picked up exactly once',
  async (word) => {
    const host = testApprovals();
    void host.approvals.decide(again());
    const { id } = await host.pending();
    const next = restart(host, 60_000);
    await next.answer(word);
    next.clock.advance(120_000);
    const picked = await next.approvals.decide(again());
    expect(picked).toMatchObject({ effect: word, approvalId: id });
    let asked = 0;
    void next.approvals.decide({ ...again(), onAsked: () => void (asked += 1) });
    await next.settled();
    expect(asked).toBe(1);
    expect(await next.list()).toHaveLength(2);
  },
);

test('of a hundred that come for one answer at once, one acts', async () => {
  const host = testApprovals();
  void host.approvals.decide(again());
  await host.pending();
  const next = restart(host);
  await next.answer('allow');
  let ran = 0;
  const tries = Array.from({ length: 100 }, async () => {
    const decided = await next.approvals.decide(again());
    if (decided.effect === 'allow') await decided.execute(command, async () => void (ran += 1));
  });
  void Promise.allSettled(tries);
  await next.settled();
  expect(ran).toBe(1);
  expect((await next.list()).map((one) => one.state).sort()).toEqual(['done', 'pending']);
});

test('another action, another requester or another session does not pick the answer up', async () => {
  const host = testApprovals();
  void host.approvals.decide(again());
  const { id } = await host.pending();
  const next = restart(host);
  await next.answer('allow');
  for (const other of [
    request(run('npm', 'publish', '--tag', 'x'), { comesAgain: true, sessionKey: 'bridge:mcp:t1' }),
    request({ ...command, requester: ['mcp:t2'] }, { comesAgain: true, sessionKey: 'bridge:mcp:t1' }),
    request(command, { comesAgain: true, sessionKey: 'bridge:mcp:t2' }),
  ]) {
    let asked = '';
    void next.approvals.decide({ ...other, onAsked: (approvalId) => void (asked = approvalId) });
    await next.settled();
    expect(asked).not.toBe('');
    expect(asked).not.toBe(id);
  }
});

test('an answer under rules that have changed since is not picked up', async () => {
  const host = testApprovals();
  void host.approvals.decide(again());
  await host.pending();
  const next = restart(host);
  await next.answer('allow');
  next.setRules(asking({ approvers: 2 }));
  void next.approvals.decide(again());
  expect(await next.pending()).toMatchObject({ need: { approvers: 2 } });
});

test('an answer that nobody comes for is stale when the time of its question is over', async () => {
  const host = testApprovals();
  void host.approvals.decide(again());
  await host.pending();
  const next = restart(host, 60_000);
  await next.answer('allow');
  next.clock.advance(4 * 60_000);
  await next.settled();
  expect(await next.state()).toBe('stale');
});

test('leave that was handed over and not begun can be come back for within its minute, and not later', async () => {
  const host = testApprovals();
  const decision = host.approvals.decide(again());
  await host.answer('allow');
  await decision;
  const next = restart(host, 30_000);
  expect((await next.approvals.decide(again())).effect).toBe('allow');
  const last = restart(next, 31_000);
  expect(await last.state()).toBe('stale');
});

test('a question expires to no at its deadline, also when the host was down at that moment', async () => {
  const host = testApprovals();
  void host.approvals.decide(again());
  await host.pending();
  const next = restart(host, 5 * 60_000 + 1);
  expect(await next.state()).toBe('expired');
});

test('the wall clock gives no more time, wherever it is set', async () => {
  for (const [jump, down] of [
    [-3_600_000, 0],
    [-3_600_000, 60_000],
    [-10 * 365 * 86_400_000, 0],
    [-240_000, 0],
  ] as const) {
    const host = testApprovals();
    void host.approvals.decide(again());
    await host.pending();
    host.clock.advance(240_000);
    const next = restart(host, down, jump);
    expect(await next.state()).toBe('pending');
    next.clock.advance(60_000);
    await next.settled();
    expect(await next.state()).toBe('expired');
  }
});

test('a crash costs the record of what was left at most a quarter of a minute', async () => {
  const host = testApprovals();
  void host.approvals.decide(again());
  await host.pending();
  host.clock.advance(290_000);
  // Killed: nothing is written any more; and the clock is set back to when the question was asked.
  const next = testApprovals({ db: host.db, clock: handClock(host.clock.now() - 290_000) });
  next.approvals.start(10);
  next.clock.advance(15_000);
  await next.settled();
  expect(await next.state()).toBe('expired');
});

test('while the host runs, a clock that is set forward ends the question and one that is set back gains nothing', async () => {
  const forward = testApprovals();
  void forward.approvals.decide(again());
  const { id, actionHash } = await forward.pending();
  forward.clock.jump(10 * 365 * 86_400_000);
  const input = { approvalId: id, actionHash, decision: 'allow', scope: 'once', reason: '' } as const;
  await expect(forward.approvals.handlers['approvals.decide'](input, owner)).rejects.toMatchObject({
    code: 'expired',
  });
  const back = testApprovals();
  const decision = back.approvals.decide(again());
  await back.pending();
  back.clock.jump(-10 * 365 * 86_400_000);
  back.clock.advance(5 * 60_000);
  expect(await decision).toMatchObject({ effect: 'deny', by: 'expiry' });
});

test('a client that is not let in any more has its questions withdrawn, also those it is not there for', async () => {
  const host = testApprovals();
  void host.approvals.decide(request({ ...command, requester: ['mcp:t1'] }, { comesAgain: true }));
  await host.pending();
  const next = restart(host);
  await next.approvals.withdrawOf('mcp:t1', 'its token was revoked');
  expect((await next.list())[0]).toMatchObject({ state: 'cancelled', reason: 'its token was revoked' });
});

test('a host that stops leaves the question open for an asker that can come again, and tells it why it ends', async () => {
  const host = testApprovals();
  const client = new AbortController();
  const decision = host.approvals.decide({ ...again(), signal: client.signal });
  const { id } = await host.pending();
  client.abort(HOST_STOPS);
  expect(await decision).toMatchObject({ effect: 'deny', by: 'withdrawn', reason: HOST_STOPS });
  const next = restart(host, 1000);
  expect(await next.pending()).toMatchObject({ id });
  const gone = testApprovals();
  const agent = new AbortController();
  void gone.approvals.decide(request(command, { signal: agent.signal }));
  await gone.pending();
  agent.abort(HOST_STOPS);
  await gone.settled();
  expect(await gone.state()).toBe('cancelled');
});
