// From an agent's question to the phone, and from the phone's answer back to the agent, beside the limit of 50 ms.
// A whole host in this process, the built-in agent in another, the phone's channel over a WebSocket on the loopback.
// What the agent writes is timed when it reaches the host's process, so the agent's own part of the way is left out.
import type * as ChildProcesses from 'node:child_process';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { CallResult } from '../contract/client.ts';
import type { CommandName } from '../contract/commands.ts';
import { pairTestPhone } from '../main/testing/test-phone.ts';
import { startTestHost, temporaryRepository, waitFor } from '../main/testing/test-host.ts';
import { cleanUp } from './lib/test-cleanup.mjs';
import { quantile, report, spread } from './lib/measure.mjs';

const RUNS = 5;
const APPROVALS = 12;
const LIMIT_MS = 50;
const ASKS = 'session/request_permission';

/** When the host's process last heard the agent ask, and who waits for what the agent says next. */
let askedAt = 0;
let onNext: ((at: number) => void) | null = null;
watchChildren();

function watchChildren(): void {
  const children = createRequire(import.meta.url)('node:child_process') as typeof ChildProcesses;
  const spawn = children.spawn;
  const watched = (...args: Parameters<typeof spawn>) => {
    const child = spawn(...args);
    const { stdout } = child;
    if (stdout === null) return child;
    const push = stdout.push.bind(stdout);
    stdout.push = (chunk: Buffer | null, encoding) => {
      const at = performance.now();
      if (chunk?.includes(ASKS)) askedAt = at;
      onNext?.(at);
      onNext = null;
      return push(chunk, encoding);
    };
    return child;
  };
  Object.assign(children, { spawn: watched });
  syncBuiltinESMExports();
}

function value<N extends CommandName>(result: CallResult<N>) {
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
  return result.value;
}

const host = await startTestHost();
const repository = temporaryRepository({ 'README.md': 'words 0\n' });
value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
const { text } = value(await host.owner.call('identity.createInvitation', { scope: 'approve' }));
const phone = await pairTestPhone(text);
const pending = await host.until(({ devices }) =>
  Object.values(devices).find((one) => one.state === 'pending'),
);
value(await host.owner.call('identity.approveDevice', { deviceId: pending.id, code: phone.checkCode }));
await phone.decided;
const session = await phone.connect();
let counter = 0;

async function once(): Promise<{ seen: number; answered: number }> {
  counter += 1;
  const next = waitFor(session.client, ({ approvals }) =>
    Object.values(approvals).find((one) => one.state === 'pending'),
  ).then((approval) => ({ approval, at: performance.now() }));
  const task = value(
    await session.client.call('tasks.submit', {
      agent: 'demo',
      workspace: 'demo',
      text: `In README.md replace "words ${counter - 1}" with "words ${counter}"`,
      idempotencyKey: `bench-${String(counter).padStart(6, '0')}`,
    }),
  );
  const { approval, at } = await next;
  const seen = at - askedAt;
  const facts = {
    approvalId: approval.id,
    actionHash: approval.actionHash,
    decision: 'allow',
    scope: 'once',
  } as const;
  const went = new Promise<number>((done) => (onNext = done));
  const pressed = performance.now();
  const proof = session.prove({ ...facts, counter });
  value(await session.client.call('approvals.decide', { ...facts, proof }));
  const answered = (await went) - pressed;
  await waitFor(session.client, ({ tasks }) => {
    const state = tasks[task.id]?.state ?? '';
    if (state === 'failed' || state === 'cancelled') throw new Error(`the task is ${state}`);
    return state === 'done';
  });
  return { seen, answered };
}

await once();
const runs: { seen: number; answered: number }[][] = [];
for (let run = 0; run < RUNS; run += 1) {
  const one = [];
  for (let index = 0; index < APPROVALS; index += 1) one.push(await once());
  runs.push(one);
}
await cleanUp();

const peer = { name: 'limit', limit: LIMIT_MS };
const line = (what: string, part: number, pick: (one: { seen: number; answered: number }) => number) => ({
  what,
  unit: 'ms',
  ours: spread(runs.map((run) => quantile(run.map(pick), part))),
  peer,
  goal: 1,
  better: 'less' as const,
});
report(
  'approval',
  [
    line('asked to seen on the phone, p50', 0.5, (one) => one.seen),
    line('asked to seen on the phone, p95', 0.95, (one) => one.seen),
    line('answered to agent goes on, p50', 0.5, (one) => one.answered),
    line('answered to agent goes on, p95', 0.95, (one) => one.answered),
  ],
  { approvalsPerRun: APPROVALS },
);
process.exit(0);
