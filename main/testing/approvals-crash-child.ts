import { appendFileSync } from 'node:fs';
import type { Approval } from '../../contract/approvals.ts';
import type { Rule } from '../../contract/policy.ts';
import { ownerCaller } from '../kernel/caller.ts';
import { openDatabase } from '../kernel/database.ts';
import { instant } from '../kernel/ports.ts';
import { realRandom } from './fake-ports.ts';
import { createApprovals } from '../services/approvals/approvals.ts';
import { request, run } from './approvals-bench.ts';
import { noPresence } from './no-presence.ts';

/**
 * A host of its own process for the crash test: brings one approval to a state, says so and waits to be killed. Each
 * execution leaves a line in a file. `node crash-child DATABASE EFFECTS STATE COMES_AGAIN`
 */
const [, , database = '', effects = '', wanted = '', comesAgain = ''] = process.argv;
const owner = ownerCaller('desktop');
const rules: Rule[] = [{ id: 'test.ask', effect: 'ask', when: {} }];
const facts = run('make');
const never = new Promise<never>(() => {});
const timers: (() => void)[] = [];

const approvals = createApprovals({
  db: openDatabase(database),
  clock: {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms, callback) {
      timers.push(callback);
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
  },
  random: realRandom,
  audit: { append: () => Promise.resolve() },
  publish: (event) => {
    if (event.type === 'approval.changed' && event.approval.state === wanted) ready(event.approval);
  },
  productRules: rules,
  workspaces: { folder: () => null },
  ownRules: { get: () => [], set: () => {} },
  raise: () => {},
  devices: { verifyStatement: () => {}, verifyRule: () => {}, mayApprove: () => true },
  presence: noPresence,
  host: { mode: () => 'running' },
});

function ready(approval: Approval): void {
  // After the write is on the disk: the store publishes behind it.
  process.stdout.write(`${approval.state} ${instant(Date.now())}\n`);
  if (wanted !== 'executing') setInterval(() => {}, 1000);
}

async function act(): Promise<void> {
  appendFileSync(effects, 'ran\n');
  if (wanted === 'executing') await never;
  if (wanted === 'failed') throw new Error('it failed');
}

async function bring(): Promise<void> {
  const gone = new AbortController();
  const asked = approvals.decide(request(facts, { comesAgain: comesAgain === 'yes', signal: gone.signal }));
  let open: Approval | undefined;
  while (open === undefined) {
    open = (await approvals.handlers['approvals.list']({ limit: 1 }, owner)).approvals[0];
  }
  if (wanted === 'pending') return never;
  if (wanted === 'cancelled') gone.abort();
  if (wanted === 'expired') timers.forEach((callback) => callback());
  if (['expired', 'cancelled'].includes(wanted)) return never;
  const { id: approvalId, actionHash } = open;
  const decision = wanted === 'denied' ? 'deny' : 'allow';
  const input = { approvalId, actionHash, decision, scope: 'once', reason: '' } as const;
  await approvals.handlers['approvals.decide'](input, owner);
  const permit = await asked;
  if (permit.effect === 'deny' || wanted === 'approved') return never;
  const now = wanted === 'stale' ? run('other') : facts;
  await permit.execute(now, act).catch(() => {});
  return never;
}

setInterval(() => {}, 1000);
await bring();
