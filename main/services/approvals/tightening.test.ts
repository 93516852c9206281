import { expect, test } from 'vitest';
import type { Rule } from '../../../contract/policy.ts';
import {
  asking,
  cli,
  fakePresence,
  owner,
  phone,
  proof,
  request,
  run,
  testApprovals,
  write,
} from '../../testing/approvals-bench.ts';

const rule = (id: string, change: Partial<Rule>): Rule => ({ id, effect: 'ask', when: {}, ...change });
const need = (change: Partial<NonNullable<Rule['need']>>) => ({
  approvers: 1,
  stepUp: 'none' as const,
  distinctFromRequester: false,
  ...change,
});
const containing = (part: string): unknown => expect.stringContaining(part);

test('the yes of a phone that was revoked counts no longer: somebody else must say it', async () => {
  const host = testApprovals({ rules: asking({ approvers: 2 }) });
  void host.approvals.decide(request(run('npm', 'publish')));
  await host.answer('allow', phone('d1'));
  host.revoke('d1');
  expect((await host.pending()).votes).toEqual([]);
  expect(host.audit.entries.at(-1)).toMatchObject({
    type: 'approval.vote-dropped',
    facts: { by: 'device:d1' },
  });
  expect(await host.answer('allow', owner)).toMatchObject({
    state: 'pending',
    votes: [{ by: 'owner:desktop' }],
  });
  expect(await host.answer('allow', phone('d2'))).toMatchObject({ state: 'approved' });
});

test('a vote that could not be dropped when its phone went is not counted either', async () => {
  const host = testApprovals({ rules: asking({ approvers: 2 }) });
  void host.approvals.decide(request(run('npm', 'publish')));
  await host.answer('allow', phone('d1'));
  host.dropSilently('d1');
  expect(await host.answer('allow', owner)).toMatchObject({
    state: 'pending',
    votes: [{ by: 'owner:desktop' }],
  });
});

test('a phone that was revoked while its own yes was on the way says nothing', async () => {
  const host = testApprovals({ rules: asking({ approvers: 1 }) });
  void host.approvals.decide(request(run('make')));
  await host.pending();
  host.dropSilently('d1');
  await expect(host.answer('allow', phone('d1'))).rejects.toMatchObject({ code: 'not_permitted' });
  expect(await host.state()).toBe('pending');
});

test.each<[string, Partial<Rule>]>([
  ['more people', { need: need({ approvers: 2 }) }],
  ['somebody other than the one who asked', { need: need({ distinctFromRequester: true }) }],
  ['a proof', { need: need({ stepUp: 'each' }) }],
])('a rule that came since and wants %s holds for what is open', async (_what, change) => {
  const host = testApprovals({ rules: asking() });
  void host.approvals.decide(request({ ...run('make'), requester: ['owner:cli', 'task:t'] }));
  await host.pending();
  host.setRules([...asking(), rule('own.stricter', change)]);
  const answered = await host.answer('allow', owner).catch((error: unknown) => error);
  expect(answered).not.toMatchObject({ state: 'approved' });
  expect(await host.pending()).toMatchObject({ need: change.need });
  expect(host.audit.entries.some(({ type }) => type === 'approval.tightened')).toBe(true);
});

test('what has become easier since changes nothing', async () => {
  const host = testApprovals({ rules: asking({ approvers: 2 }) });
  void host.approvals.decide(request(run('make')));
  await host.pending();
  host.setRules(asking());
  expect(await host.answer('allow', owner)).toMatchObject({ state: 'pending', need: { approvers: 2 } });
  host.setRules([rule('own.all', { effect: 'allow' })]);
  expect(await host.answer('allow', phone('d1'))).toMatchObject({ state: 'approved' });
});

test('a rule that came since and denies takes no yes, and the no still ends it', async () => {
  const host = testApprovals({ rules: asking() });
  const decision = host.approvals.decide(request(run('make')));
  await host.pending();
  host.setRules([...asking(), rule('own.never', { effect: 'deny', note: 'never make' })]);
  await expect(host.answer('allow')).rejects.toMatchObject({
    code: 'refused',
    message: containing('never make'),
  });
  await host.answer('deny');
  expect(await decision).toMatchObject({ effect: 'deny', by: 'person' });
});

test('a rule that speaks of where it came from holds for what came from there, also after a restart', async () => {
  const host = testApprovals({ rules: asking() });
  void host.approvals.decide(request(run('make'), { origin: 'mcp', comesAgain: true }));
  await host.pending();
  const ofMcp = rule('own.mcp', { when: { origin: ['mcp'] }, need: need({ approvers: 2 }) });
  const ofPhone = rule('own.phone', { when: { origin: ['phone'] }, need: need({ approvers: 5 }) });
  const rules = [...asking(), ofMcp, ofPhone];
  const next = testApprovals({ db: host.db, clock: host.clock, rules });
  next.approvals.start(10);
  expect(await next.answer('allow', owner)).toMatchObject({ state: 'pending', need: { approvers: 2 } });
});

test('an answer that would be remembered is not, once the rules want several people', async () => {
  const host = testApprovals({ rules: asking() });
  void host.approvals.decide(request(write('a.txt')));
  expect((await host.pending()).scopes).toContain('session');
  host.setRules([...asking(), rule('own.two', { need: need({ approvers: 2 }) })]);
  await expect(host.answer('allow', owner, { scope: 'session' })).rejects.toMatchObject({ code: 'refused' });
  expect((await host.pending()).scopes).toEqual(['once']);
});

test('a rule that comes while the proof is awaited is not overtaken by it', async () => {
  const presence = fakePresence(true);
  const host = testApprovals({
    rules: asking({ stepUp: 'each' }),
    presence: {
      ...presence,
      verify(...given) {
        host.setRules([...asking({ stepUp: 'each' }), rule('own.two', { need: need({ approvers: 2 }) })]);
        return presence.verify(...given);
      },
    },
  });
  void host.approvals.decide(request(run('make')));
  await expect(host.answer('allow', owner, { presence: proof })).rejects.toMatchObject({ code: 'conflict' });
  expect(await host.answer('allow', owner, { presence: proof })).toMatchObject({ state: 'pending' });
});

test('a yes that was on its way when the host was locked down is none', async () => {
  const host = testApprovals({ rules: asking() });
  void host.approvals.decide(request(run('make')));
  await host.pending();
  host.setMode('locked-down');
  await expect(host.answer('allow', cli)).rejects.toMatchObject({ code: 'locked_down' });
  expect(await host.answer('deny', cli)).toMatchObject({ state: 'denied' });
});

test('rules that accept no proof in common deny, at once and for what is open', async () => {
  const passkey = rule('own.passkey', { need: need({ stepUp: 'each', kinds: ['webauthn'] }) });
  const prompt = rule('own.prompt', { need: need({ stepUp: 'each', kinds: ['os-prompt'] }) });
  const host = testApprovals({ rules: [passkey] });
  void host.approvals.decide(request(run('make')));
  await host.pending();
  host.setRules([passkey, prompt]);
  await expect(host.answer('allow')).rejects.toMatchObject({
    code: 'refused',
    message: containing('in common'),
  });
  const second = await host.approvals.decide(request(run('make', 'other')));
  expect(second).toMatchObject({ effect: 'deny', by: 'policy', reason: containing('in common') });
});
