// From an agent's question to the phone, and from the phone's answer back to the agent, beside the limit of 50 ms.
// A whole host in this process, the built-in agent in another, the phone's channel over a WebSocket on the loopback.
// What the agent writes is timed when it reaches the host's process, so the agent's own part of the way is left out.
import type * as ChildProcesses from 'node:child_process';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { WebSocket } from 'ws';
import type { CallResult } from '../contract/client.ts';
import type { CommandName } from '../contract/commands.ts';
import type { ApprovalId } from '../contract/ids.ts';
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
  const answered = await allow(approval);
  await waitFor(session.client, ({ tasks }) => {
    const state = tasks[task.id]?.state ?? '';
    if (state === 'failed' || state === 'cancelled') throw new Error(`the task is ${state}`);
    return state === 'done';
  });
  return { seen, answered };
}

/** The same for an agent that a client of the ACP remote has started, on one connection. */
async function remoteClient(): Promise<() => Promise<{ seen: number; answered: number }>> {
  value(await host.owner.call('remote.serve', { agents: ['demo'] }));
  const { token } = value(await host.owner.call('gateway.createToken', { kind: 'acp', name: 'bench' }));
  const url = await host.until(({ listeners }) => listeners.acp);
  const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
  await new Promise((opened) => socket.once('open', opened));
  let id = 0;
  const ask = (method: string, params: object) => {
    id += 1;
    const own = id;
    const answer = new Promise<Record<string, unknown>>((resolve) => {
      socket.on('message', function look(data: Buffer) {
        const message = JSON.parse(data.toString()) as { id?: number; result?: Record<string, unknown> };
        if (message.id !== own || message.result === undefined) return;
        socket.off('message', look);
        resolve(message.result);
      });
    });
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: own, method, params }));
    return answer;
  };
  await ask('initialize', { protocolVersion: 1, clientCapabilities: {} });
  return async () => {
    counter += 1;
    // A session may ask so often in an hour, and no more.
    const { sessionId } = await ask('session/new', { cwd: repository, mcpServers: [] });
    const next = waitFor(session.client, ({ approvals }) =>
      Object.values(approvals).find((one) => one.state === 'pending'),
    ).then((approval) => ({ approval, at: performance.now() }));
    const text = `In README.md replace "words ${counter - 1}" with "words ${counter}"`;
    const over = ask('session/prompt', { sessionId, prompt: [{ type: 'text', text }] });
    const { approval, at } = await next;
    const seen = at - askedAt;
    const answered = await allow(approval);
    await over;
    return { seen, answered };
  };
}

async function allow(approval: { id: ApprovalId; actionHash: string }): Promise<number> {
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
  return (await went) - pressed;
}

async function measure(one: () => Promise<{ seen: number; answered: number }>) {
  await one();
  const runs: { seen: number; answered: number }[][] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const seen = [];
    for (let index = 0; index < APPROVALS; index += 1) seen.push(await one());
    runs.push(seen);
  }
  return runs;
}

const ofTasks = await measure(once);
const ofRemote = await measure(await remoteClient());
await cleanUp();

const peer = { name: 'limit', limit: LIMIT_MS };
const lines = (
  what: string,
  runs: readonly { seen: number; answered: number }[][],
): Parameters<typeof report>[1][number][] =>
  (['seen', 'answered'] as const).flatMap((step) =>
    [0.5, 0.95].map((part) => ({
      what: `${what}: ${step === 'seen' ? 'asked to seen on the phone' : 'answered to agent goes on'}, p${part * 100}`,
      unit: 'ms',
      ours: spread(
        runs.map((run) =>
          quantile(
            run.map((one) => one[step]),
            part,
          ),
        ),
      ),
      peer,
      goal: 1,
      better: 'less' as const,
    })),
  );
report('approval', [...lines('task', ofTasks), ...lines('ACP remote', ofRemote)], {
  approvalsPerRun: APPROVALS,
});
process.exit(0);
