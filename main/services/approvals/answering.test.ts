import { expect, test } from 'vitest';
import type { ApprovalDetail } from '../../../contract/approvals.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import {
  asking,
  cli,
  fakePresence,
  leave,
  owner,
  phone,
  proof,
  request,
  run,
  testApprovals,
  write,
} from '../../testing/approvals-bench.ts';

const refused = (code: string) => expect.objectContaining({ code }) as unknown;
const ran = () => Promise.resolve('ran');

const containing = (part: string): unknown => expect.stringContaining(part);

test('two must say yes: one alone is a vote, the owner counts once on whatever carrier', async () => {
  const host = testApprovals({ rules: asking({ approvers: 2 }) });
  const decision = host.approvals.decide(request(run('npm', 'publish')));
  expect(await host.answer('allow', owner)).toMatchObject({
    state: 'pending',
    votes: [{ by: 'owner:desktop' }],
  });
  await expect(host.answer('allow', cli)).rejects.toEqual(refused('conflict'));
  expect(await host.answer('allow', phone('d1'))).toMatchObject({
    state: 'approved',
    decidedBy: 'device:d1',
  });
  expect(await leave(await decision).execute(run('npm', 'publish'), ran)).toBe('ran');
});

test('each phone counts as one, and votes outlive a restart', async () => {
  const host = testApprovals({ rules: asking({ approvers: 3 }) });
  const again = request(run('npm', 'publish'), { comesAgain: true });
  void host.approvals.decide(again);
  await host.answer('allow', phone('d1'));
  await host.answer('allow', phone('d2'));
  const next = testApprovals({ db: host.db, clock: host.clock, rules: asking({ approvers: 3 }) });
  next.approvals.start(10);
  await expect(next.answer('allow', phone('d2'))).rejects.toEqual(refused('conflict'));
  expect((await next.pending()).votes).toHaveLength(2);
  expect(await next.answer('allow', owner)).toMatchObject({ state: 'approved' });
});

test('one no ends it, whoever has said yes before', async () => {
  const host = testApprovals({ rules: asking({ approvers: 3 }) });
  const decision = host.approvals.decide(request(run('npm', 'publish')));
  await host.answer('allow', phone('d1'));
  await host.answer('allow', phone('d2'));
  await host.answer('deny', owner);
  expect(await decision).toMatchObject({ effect: 'deny', by: 'person' });
});

test('whoever asked cannot be among those who allow, but can say no', async () => {
  const rules = asking({ distinctFromRequester: true });
  const facts = { ...run('npm', 'publish'), requester: ['device:d1', 'task:t', 'agent:demo'] };
  const host = testApprovals({ rules });
  void host.approvals.decide(request(facts));
  await expect(host.answer('allow', phone('d1'))).rejects.toEqual(refused('refused'));
  expect(await host.answer('allow', owner)).toMatchObject({ state: 'approved' });
  const own = testApprovals({ rules });
  const decision = own.approvals.decide(request({ ...facts, requester: ['owner:cli', 'task:t'] }));
  await expect(own.answer('allow', owner)).rejects.toEqual(refused('refused'));
  await own.answer('deny', owner);
  expect((await decision).effect).toBe('deny');
});

test('every screen is told of each vote and each answer', async () => {
  const host = testApprovals({ rules: asking({ approvers: 2 }) });
  void host.approvals.decide(request(run('npm', 'publish')));
  await host.answer('allow', owner);
  await host.answer('allow', phone('d1'));
  const told = host.events.flatMap((event) =>
    event.type === 'approval.changed' ? [`${event.approval.state} ${event.approval.votes.length}`] : [],
  );
  expect(told).toEqual(['pending 0', 'pending 1', 'approved 2']);
});

test.each([
  ['each', fakePresence(true, true), false],
  ['recent', fakePresence(true, false), false],
  ['recent', fakePresence(true, true), true],
  ['if-enrolled', fakePresence(true, true), false],
  ['if-enrolled', fakePresence(false, false), true],
  ['none', fakePresence(false, false), true],
] as const)(
  'step-up %s (%#): without a proof of its own the answer is taken or not',
  async (stepUp, presence, taken) => {
    const host = testApprovals({ rules: asking({ stepUp }), presence });
    void host.approvals.decide(request(run('make')));
    const answered = host.answer('allow');
    if (taken) expect(await answered).toMatchObject({ state: 'approved' });
    else await expect(answered).rejects.toEqual(refused('refused'));
  },
);

test('a proof is checked for this very approval, kept with the answer and put on record', async () => {
  const presence = fakePresence(true);
  const host = testApprovals({ rules: asking({ stepUp: 'each' }), presence });
  void host.approvals.decide(request(run('make')));
  const { id } = await host.pending();
  expect(await host.answer('allow', owner, { presence: proof })).toMatchObject({ provenBy: 'os-prompt' });
  expect(presence.verified).toEqual([`owner:desktop ${id}`]);
  const entry = host.audit.entries.find((one) => one.type === 'approval.approved');
  expect(entry?.facts).toMatchObject({ provenBy: 'os-prompt' });
});

test('a proof that does not hold, or of a kind that does not count, is no answer', async () => {
  const host = testApprovals({
    rules: asking({ stepUp: 'each', kinds: ['os-prompt'] }),
    presence: fakePresence(true),
  });
  void host.approvals.decide(request(run('make')));
  const device = { kind: 'device-p256', challengeId: 'c'.repeat(16), signature: 'A'.repeat(86) } as const;
  await expect(host.answer('allow', owner, { presence: device })).rejects.toEqual(refused('refused'));
  const any = testApprovals({ rules: asking({ stepUp: 'each' }), presence: fakePresence(true) });
  void any.approvals.decide(request(run('make')));
  await expect(any.answer('allow', owner, { presence: device })).rejects.toEqual(refused('not_permitted'));
  expect(await any.state()).toBe('pending');
});

test('the command line is told where to answer what it cannot prove; it can always say no', async () => {
  const host = testApprovals({ rules: asking({ stepUp: 'each' }), presence: fakePresence(false) });
  void host.approvals.decide(request(run('make')));
  await expect(host.answer('allow', cli)).rejects.toMatchObject({
    message: containing('dashboard'),
  });
  expect(await host.answer('deny', cli)).toMatchObject({ state: 'denied' });
});

const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`).join('');
const diff = (newText: string, oldText: string | null = null): ApprovalDetail['diffs'] => [
  { path: 'a.txt', oldText, newText, redacted: false, truncated: false },
];

test.each([
  ['41 changed lines', run('make'), diff(lines(41)), true],
  ['40 changed lines', run('make'), diff(lines(40)), false],
  ['one changed line in a long file', run('make'), diff(lines(500), `first\n${lines(500)}`), false],
  ['a token of 201 characters', run('sh', 'x'.repeat(201)), [], true],
  ['a token of 200 characters', run('sh', 'x'.repeat(200)), [], false],
  ['a right-to-left override in a token', run('rm', 'a\u202Etxt.exe'), [], true],
  ['a zero-width space in a path', write('a\u200B.txt'), [], true],
  ['a hidden character in the new text', write('a.txt'), diff('a\u2066b'), true],
  ['a line feed in a script', run('sh', '-c', 'a\nb'), [], false],
] satisfies [string, ActionFacts, ApprovalDetail['diffs'], boolean][])(
  '%s',
  async (_what, facts, diffs, must) => {
    const host = testApprovals();
    void host.approvals.decide(request(facts, { diffs }));
    const { id, mustOpen } = await host.pending();
    expect(mustOpen).toBe(must);
    if (!must) return;
    await expect(host.answer('allow')).rejects.toEqual(refused('refused'));
    await host.approvals.handlers['approvals.detail']({ approvalId: id }, phone('d1'));
    await expect(host.answer('allow')).rejects.toEqual(refused('refused'));
    await host.approvals.handlers['approvals.detail']({ approvalId: id }, owner);
    expect(await host.answer('allow')).toMatchObject({ state: 'approved' });
  },
);

test('more than two thousand changed lines are not answered with yes on a phone', async () => {
  const host = testApprovals();
  void host.approvals.decide(request(write('a.txt'), { diffs: diff(lines(2001)) }));
  const { id } = await host.pending();
  await host.approvals.handlers['approvals.detail']({ approvalId: id }, phone('d1'));
  await expect(host.answer('allow', phone('d1'))).rejects.toMatchObject({
    message: containing('2,000'),
  });
  await host.approvals.handlers['approvals.detail']({ approvalId: id }, owner);
  expect(await host.answer('allow', owner)).toMatchObject({ state: 'approved' });
});

test('of many answers at once each stands for itself', async () => {
  const host = testApprovals();
  for (const name of ['a', 'b', 'c']) void host.approvals.decide(request(write(name)));
  await host.settled();
  const pending = await host.list();
  const [first] = pending;
  const answers = pending.map(({ id, actionHash }) => ({ approvalId: id, actionHash }));
  if (first) answers.push({ approvalId: first.id, actionHash: first.actionHash });
  const { results } = await host.approvals.handlers['approvals.decideMany'](
    { decision: 'allow', answers, reason: '' },
    owner,
  );
  expect(results.map((one) => (one.ok ? one.approval.state : one.error.code))).toEqual([
    'approved',
    'approved',
    'approved',
    'conflict',
  ]);
});
