import { existsSync, readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { afterAll, expect, test } from 'vitest';
import type { Approval } from '../contract/approvals.ts';
import type { Rule } from '../contract/policy.ts';
import { createSandbox, type Sandbox } from './guard/sandbox.ts';
import { mcpCaller, ownerCaller } from './kernel/caller.ts';
import { openDatabase } from './kernel/database.ts';
import { createApprovals } from './services/approvals/approvals.ts';
import { noPresence } from './testing/no-presence.ts';
import { codeOf, testBridge, type TestBridge, realClock } from './services/bridge/fakes.ts';
import { memoryAuditor, realRandom } from './testing/fake-ports.ts';
import { changes, edit, newFile, overwrite, at, withTool } from './testing/approval-changes.ts';

const agent = mcpCaller('t1', 'exec', null);
const owner = ownerCaller('desktop');
const askAlways: Rule = { id: 'test.ask', effect: 'ask', when: {} };
const works = (await createSandbox().probe()).ok;

/** The real sandbox, which can stop working. */
function breakableSandbox(): Sandbox & { break(): void } {
  const real = createSandbox();
  let broken = false;
  return {
    break: () => void (broken = true),
    run: (run) => real.run(run),
    async probe() {
      const probe = await real.probe();
      return broken ? { ...probe, ok: false, message: 'gone' } : probe;
    },
  };
}

function setUp() {
  const db = openDatabase(':memory:');
  const record = memoryAuditor();
  let onRecord: (type: string) => void = () => {};
  const audit = {
    append: async (entry: Parameters<typeof record.append>[0]) => {
      await record.append(entry);
      onRecord(entry.type);
    },
  };
  const approvals = createApprovals({
    db,
    clock: realClock,
    random: realRandom,
    audit,
    publish: () => {},
    productRules: [askAlways],
    workspaces: { folder: () => null },
    ownRules: { get: () => [], set: () => {} },
    raise: () => {},
    devices: { verifyStatement: () => {}, verifyRule: () => {}, mayApprove: () => true },
    presence: noPresence,
    host: { mode: () => 'running' },
  });
  const sandbox = breakableSandbox();
  const bridge = Object.assign(testBridge({ approver: approvals, sandbox, audit }), {
    breakSandbox: () => sandbox.break(),
  });
  bridge.modes = { tools: 'full', write: 'workspace', bash: 'full' };
  async function newest(): Promise<Approval | undefined> {
    return (await approvals.handlers['approvals.list']({ limit: 5 }, owner)).approvals[0];
  }
  async function pending(): Promise<Approval> {
    await expect.poll(async () => (await newest())?.state, { interval: 5, timeout: 5000 }).toBe('pending');
    return (await newest()) as Approval;
  }
  return {
    approvals,
    bridge,
    record,
    newest,
    pending,
    whenRecorded: (run: typeof onRecord) => void (onRecord = run),
  };
}

/** Everything there is below a folder, as one text, to see whether anything was done. */
function snapshot(folder: string): string {
  return execFileSync('find', [folder, '-printf', '%p %y %s %l\n']).toString();
}

let stale = 0;

afterAll(() => {
  process.stdout.write(`approval changes: ${stale} of ${changes.length} stale, nothing executed\n`);
});

test('there are forty changes', () => {
  expect(changes).toHaveLength(40);
  expect(new Set(changes.map((one) => one.name)).size).toBe(40);
});

test.runIf(works).each(changes)('$name: stale', async ({ tool, input, before, change, late }) => {
  const { approvals, bridge, record, pending, newest, whenRecorded } = setUp();
  try {
    before?.(bridge);
    const reply = bridge.call(agent, tool, typeof input === 'function' ? input(bridge) : input);
    const { id, actionHash } = await pending();
    let after = '';
    const alter = () => {
      change(bridge);
      after = snapshot(bridge.outside);
    };
    const lastMoment = tool === 'bridge.bash' ? 'exec.started' : 'approval.executing';
    if (late === true) whenRecorded((type) => type === lastMoment && alter());
    else alter();
    await approvals.handlers['approvals.detail']({ approvalId: id }, owner);
    await approvals.handlers['approvals.decide'](
      { approvalId: id, actionHash, decision: 'allow', scope: 'once', reason: '' },
      owner,
    );
    expect(codeOf(await reply)).toBe('stale');
    expect(snapshot(bridge.outside)).toBe(after);
    expect(await newest()).toMatchObject({ id, state: 'stale' });
    expect(
      record.entries.filter((entry) => entry.type === 'approval.stale').map((entry) => entry.object),
    ).toEqual([id]);
    expect(record.entries.some((entry) => entry.type === 'fs.written')).toBe(false);
    stale += 1;
  } finally {
    await bridge.close();
  }
});

test.runIf(works)('with nothing changed the same calls are carried out', async () => {
  for (const [call, done] of [
    [withTool, (b: TestBridge) => readFileSync(at(b, 'PWN'), 'utf8') === 'ran\n'],
    [overwrite, (b: TestBridge) => readFileSync(at(b, 'dir/a.txt'), 'utf8') === 'new'],
    [edit, (b: TestBridge) => readFileSync(at(b, 'dir/a.txt'), 'utf8') === 'one\nnew\n'],
    [newFile, (b: TestBridge) => existsSync(at(b, 'dir/new.txt'))],
  ] as const) {
    const { approvals, bridge, pending, newest } = setUp();
    try {
      if ('before' in call) call.before(bridge);
      const reply = bridge.call(agent, call.tool, call.input);
      const { id, actionHash } = await pending();
      await approvals.handlers['approvals.decide'](
        { approvalId: id, actionHash, decision: 'allow', scope: 'once', reason: '' },
        owner,
      );
      expect(codeOf(await reply)).toBe('ok');
      expect(done(bridge)).toBe(true);
      expect((await newest())?.state).toBe('done');
    } finally {
      await bridge.close();
    }
  }
});
