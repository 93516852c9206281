import { expect, test } from 'vitest';
import { ruleBytes } from '../../../contract/action.ts';
import type { Action } from '../../../contract/action.ts';
import type { Approval } from '../../../contract/approvals.ts';
import { HostError } from '../../../contract/errors.ts';
import { DeviceId } from '../../../contract/ids.ts';
import type { Rule } from '../../../contract/policy.ts';
import { deviceCaller, ownerCaller } from '../../kernel/caller.ts';
import { handClock, memoryAuditor } from '../../testing/fake-ports.ts';
import { defaultRules } from './default-rules.ts';
import { createRuleBook } from './rule-book.ts';
import { proposeRules } from './rule-proposals.ts';
import { dryRun } from './dry-run.ts';
import { factsOf, failingTest } from './rule-tests.ts';

const desktop = ownerCaller('desktop');
const device = DeviceId.parse('d'.repeat(16));
const phone = deviceCaller(device, 'manage');
const moment = { now: '2026-01-07T12:00:00.000Z', clockJumped: false };
const deny = (id: string): Rule => ({ id, effect: 'deny', when: { kind: ['exec'], argv: ['npm'] } });
const allow = (id: string, when: Rule['when']): Rule => ({ id, effect: 'allow', when });

function bench({ enrolled = false, whileProving }: { enrolled?: boolean; whileProving?: () => void } = {}) {
  let own: readonly Rule[] = [];
  const audit = memoryAuditor();
  const proven: string[] = [];
  const counters = new Set<number>();
  const book = createRuleBook({
    product: defaultRules,
    workspaceRules: { of: () => Promise.resolve([]) },
    own: { get: () => own, set: (next) => void (own = next) },
    store: {
      get: () => {
        throw new HostError('not_found', 'there is no such approval');
      },
      newest: () => [],
    },
    grants: { list: () => [] },
    devices: {
      verifyStatement: () => {},
      mayApprove: () => true,
      verifyRule(_id, bytes, counter, signature) {
        if (signature !== Buffer.from(bytes).toString('base64url')) {
          throw new HostError('not_permitted', 'the signature does not hold');
        }
        if (counters.has(counter)) throw new HostError('conflict', 'the counter was used');
        counters.add(counter);
      },
    },
    presence: {
      canProve: () => enrolled,
      recent: () => null,
      verify(caller, _proof, purpose) {
        proven.push(`${purpose.kind} ${caller.principal}`);
        whileProving?.();
        return Promise.resolve('os-prompt');
      },
    },
    audit,
    memory: { changing: () => {}, changed: () => {} },
    clock: handClock(),
    moment: () => moment,
  });
  const put = (next: readonly Rule[]) => void (own = next);
  return { ...book.handlers, rules: () => own.map(({ id }) => id), put, audit, proven };
}

const signed = (rule: Rule, counter: number) => ({
  rule,
  proof: { counter, signature: Buffer.from(ruleBytes(rule, counter)).toString('base64url') },
});

test('rules that are added at the same moment are all there afterwards', async () => {
  const book = bench();
  const ids = Array.from({ length: 50 }, (_, index) => `own.r${index}`);
  await Promise.all(ids.map(async (id) => book['approvals.addRule']({ rule: deny(id) }, desktop)));
  expect(book.rules()).toEqual(ids);
  const rest = ids.slice(25);
  await Promise.all(
    ids.slice(0, 25).map(async (ruleId) => book['approvals.removeRule']({ ruleId }, desktop)),
  );
  expect(book.rules()).toEqual(rest);
});

test('an id exists once, even when both come at the same moment or it is one of the product', async () => {
  const book = bench();
  const both = await Promise.allSettled([
    book['approvals.addRule']({ rule: deny('own.a') }, desktop),
    book['approvals.addRule']({ rule: deny('own.a') }, desktop),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const taken = book['approvals.addRule']({ rule: deny('default.write') }, desktop);
  await expect(taken).rejects.toMatchObject({ code: 'conflict' });
  const gone = book['approvals.removeRule']({ ruleId: 'default.write' }, desktop);
  await expect(gone).rejects.toMatchObject({ code: 'not_found' });
  expect(book.rules()).toEqual(['own.a']);
});

test('a rule from a device must be signed, for this rule, with a counter that was not used', async () => {
  const book = bench();
  const add = book['approvals.addRule'];
  await expect(add({ rule: deny('own.a') }, phone)).rejects.toMatchObject({ code: 'not_permitted' });
  const other = { ...signed(deny('own.b'), 1), rule: deny('own.a') };
  await expect(add(other, phone)).rejects.toMatchObject({ code: 'not_permitted' });
  await add(signed(deny('own.a'), 1), phone);
  await expect(add(signed(deny('own.b'), 1), phone)).rejects.toMatchObject({ code: 'conflict' });
  expect(book.rules()).toEqual(['own.a']);
});

test.each<[string, Rule['when']]>([
  ['anything', {}],
  ['the network', { kind: ['net'] }],
  ['an unconfined command', { kind: ['exec'], argv: ['cargo', 'test'], sandbox: ['none'] }],
  ['any sandbox', { kind: ['exec'], argv: ['cargo', 'test'] }],
  ['a shell', { kind: ['exec'], argv: [['cargo', '/bin/bash']], sandbox: ['ws'] }],
  ['git without a verb', { kind: ['exec'], argv: ['git'], sandbox: ['ws'] }],
  ['git or an option before its verb', { kind: ['exec'], argv: ['git', ['add', '-c']], sandbox: ['ws'] }],
  ['npm without a verb', { kind: ['exec'], argv: ['npm'], sandbox: ['ws'] }],
  ['npm exec', { kind: ['exec'], argv: ['npm', ['test', 'exec']], sandbox: ['ws'] }],
  ['an interpreter with its version', { kind: ['exec'], argv: ['python3.12'], sandbox: ['ws'] }],
  ['any command', { kind: ['exec'], sandbox: ['ws'] }],
  ['every write', { kind: ['fs.write'] }],
  ['every write of an agent', { kind: ['fs.write'], agent: ['demo'] }],
  ['writes that touch a folder among others', { kind: ['fs.write'], pathAny: ['docs/**'] }],
  ['writes anywhere', { kind: ['fs.write'], pathIn: ['docs/**', '**'] }],
  ['writes anywhere in other words', { kind: ['fs.write'], pathIn: ['**/*.*'] }],
  ['every removal', { kind: ['fs.delete'] }],
  ['every change of a repository', { kind: ['git.write'] }],
  ['reads and every write', { kind: ['fs.read', 'fs.write'], sizeMax: 100 }],
])('a device cannot allow %s from afar', async (_what, when) => {
  const book = bench();
  const add = book['approvals.addRule'](signed(allow('own.wide', when), 1), phone);
  await expect(add).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/^(it |").*; a rule that wide is written at the machine/) as unknown,
  });
  expect(book.rules()).toEqual([]);
  // At the machine the owner may.
  await book['approvals.addRule']({ rule: allow('own.wide', when) }, desktop);
  expect(book.rules()).toEqual(['own.wide']);
});

test.each<[string, Rule['when']]>([
  ['writes below a folder', { kind: ['fs.write'], pathIn: ['docs/**'] }],
  ['writes of one kind of file', { kind: ['fs.write'], pathIn: ['**/*.md'] }],
  ['changes of some files in a repository', { kind: ['git.write'], pathIn: ['docs/**'] }],
  ['reads', { kind: ['fs.read', 'git.read'] }],
])('a device can allow %s', async (_what, when) => {
  const book = bench();
  await book['approvals.addRule'](signed(allow('own.narrow', when), 1), phone);
  expect(book.rules()).toEqual(['own.narrow']);
});

test('who can prove to be there does so before a rule that holds back is taken away', async () => {
  const book = bench({ enrolled: true });
  const presence = { kind: 'os-prompt', challengeId: 'c'.repeat(16) } as const;
  const remove = book['approvals.removeRule'];
  const ask: Rule = { id: 'own.ask', effect: 'ask', when: { kind: ['net'] } };
  await book['approvals.addRule']({ rule: deny('own.no') }, desktop);
  await book['approvals.addRule']({ rule: ask }, desktop);
  const narrow = allow('own.ok', { kind: ['exec'], argv: ['cargo', 'test'], sandbox: ['ws'] });
  await book['approvals.addRule']({ rule: narrow, presence }, desktop);
  book.proven.length = 0;
  for (const ruleId of ['own.no', 'own.ask']) {
    const bare = remove({ ruleId }, desktop);
    await expect(bare).rejects.toMatchObject({ code: 'refused', data: { stepUp: 'each' } });
    await expect(remove({ ruleId }, ownerCaller('cli'))).rejects.toThrow(/dashboard/);
    await remove({ ruleId, presence }, desktop);
  }
  // To take away what allows only tightens.
  await remove({ ruleId: 'own.ok' }, ownerCaller('cli'));
  expect(book.proven).toEqual([`rule-removal ${desktop.principal}`, `rule-removal ${desktop.principal}`]);
  expect(book.rules()).toEqual([]);
});

test('without a way of proving it the owner takes rules away as before', async () => {
  const book = bench();
  await book['approvals.addRule']({ rule: deny('own.no') }, desktop);
  await book['approvals.removeRule']({ ruleId: 'own.no' }, ownerCaller('cli'));
  expect(book.rules()).toEqual([]);
});

test('a rule that gives a risk can loosen both ways, and needs the proof both ways', async () => {
  const book = bench({ enrolled: true });
  const raises: Rule = { ...deny('own.risk'), risk: 3 };
  const bare = book['approvals.addRule']({ rule: raises }, desktop);
  await expect(bare).rejects.toMatchObject({ code: 'refused', data: { stepUp: 'each' } });
});

test('a proof for one rule takes away no other that came under its id meanwhile', async () => {
  const other: Rule = { ...deny('own.a'), effect: 'ask' };
  const book = bench({ enrolled: true, whileProving: () => book.put([other]) });
  const presence = { kind: 'os-prompt', challengeId: 'c'.repeat(16) } as const;
  await book['approvals.addRule']({ rule: deny('own.a') }, desktop);
  const remove = book['approvals.removeRule']({ ruleId: 'own.a', presence }, desktop);
  await expect(remove).rejects.toMatchObject({ code: 'conflict' });
  expect(book.rules()).toEqual(['own.a']);
});

test('who can prove to be there does so before a rule allows more; a rule that denies needs none', async () => {
  const book = bench({ enrolled: true });
  const narrow = allow('own.ok', { kind: ['exec'], argv: ['cargo', 'test'], sandbox: ['ws'] });
  const presence = { kind: 'os-prompt', challengeId: 'c'.repeat(16) } as const;
  for (const caller of [desktop, ownerCaller('cli')]) {
    const bare = book['approvals.addRule']({ rule: narrow }, caller);
    await expect(bare).rejects.toMatchObject({ code: 'refused', data: { stepUp: 'each' } });
  }
  await expect(book['approvals.addRule'](signed(narrow, 1), phone)).rejects.toMatchObject({
    code: 'refused',
  });
  await book['approvals.addRule']({ ...signed(narrow, 1), presence }, phone);
  await book['approvals.addRule']({ rule: deny('own.no') }, ownerCaller('cli'));
  expect(book.proven).toEqual([`rule ${phone.principal}`]);
  expect(book.rules()).toEqual(['own.ok', 'own.no']);
});

test('a rule whose own test fails is refused by name, and every change is on record with both hashes', async () => {
  const book = bench();
  const tests = { match: [{ kind: 'exec' as const, origin: 'acp' as const, argv: ['ls'] }], notMatch: [] };
  const add = book['approvals.addRule']({ rule: { ...deny('own.bad'), tests } }, desktop);
  await expect(add).rejects.toThrow(/"own\.bad" should speak of/);
  const { policySha256 } = await book['approvals.addRule']({ rule: deny('own.a') }, desktop);
  const [change, ...more] = book.audit.entries.filter(({ type }) => type === 'policy.changed');
  expect(more).toEqual([]);
  expect(change).toMatchObject({ object: 'own.a', facts: { after: policySha256 } });
  expect(change?.facts?.['before']).not.toBe(policySha256);
});

function action(example: Parameters<typeof factsOf>[0]): Action {
  return { ...factsOf(example), v: 1, policySha256: '0'.repeat(64) } as unknown as Action;
}

const widths = (example: Omit<Parameters<typeof factsOf>[0], 'origin'>, effect: 'allow' | 'deny' = 'allow') =>
  proposeRules(action({ ...example, origin: 'acp', agent: 'a' }), effect, moment.now).map((one) => one.width);

test('what is proposed is narrow, and nothing is proposed for what is open by nature', () => {
  const run = (...argv: string[]) => widths({ kind: 'exec', argv, sandbox: 'ws' });
  expect(run('npm', 'run', 'build', '--watch')).toEqual(['exact', 'prefix']);
  expect(run('git', 'commit', '-m', 'x')).toEqual(['exact', 'prefix']);
  expect(run('mytool', 'all')).toEqual(['exact']);
  expect(run('npm', 'run')).toEqual(['exact']);
  const open = [
    ['bash', '-c', 'x'],
    ['node', 'x.js'],
    ['/usr/bin/env', 'cargo'],
    ['git', '-c', 'a', 'add'],
    ['python3.12', 'x.py'],
    ['deno', 'run', 'x.ts'],
    ['awk', 'BEGIN { system("x") }'],
    ['npm', 'exec', '--', 'x'],
    ['pnpm', 'dlx', 'x'],
  ];
  for (const argv of open) expect(run(...argv)).toEqual([]);
  const outside = [
    ['cat', '/etc/passwd'],
    ['cp', 'a', '../b'],
    ['tsc', '--outDir=/x'],
    ['eslint', '~/a'],
  ];
  for (const argv of outside) expect(run(...argv)).toEqual([]);
  expect(widths({ kind: 'exec', argv: ['npm', 'test'], sandbox: 'none' })).toEqual([]);
  expect(widths({ kind: 'net', net: ['x.org'] })).toEqual([]);
  expect(widths({ kind: 'fs.write', paths: ['src/a/b.ts'] })).toEqual(['exact', 'folder']);
  expect(widths({ kind: 'fs.write', paths: ['lib/package.json'] })).toEqual(['exact']);
});

test('an action that nothing tells from others, or whose path reads as a pattern, gets no exact rule', () => {
  expect(widths({ kind: 'git.write' })).toEqual([]);
  expect(widths({ kind: 'fs.write', paths: ['*'] })).toEqual([]);
  expect(widths({ kind: 'fs.write', paths: ['src/**', 'src/a.ts'] })).toEqual(['folder']);
});

test('each proposal holds its own tests and matches what it was made from', () => {
  const one = action({ kind: 'exec', origin: 'acp', agent: 'a', argv: ['cargo', 'test'], sandbox: 'ws' });
  const rules = [...proposeRules(one, 'allow', moment.now), ...proposeRules(one, 'deny', moment.now)];
  expect(rules.length).toBeGreaterThanOrEqual(4);
  expect(failingTest(rules.map(({ rule }) => rule))).toBeNull();
});

test('a dry run looks at 1,000 questions and counts what people had said no to', () => {
  const history = Array.from({ length: 1000 }, (_, index) => ({
    id: `a${index}`,
    title: `run ${index}`,
    state: index % 2 === 0 ? 'denied' : 'done',
    action: action({
      kind: 'exec',
      origin: 'acp',
      argv: ['npm', index % 4 < 2 ? 'test' : 'ci'],
      sandbox: 'ws',
    }),
  })) as unknown as Approval[];
  const rule = allow('own.x', { kind: ['exec'], argv: ['npm', 'test'], sandbox: ['ws'] });
  const began = performance.now();
  const result = dryRun(rule, history, moment);
  const took = performance.now() - began;
  expect(result).toMatchObject({ examined: 1000, matched: 500, wouldAllow: 500, againstDenials: 250 });
  process.stdout.write(`policy: dry run over 1000 questions in ${took.toFixed(1)} ms\n`);
});
