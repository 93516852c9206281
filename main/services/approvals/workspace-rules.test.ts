import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WorkspaceId } from '../../../contract/ids.ts';
import type { Rule } from '../../../contract/policy.ts';
import { request, run, testApprovals } from '../../testing/approvals-bench.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { defaultRules } from './default-rules.ts';
import { evaluate } from './evaluate.ts';
import { factsOf } from './rule-tests.ts';
import { createWorkspaceRules } from './workspace-rules.ts';

const id = WorkspaceId.parse('w'.repeat(16));
const moment = { now: '2026-01-07T12:00:00.000Z', clockJumped: false };

function bench(text: string | null, trusted = false) {
  const path = temporaryFolder();
  const file = join(path, '.signalbox', 'policy.yaml');
  mkdirSync(join(path, '.signalbox'));
  if (text !== null) writeFileSync(file, text);
  const rules = createWorkspaceRules({ folder: (asked) => (asked === id ? { path, trusted } : null) });
  async function effect(kind: 'fs.read' | 'fs.write' | 'net', own: readonly Rule[] = [], workspace = id) {
    const facts = factsOf({ kind, origin: 'acp', workspace, paths: ['src/a.ts'] });
    const all = [...defaultRules, ...own, ...(await rules.of(facts.workspaceId))];
    return evaluate(all, [], { facts, origin: 'acp' }, moment);
  }
  return { path, file, rules, effect };
}

const ALLOW = 'rules:\n  - {id: free, effect: allow, when: {}}\n';
const DENY = 'rules:\n  - {id: never, effect: deny, note: Not in here, when: {kind: [fs.write]}}\n';

test('a workspace tightens for itself and for no other', async () => {
  const { effect } = bench(DENY);
  expect(await effect('fs.write')).toMatchObject({ effect: 'deny', ruleIds: ['workspace.never'] });
  expect(await effect('fs.read')).toMatchObject({ effect: 'allow' });
  const other = WorkspaceId.parse('x'.repeat(16));
  expect(await effect('fs.write', [], other)).toMatchObject({ effect: 'ask' });
});

test('what a workspace allows counts only when the owner trusts it, and never over what is locked or denied', async () => {
  expect((await bench(ALLOW).effect('fs.write')).effect).toBe('ask');
  const trusted = bench(ALLOW, true);
  expect((await trusted.effect('fs.write')).effect).toBe('allow');
  expect((await trusted.effect('net')).effect).toBe('ask');
  const locked: Rule = { id: 'own.l', effect: 'ask', locked: true, when: { kind: ['fs.write'] } };
  expect((await trusted.effect('fs.write', [locked])).effect).toBe('ask');
  const denied: Rule = { id: 'own.d', effect: 'deny', when: { kind: ['fs.write'] } };
  expect((await trusted.effect('fs.write', [denied])).effect).toBe('deny');
});

test('a workspace cannot raise the risk to slip out from under a rule of the owner', async () => {
  const raise = 'rules:\n  - {id: up, effect: ask, risk: 4, when: {}}\n';
  const low: Rule = { id: 'own.low', effect: 'deny', when: { kind: ['fs.write'], riskMax: 2 } };
  for (const trusted of [false, true]) {
    expect((await bench(raise, trusted).effect('fs.write', [low])).effect).toBe('deny');
  }
});

test.each([
  ['an unknown key', 'rules: []\nrulez: 1\n', ':2: rulez'],
  ['a wrong effect', 'rules:\n  - id: a\n    effect: maybe\n    when: {}\n', ':3: rules.0.effect'],
  ['a missing part', 'rules:\n  - {id: a, effect: deny}\n', ':2: rules.0.when'],
  ['broken YAML', 'rules:\n  - {id: a\n', 'not YAML'],
  [
    'a test that fails',
    'rules:\n  - id: a\n    effect: deny\n    when: {kind: [net]}\n    tests: {match: [{kind: exec}]}\n',
    ':5: rules.0.tests.match.0: rule "a" should speak of',
  ],
  [
    'one id twice',
    'rules:\n  - {id: a, effect: deny, when: {}}\n  - {id: a, effect: ask, when: {}}\n',
    ':3: rules.1: there is another rule "a"',
  ],
  ['too much', `# ${'x'.repeat(70_000)}\n`, 'policy.yaml'],
])('a file with %s denies everything there and says where', async (_what, text, said) => {
  const { effect } = bench(text, true);
  for (const kind of ['fs.read', 'fs.write', 'net'] as const) {
    const { effect: decided, why } = await effect(kind);
    expect(decided).toBe('deny');
    expect(why.join(' ')).toContain(said);
  }
});

test('a file behind a link, bytes that are no text, and a folder that is gone deny as well', async () => {
  const linked = bench(null);
  writeFileSync(join(linked.path, 'elsewhere.yaml'), 'rules: []\n');
  symlinkSync(join(linked.path, 'elsewhere.yaml'), linked.file);
  expect((await linked.effect('fs.read')).effect).toBe('deny');
  const binary = bench(null);
  writeFileSync(binary.file, Buffer.from([0xff, 0xfe, 0x00]));
  expect((await binary.effect('fs.read')).effect).toBe('deny');
  const gone = bench(null);
  rmSync(gone.path, { recursive: true });
  expect((await gone.effect('fs.read')).effect).toBe('deny');
});

test('an answer from before the workspace tightened is not picked up after it', async () => {
  const { path, file } = bench(null);
  const workspaces = { folder: () => ({ path, trusted: false }) };
  const facts = { ...run('npm', 'publish'), workspaceId: id };
  const asked = ({ approvals }: ReturnType<typeof testApprovals>): Promise<string> =>
    new Promise((resolve) => {
      void approvals.decide(request(facts, { comesAgain: true, onAsked: resolve }));
    });
  const before = testApprovals({ workspaces });
  const first = await asked(before);
  before.approvals.stop();
  const host = testApprovals({ workspaces, db: before.db, clock: before.clock });
  host.approvals.start(10);
  await host.answer('allow');
  writeFileSync(file, 'rules:\n  - {id: two, effect: ask, when: {}, need: {approvers: 2}}\n');
  expect(await asked(host)).not.toBe(first);
  expect(await host.pending()).toMatchObject({ need: { approvers: 2 } });
});

test('no file is no rule, and a change of the file holds for the next action', async () => {
  const { file, effect } = bench(null);
  expect((await effect('fs.write')).effect).toBe('ask');
  writeFileSync(file, DENY);
  expect((await effect('fs.write')).effect).toBe('deny');
  rmSync(file);
  expect((await effect('fs.write')).effect).toBe('ask');
});
