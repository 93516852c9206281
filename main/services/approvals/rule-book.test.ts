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

function bench({ enrolled = false }: { enrolled?: boolean } = {}) {
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
      verify(caller) {
        proven.push(caller.principal);
        return Promise.resolve('os-prompt');
      },
    },
    audit,
    clock: handClock(),
    moment: () => moment,
  });
  return { ...book.handlers, rules: () => own.map(({ id }) => id), audit, proven };
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
])('a device cannot allow %s from afar', async (_what, when) => {
  const book = bench();
  const add = book['approvals.addRule'](signed(allow('own.wide', when), 1), phone);
  await expect(add).rejects.toMatchObject({ code: 'refused' });
  expect(book.rules()).toEqual([]);
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
  expect(book.proven).toEqual([phone.principal]);
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
