import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CommandName, InputOf, OutputOf } from '../contract/commands.ts';
import { startTestHost, temporaryRepository, type TestHost } from './testing/test-host.ts';
import { temporaryFolder } from './testing/temporary.ts';

/** An agent that does with the MCP servers of its session what agents do: it asks them for their tools and uses one. */
const AGENT = `
import { createInterface } from 'node:readline';
import { existsSync, watch } from 'node:fs';
let loggedIn = process.argv[2] !== '--wants-login';
let servers = [];
let cwd = '';
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
async function rpc({ url, headers }, method, params, session) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-06-18',
      ...(session && { 'mcp-session-id': session }),
      ...Object.fromEntries(headers.map(({ name, value }) => [name, value])),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
  const text = await answer.text();
  const line = text.startsWith('{') ? text : (text.split('\\n').find((one) => one.startsWith('data: ')) ?? '').slice(6);
  return { status: answer.status, session: answer.headers.get('mcp-session-id'), body: line === '' ? null : JSON.parse(line) };
}
async function useBridge() {
  if (servers.length === 0) return 'no server';
  const clientInfo = { name: 'agent', version: '1' };
  const opened = await rpc(servers[0], 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
  const listed = await rpc(servers[0], 'tools/list', {}, opened.session);
  const read = await rpc(servers[0], 'tools/call', { name: 'read', arguments: { path: 'README.md' } }, opened.session);
  return JSON.stringify({
    name: servers[0].name,
    type: servers[0].type,
    status: listed.status,
    tools: listed.body.result.tools.map(({ name }) => name),
    read: read.body,
  });
}
/** Its turn goes on until there is a file that says so. */
const allowedToEnd = () =>
  new Promise((resolve) => {
    const watcher = watch(cwd, look);
    function look() {
      if (!existsSync(cwd + '/go')) return;
      watcher.close();
      resolve();
    }
    look();
  });
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'initialize') {
    const authMethods = [{ id: 'chat', name: 'Chat' }, { id: 'my-api-key', name: 'Key' }];
    send({ id, result: { protocolVersion: 1, authMethods, agentCapabilities: { mcpCapabilities: { http: true } } } });
  }
  if (method === 'authenticate') {
    loggedIn = params.methodId === 'my-api-key' && process.env.MY_API_KEY === 'kept-0123456789';
    send({ id, result: {} });
  } else if (method === 'session/new' && !loggedIn) {
    send({ id, error: { code: -32000, message: 'Authentication required' } });
  } else if (method === 'session/new') {
    ({ mcpServers: servers, cwd } = params);
    send({ id, result: { sessionId: 's1' } });
  }
  if (method === 'session/prompt') {
    const key = process.env.MY_API_KEY;
    const text = key ? 'my key is ' + key + ' and no other' : await useBridge().catch((error) => 'failed: ' + error.message);
    const content = { type: 'text', text };
    send({ method: 'session/update', params: { sessionId: 's1', update: { sessionUpdate: 'agent_message_chunk', content } } });
    await allowedToEnd();
    send({ id, result: { stopReason: 'end_turn' } });
  }
});
`;

async function call<N extends CommandName>(host: TestHost, name: N, input: InputOf<N>): Promise<OutputOf<N>> {
  const result = await host.owner.call(name, input);
  if (!result.ok) throw new Error(`${name}: ${result.error.message}`);
  return result.value;
}

async function withAgent(...args: string[]) {
  const host = await startTestHost();
  const folder = temporaryRepository({ 'README.md': 'the words of the workspace\n' });
  const script = join(temporaryFolder('agent'), 'agent.mjs');
  writeFileSync(script, AGENT);
  const workspace = await call(host, 'workspaces.add', { path: folder });
  await call(host, 'agents.add', { name: 'mine', argv: [process.execPath, script, ...args] });
  return { host, folder, workspace };
}

async function submit(host: TestHost, workspace: string, mode: 'read' | 'ask') {
  const key = `handover-${mode}-${workspace}`.slice(0, 60);
  return call(host, 'tasks.submit', { agent: 'mine', workspace, mode, text: 'use it', idempotencyKey: key });
}

test('an agent uses the bridge with the token of its task; with the task the token is gone', async () => {
  const { host, folder, workspace } = await withAgent();
  await call(host, 'agents.configure', { name: 'mine', mcp: true });
  const task = await submit(host, workspace.id, 'ask');
  const token = await host.until((state) =>
    Object.values(state.tokens).find(({ agent }) => agent === 'mine'),
  );
  expect(token).toMatchObject({ workspaceId: workspace.id, state: 'active', kind: 'mcp' });
  expect(token.name).toContain(task.id);
  const session = await host.until((state) =>
    Object.values(state.sessions).find(({ agent }) => agent === 'mine'),
  );
  const said = async (): Promise<string> => {
    const page = await call(host, 'sessions.timeline', { sessionId: session.id });
    return page.entries.flatMap((entry) => (entry.kind === 'message' ? [entry.text] : [])).join('');
  };
  await expect.poll(said, { timeout: 10_000 }).toContain('the words of the workspace');
  for (const part of ['"name":"signalbox"', '"type":"http"', '"status":200', '"read"']) {
    expect(await said()).toContain(part);
  }
  expect(existsSync(join(folder, 'go'))).toBe(false);
  writeFileSync(join(folder, 'go'), '');
  await host.until((state) => state.tasks[task.id]?.state === 'done');
  await host.until((state) => Object.values(state.tokens).every(({ agent }) => agent === undefined));
  expect((await call(host, 'gateway.listTokens', { kind: 'mcp' })).tokens).toEqual([]);
});

test('an agent that the owner has not said it of gets no bridge', async () => {
  const { host, folder, workspace } = await withAgent();
  writeFileSync(join(folder, 'go'), '');
  const task = await submit(host, workspace.id, 'read');
  const done = await host.until((state) => {
    const now = state.tasks[task.id];
    return now?.state === 'done' ? now : null;
  });
  expect(done.summary).toContain('no server');
});

test('a cancelled task takes the token of its agent with it', async () => {
  const { host, workspace } = await withAgent();
  await call(host, 'agents.configure', { name: 'mine', mcp: true });
  const task = await submit(host, workspace.id, 'ask');
  await host.until((state) => Object.values(state.tokens).find(({ agent }) => agent === 'mine'));
  await call(host, 'tasks.cancel', { taskId: task.id });
  await host.until((state) => state.tasks[task.id]?.state === 'cancelled');
  await host.until((state) => Object.keys(state.tokens).length === 0);
});

test('an agent that wants a login is told to use the key that is kept for it, and cannot say it to anybody', async () => {
  const { host, folder, workspace } = await withAgent('--wants-login');
  writeFileSync(join(folder, 'go'), '');
  const without = await submit(host, workspace.id, 'read');
  const failed = await host.until((state) => {
    const now = state.tasks[without.id];
    return now?.state === 'failed' ? now : null;
  });
  expect(failed.reason).toContain('needs a login');
  await call(host, 'agents.login', { name: 'mine', variable: 'MY_API_KEY', key: 'kept-0123456789' });
  const task = await submit(host, workspace.id, 'ask');
  const done = await host.until((state) => {
    const now = state.tasks[task.id];
    return now?.state === 'done' ? now : null;
  });
  expect(done.summary).toContain('my key is');
  const { sessions } = host.host.store.state;
  const pages = await Promise.all(
    Object.values(sessions).map(({ id }) => call(host, 'sessions.timeline', { sessionId: id })),
  );
  expect(JSON.stringify(pages)).toContain('and no other');
  expect(JSON.stringify([host.host.store.state, pages])).not.toContain('kept-0123456789');
});
