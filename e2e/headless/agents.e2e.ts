import { methods, type ClientContext } from '@agentclientprotocol/sdk';
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Task } from '../../contract/tasks.ts';
import type { TestPhone } from '../../main/testing/test-phone.ts';
import {
  converse,
  overHttp,
  overMirror,
  overWebSocket,
  type Heard,
  type Way,
} from '../support/acp-clients.ts';
import { connectPhone, pairPhone, valueOf, type ApprovingPhone } from '../support/approving-phone.ts';
import { tempFolder, tempHome, tempRepository, type TempFolder } from '../support/folders.ts';
import { freePort } from '../support/free-port.ts';
import { cacheFolder } from '../support/npm-agent.ts';
import { descendants, groupMembers } from '../support/process-tree.ts';
import { askCli } from '../support/run-cli.ts';
import {
  COMMAND_WAS_RUN,
  startScriptedModel,
  WAITING,
  type ScriptedModel,
} from '../support/scripted-model.ts';
import { serve, type Served } from '../support/serve.ts';
import { codex, thirdPartyAgents } from '../support/third-party-agents.ts';
import { until } from '../support/until.ts';

// Agents that others wrote and released, each over every way there is to them. Only the model behind them is ours, as
// there is no other here; every permission is given by a phone. Agents race with their own notices, so what came about
// is asserted, never the exact row of updates.
/** Some agents take their time, the more so beside other tests. */
const SLOW_MS = 60_000;
const WORK = join(cacheFolder(), 'work');
let folders: TempFolder[] = [];
let home: string;
let repository: string;
let model: ScriptedModel;
let host: Served;
let paired: TestPhone;
let token: string;
let tokenFile: string;
let answers = 0;

function kept(folder: TempFolder): string {
  folders.push(folder);
  return folder.path;
}

beforeAll(async () => {
  const programs = [];
  for (const agent of thirdPartyAgents) programs.push(await agent.install());
  model = await startScriptedModel();
  home = kept(tempHome(`listeners:\n  acp: ${await freePort()}\n`));
  // Codex makes no sandbox for what lies among temporary files.
  repository = kept(tempRepository({ 'README.md': '# Hello\n' }, WORK));
  host = await serve(home);
  await askCli(home, ['workspace', 'add', repository, '--name', 'site']);
  for (const [at, agent] of thirdPartyAgents.entries()) {
    const own = kept(tempFolder(agent.name, WORK));
    const { argv, env } = agent.prepare({
      ...{ program: programs[at] ?? '', home: own },
      ...{ model: model.origin, folder: repository },
    });
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const command = [realpathSync('/usr/bin/env'), ...settings, ...argv];
    await askCli(home, ['agents', 'add', agent.name, '--title', agent.label, '--', ...command]);
  }
  await askCli(home, ['acp', 'serve', ...thirdPartyAgents.map(({ name }) => name)]);
  ({ token } = await askCli<{ token: string }>(home, ['acp', 'token', 'create']));
  tokenFile = join(kept(tempFolder('token')), 'token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  paired = await pairPhone(home);
}, 600_000);

afterAll(async () => {
  await host?.dispose();
  await model?.close();
  for (const folder of folders) folder.remove();
  folders = [];
});

const phone = () => connectPhone(paired, () => (answers += 1));

/** What a way took, in milliseconds. */
interface Figures {
  ready: number;
  turn: number;
  load: number;
  cancel: number;
}

const overHttpMirror = [
  'a client on stdio, through acp connect over HTTP',
  (url: string) => overMirror(url.replace(/^ws/, 'http'), { home, tokenFile }),
] as const;

describe.each(thirdPartyAgents)('$label', ({ name }) => {
  const ways: readonly (readonly [string, (url: string) => Way])[] = [
    ["the SDK's WebSocket client", (url) => overWebSocket(url, token)],
    ["the SDK's HTTP client", (url) => overHttp(url, token)],
    ['a client on stdio, through acp connect', (url) => overMirror(url, { home, tokenFile })],
    // The same way for every agent, so the one that starts fastest shows it.
    ...(name === codex.name ? [overHttpMirror] : []),
  ];

  test('a task of the host on stdio: allowed on the phone, done, listed, gone on with, cancelled', async () => {
    const file = `${name}-task.txt`;
    const on = await phone();
    const groups = new Set<number>();
    const figures = await wholeTask(on, name, file, groups);
    await noneLeft(groups);
    print(name, 'a task of the host on stdio', figures);
  });

  test.each(ways)(
    '%s: allowed on the phone, done, listed, loaded with its history, cancelled',
    async (label, open) => {
      const url = `${host.ready.acp}/${name}`;
      const file = `${name}-${label.replaceAll(/[^a-zA-Z]+/g, '-')}.txt`;
      const on = await phone();
      const groups = new Set<number>();
      const figures: Figures = { ready: 0, turn: 0, load: 0, cancel: 0 };
      let sessionId = '';
      const first = await converse(open(url), async (agent) => {
        const started = performance.now();
        await hello(agent);
        ({ sessionId } = await agent.request(methods.agent.session.new, { cwd: repository, mcpServers: [] }));
        figures.ready = performance.now() - started;
        noteGroups(groups);
        const turn = prompt(agent, sessionId, `Please make it. [[run: touch ${file}]]`);
        const approval = await Promise.race([on.approve(file), turn.then(() => null)]);
        expect(approval).toMatchObject({ action: { requester: expect.arrayContaining([`agent:${name}`]) } });
        expect((await turn).stopReason).toBe('end_turn');
        figures.turn = performance.now() - started - figures.ready;
        expect(existsSync(join(repository, file))).toBe(true);
      });
      // The host asked its people, not whoever was connected.
      expect(first.asked).toBe(0);
      await converse(open(url), async (agent, heard) => {
        await hello(agent);
        const { sessions } = await agent.request(methods.agent.session.list, { cwd: repository });
        expect(sessions.map((one) => one.sessionId)).toContain(sessionId);
        const started = performance.now();
        await agent.request(methods.agent.session.load, { sessionId, cwd: repository, mcpServers: [] });
        await until(
          'the history is told',
          () => heard.text.includes(file) && heard.text.includes(COMMAND_WAS_RUN),
        );
        figures.load = performance.now() - started;
        noteGroups(groups);
        figures.cancel = await cancelled(agent, sessionId, heard);
      });
      await noneLeft(groups);
      print(name, label, figures);
    },
  );
});

test('a session of a client on stdio outlives a restart of the host, through acp connect', async () => {
  const url = `${host.ready.acp}/${codex.name}`;
  const on = await phone();
  await converse(overMirror(url, { home, tokenFile, mayReconnect: true }), async (agent, heard) => {
    await hello(agent);
    const { sessionId } = await agent.request(methods.agent.session.new, { cwd: repository, mcpServers: [] });
    await Promise.all([on.approve('before.txt'), prompt(agent, sessionId, '[[run: touch before.txt]]')]);
    const turn = prompt(agent, sessionId, 'Take your time. [[wait]]');
    await until('the model speaks', () => heard.text.includes(WAITING), SLOW_MS);
    const started = performance.now();
    await host.stop();
    await expect(turn).rejects.toMatchObject({ data: { reason: 'connection_lost' } });
    host = await serve(home);
    const again = await phone();
    const next = prompt(agent, sessionId, 'And now? [[run: touch after.txt]]');
    await again.approve('after.txt');
    expect((await next).stopReason).toBe('end_turn');
    const took = Math.round(performance.now() - started);
    process.stdout.write(
      `codex, acp connect: went on with its session ${took} ms after the host was stopped\n`,
    );
  });
  expect(existsSync(join(repository, 'after.txt'))).toBe(true);
  await until('no agent is left', () => descendants(host.pid).length === 0);
});

const hello = (agent: ClientContext) =>
  agent.request(methods.agent.initialize, { protocolVersion: 1, clientCapabilities: {} });

const prompt = (agent: ClientContext, sessionId: string, text: string) =>
  agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text }] });

/** Cancels a turn in the middle of an answer of the model. @returns how long the agent took to stop */
async function cancelled(agent: ClientContext, sessionId: string, heard: Heard): Promise<number> {
  const turn = prompt(agent, sessionId, 'Take your time. [[wait]]');
  await until('the model speaks', () => heard.text.includes(WAITING), SLOW_MS);
  const started = performance.now();
  await agent.notify(methods.agent.session.cancel, { sessionId });
  expect((await turn).stopReason).toBe('cancelled');
  return performance.now() - started;
}

function noteGroups(groups: Set<number>): void {
  const running = descendants(host.pid);
  expect(running.length).toBeGreaterThan(0);
  for (const { group } of running) groups.add(group);
}

async function noneLeft(groups: ReadonlySet<number>): Promise<void> {
  expect(groups.size).toBeGreaterThan(0);
  await until('no process of the agent is left', () => groupMembers(groups).length === 0);
  await until('nobody listens to the model any more', () => model.waiting() === 0);
  expect(descendants(host.pid)).toEqual([]);
}

async function wholeTask(
  on: ApprovingPhone,
  agent: string,
  file: string,
  groups: Set<number>,
): Promise<Figures> {
  const { client } = on.session;
  const submit = async (text: string, more: object = {}) =>
    valueOf(
      await client.call('tasks.submit', {
        ...{ agent, workspace: repository, mode: 'ask' as const, text, budget: {} },
        ...{ idempotencyKey: `${agent}-${text.length}-${performance.now()}`.replaceAll('.', '-'), ...more },
      }),
    );
  const ended = (id: string) =>
    on.see('the task ends', ({ tasks }) => {
      const task = tasks[id];
      return task && !['queued', 'running', 'waiting'].includes(task.state) ? task : null;
    });
  let started = performance.now();
  const first = await submit(`Please make it. [[run: touch ${file}]]`);
  await on.approve(file);
  noteGroups(groups);
  const done = await ended(first.id);
  expect(done).toMatchObject({ state: 'done' });
  const turn = performance.now() - started;
  expect(existsSync(join(repository, file))).toBe(true);
  const sessionId = sessionOf(done);
  const { sessions } = valueOf(await client.call('sessions.list', { agent, limit: 100 }));
  expect(sessions.map(({ id }) => id)).toContain(sessionId);

  // Going on with the session is a new process of the agent, which loads it.
  started = performance.now();
  const second = await submit(`Once more. [[run: touch again-${file}]]`, { session: sessionId });
  await on.approve(`again-${file}`);
  noteGroups(groups);
  expect(await ended(second.id)).toMatchObject({ state: 'done', sessionId });
  expect(existsSync(join(repository, `again-${file}`))).toBe(true);
  const load = performance.now() - started;

  const third = await submit('Take your time. [[wait]]', { session: sessionId });
  await until('the model speaks', () => model.waiting() === 1, SLOW_MS);
  noteGroups(groups);
  started = performance.now();
  valueOf(await client.call('tasks.cancel', { taskId: third.id }));
  expect(await ended(third.id)).toMatchObject({ state: 'cancelled' });
  return { ready: 0, turn, load, cancel: performance.now() - started };
}

function sessionOf(task: Task) {
  if (!('sessionId' in task) || task.sessionId === null) throw new Error('the task has no session');
  return task.sessionId;
}

function print(agent: string, way: string, { ready, turn, load, cancel }: Figures): void {
  const ms = (value: number) => `${Math.round(value)} ms`;
  const start = ready === 0 ? '' : `session after ${ms(ready)}, `;
  process.stdout.write(
    `${agent}, ${way}: ${start}turn with permission ${ms(turn)}, loaded ${ms(load)}, cancelled ${ms(cancel)}, 0 processes left\n`,
  );
}
