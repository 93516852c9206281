import { expect, test } from 'vitest';
import { sha256Hex } from '../../../contract/action.ts';
import { HostError } from '../../../contract/errors.ts';
import type { ActionFacts } from '../../kernel/approver.ts';
import { deviceCaller } from '../../kernel/caller.ts';
import { openDatabase } from '../../kernel/database.ts';
import { DeviceId } from '../../../contract/ids.ts';
import { owner, request, testApprovals, write } from '../../testing/approvals-bench.ts';
import { defaultRules } from './default-rules.ts';
import { noPresence } from '../../testing/no-presence.ts';

/** Approvals with the rules that Signalbox ships, and none of the owner's. */
const setUp = (db = openDatabase(':memory:')) =>
  testApprovals({ db, productRules: defaultRules, rules: [], presence: noPresence });

test('an allowed action runs once, and both the leave and the act are on record first', async () => {
  const { approvals, answer, audit, list } = setUp();
  const decision = approvals.decide(request(write('a.txt')));
  await answer('allow');
  const permit = await decision;
  if (permit.effect !== 'allow') throw new Error('denied');
  expect(await permit.execute(write('a.txt'), () => Promise.resolve('ran'))).toBe('ran');
  expect((await list())[0]).toMatchObject({ state: 'done', decidedBy: 'owner:desktop' });
  expect(audit.entries.map((entry) => entry.type)).toEqual([
    'approval.requested',
    'approval.approved',
    'approval.executing',
  ]);
  await expect(permit.execute(write('a.txt'), () => Promise.resolve('again'))).rejects.toMatchObject({
    code: 'stale',
  });
});

const changes: [string, ActionFacts][] = [
  ['other bytes', write('a.txt', 'y')],
  ['another path', write('b.txt')],
  [
    'another base',
    {
      ...write('a.txt'),
      writes: [{ path: 'a.txt', baseSha256: 'b'.repeat(64), newSha256: sha256Hex('x'), bytes: 1 }],
    },
  ],
  ['another requester', { ...write('a.txt'), requester: ['task:u'] }],
  ['another agent', { ...write('a.txt'), agent: 'other' }],
  ['another kind', { ...write('a.txt'), kind: 'fs.delete' }],
  ['one more path', { ...write('a.txt'), paths: ['a.txt', 'b.txt'] }],
];
test.each(changes)('what was approved does not cover %s', async (_name, changed) => {
  const { approvals, answer, list } = setUp();
  const decision = approvals.decide(request(write('a.txt')));
  await answer('allow');
  const permit = await decision;
  if (permit.effect !== 'allow') throw new Error('denied');
  let ran = false;
  await expect(permit.execute(changed, async () => void (ran = true))).rejects.toMatchObject({
    code: 'stale',
  });
  expect(ran).toBe(false);
  expect((await list())[0]?.state).toBe('stale');
});

test('nobody answers: it expires to a no', async () => {
  const { approvals, pending, clock, list } = setUp();
  const decision = approvals.decide(request(write('a.txt')));
  await pending();
  clock.advance(5 * 60_000);
  expect(await decision).toMatchObject({ effect: 'deny', by: 'expiry' });
  expect((await list())[0]?.state).toBe('expired');
});

test('an answer that is not carried out within a minute is void', async () => {
  const { approvals, answer, clock, list } = setUp();
  const decision = approvals.decide(request(write('a.txt')));
  await answer('allow');
  const permit = await decision;
  clock.advance(61_000);
  if (permit.effect !== 'allow') throw new Error('denied');
  await expect(permit.execute(write('a.txt'), () => Promise.resolve())).rejects.toMatchObject({
    code: 'stale',
  });
  expect((await list())[0]?.state).toBe('stale');
});

test('the first answer wins; the second is told that it came late', async () => {
  const { approvals, pending } = setUp();
  const decision = approvals.decide(request(write('a.txt')));
  const { id, actionHash } = await pending();
  const input = { approvalId: id, actionHash, scope: 'once', reason: '' } as const;
  const decide = approvals.handlers['approvals.decide'];
  const results = await Promise.allSettled([
    decide({ ...input, decision: 'deny' }, owner),
    decide({ ...input, decision: 'allow' }, owner),
  ]);
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected']);
  expect(await decision).toMatchObject({ effect: 'deny', by: 'person' });
});

test('an answer for another action is not taken', async () => {
  const { approvals, pending } = setUp();
  void approvals.decide(request(write('a.txt')));
  const { id } = await pending();
  const input = {
    approvalId: id,
    actionHash: 'f'.repeat(64),
    decision: 'allow',
    scope: 'once',
    reason: '',
  } as const;
  await expect(approvals.handlers['approvals.decide'](input, owner)).rejects.toMatchObject({ code: 'stale' });
});

test('a device must sign', async () => {
  const { approvals, pending } = setUp();
  void approvals.decide(request(write('a.txt')));
  const { id, actionHash } = await pending();
  const input = { approvalId: id, actionHash, decision: 'allow', scope: 'once', reason: '' } as const;
  const phone = deviceCaller(DeviceId.parse('d1'), 'approve');
  await expect(approvals.handlers['approvals.decide'](input, phone)).rejects.toMatchObject({
    code: 'not_permitted',
  });
});

test('an asker that goes away withdraws its request', async () => {
  const { approvals, pending, list } = setUp();
  const gone = new AbortController();
  const decision = approvals.decide(request(write('a.txt'), { signal: gone.signal }));
  await pending();
  gone.abort();
  expect(await decision).toMatchObject({ effect: 'deny', by: 'withdrawn' });
  expect((await list())[0]?.state).toBe('cancelled');
});

test('"for this session" covers the same file in the same session and nothing else', async () => {
  const { approvals, answer } = setUp();
  const first = approvals.decide(request(write('a.txt')));
  await answer('allow', owner, { scope: 'session' });
  expect((await first).effect).toBe('allow');
  expect(await approvals.decide(request(write('a.txt', 'z')))).toMatchObject({
    effect: 'allow',
    approvalId: null,
  });
  let asked = 0;
  const onAsked = () => void (asked += 1);
  void approvals.decide(request(write('b.txt'), { onAsked }));
  void approvals.decide(request(write('a.txt'), { sessionKey: 's2', onAsked }));
  await expect.poll(() => asked).toBe(2);
});

test('a dangerous answer cannot be remembered', async () => {
  const { approvals, pending } = setUp();
  void approvals.decide(request(write('package.json')));
  const { id, actionHash, scopes } = await pending();
  expect(scopes).toEqual(['once']);
  const input = { approvalId: id, actionHash, decision: 'allow', scope: 'always', reason: '' } as const;
  await expect(approvals.handlers['approvals.decide'](input, owner)).rejects.toMatchObject({
    code: 'refused',
  });
});

test('no record, no leave: with a broken log the question is never asked and the answer never taken', async () => {
  const { approvals, audit, pending, list } = setUp();
  const decision = approvals.decide(request(write('a.txt')));
  decision.catch(() => {});
  const { id, actionHash } = await pending();
  audit.break();
  const input = { approvalId: id, actionHash, decision: 'allow', scope: 'once', reason: '' } as const;
  await expect(approvals.handlers['approvals.decide'](input, owner)).rejects.toThrow('disk full');
  expect((await list())[0]?.state).toBe('pending');
  await expect(approvals.decide(request(write('b.txt')))).rejects.toThrow('disk full');
});

test('a flood of one session is stopped', async () => {
  const { approvals, list } = setUp();
  const decisions = Array.from({ length: 8 }, (_, i) => approvals.decide(request(write(`f${i}.txt`))));
  const refused = await Promise.race(decisions);
  expect(refused).toMatchObject({ effect: 'deny', by: 'mode' });
  expect((await list()).length).toBeLessThanOrEqual(5);
});

test('what a crash left open is closed honestly at the next start', async () => {
  const { db, approvals, pending, answer, list } = setUp();
  void approvals.decide(request(write('a.txt')));
  await answer('allow');
  void approvals.decide(request(write('b.txt')));
  await pending();
  const next = setUp(db);
  next.approvals.start(10);
  expect((await list()).map((one) => one.state).sort()).toEqual(['cancelled', 'stale']);
});

test('in a lock-down nothing is allowed and what waits is denied', async () => {
  const { approvals, pending, setMode } = setUp();
  const waiting = approvals.decide(request(write('a.txt')));
  await pending();
  setMode('locked-down');
  await approvals.denyAll('owner:desktop', 'locked down');
  expect(await waiting).toMatchObject({ effect: 'deny' });
  const read: ActionFacts = { ...write('a.txt'), kind: 'fs.read', writes: [] };
  expect(await approvals.decide(request(read))).toMatchObject({ effect: 'deny', by: 'mode' });
});

test('a task that asks before every change is asked for although a rule allows, unless a person said "always"', async () => {
  const { approvals, answer } = setUp();
  const command: ActionFacts = {
    ...write('a.txt'),
    kind: 'exec',
    writes: [],
    exec: {
      argv: ['ls', '-l'],
      cwd: '.',
      sandbox: 'ro',
      binarySha256: null,
      envNames: [],
      envSha256: null,
      cwdIdentity: null,
    },
  };
  expect(await approvals.decide(request(command))).toMatchObject({ effect: 'allow', approvalId: null });
  const asked = approvals.decide(request(command, { mustAsk: true }));
  await answer('allow', owner, { scope: 'session' });
  expect((await asked).approvalId).not.toBeNull();
  expect(await approvals.decide(request(command, { mustAsk: true }))).toMatchObject({ effect: 'allow' });
});

test('a file that changed between the answer and the write leaves the approval stale', async () => {
  const { approvals, answer, list } = setUp();
  const decision = approvals.decide(request(write('a.txt')));
  await answer('allow');
  const permit = await decision;
  if (permit.effect !== 'allow') throw new Error('denied');
  const changed = () => Promise.reject(new HostError('stale', 'the file has changed'));
  await expect(permit.execute(write('a.txt'), changed)).rejects.toMatchObject({ code: 'stale' });
  expect((await list())[0]).toMatchObject({ state: 'stale', reason: 'the file has changed' });
});
