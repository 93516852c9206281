import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256Hex } from '../../../contract/action.ts';
import { WorkspaceId } from '../../../contract/ids.ts';
import { mcpCaller, ownerCaller, type Caller } from '../../kernel/caller.ts';
import { handClock, testBridge, type TestBridge } from './fakes.ts';

const CALLERS: Record<string, Caller> = {
  read: mcpCaller('read', 'read', null),
  exec: mcpCaller('exec', 'exec', null),
  other: mcpCaller('other', 'exec', null),
  pinned: mcpCaller('pinned', 'exec', WorkspaceId.parse('w1')),
};
const READING = ['list', 'open_workspace', 'read', 'search'];
const SHOWING = [...READING, 'process_log', 'processes', 'search_process_logs', 'show_changes'];

let bridge: TestBridge;
let server: Server;
let url: string;
let callers: Record<string, Caller>;
const clients: Client[] = [];
const clock = handClock();

/** The gateway in small: a bearer token names a caller. */
beforeEach(async () => {
  bridge = testBridge({ clock });
  bridge.modes = { tools: 'standard', write: 'workspace', bash: 'full' };
  bridge.put('a.txt', 'one\n');
  callers = { ...CALLERS };
  server = createServer((request, response) => {
    const caller = callers[(request.headers.authorization ?? '').replace('Bearer ', '')];
    if (caller === undefined) return void response.writeHead(401).end();
    void bridge.bridge.mcpHttp.handle(request, response, caller);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await bridge.close();
  server.closeAllConnections();
  server.close();
});

async function connect(token: string, mode: 'legacy' | 'auto' = 'legacy') {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
  });
  await client.connect(transport);
  clients.push(client);
  return { client, transport };
}

const namesFor = async (client: Client): Promise<string[]> =>
  (await client.listTools()).tools.map(({ name }) => name).sort();

function post(token: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'raw', version: '1' } },
};
const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list', params: {} };

async function openSession(token: string): Promise<string> {
  const response = await post(token, INITIALIZE);
  await response.text();
  return response.headers.get('mcp-session-id') ?? '';
}

test.each(['legacy', 'auto'] as const)('a client of the %s revision lists and calls tools', async (mode) => {
  const { client, transport } = await connect('exec', mode);
  expect(await namesFor(client)).toEqual(['bash', 'control_process', 'edit', ...SHOWING, 'write'].sort());
  expect(transport.sessionId === undefined).toBe(mode === 'auto');
  const read = await client.callTool({ name: 'read', arguments: { path: 'a.txt' } });
  expect(read.isError ?? false).toBe(false);
  expect(read.structuredContent).toEqual({
    path: 'a.txt',
    text: 'one\n',
    sha256: sha256Hex('one\n'),
    lines: 1,
    redactions: 0,
  });
  expect(read.content).toMatchObject([
    { type: 'text', text: expect.stringContaining('\n\none\n') as string },
  ]);
  const written = await client.callTool({
    name: 'write',
    arguments: { path: 'b.txt', text: 'b', baseSha256: null },
  });
  expect(written.structuredContent).toMatchObject({ path: 'b.txt', created: true });
});

test('a failed call is a result that says code and reason', async () => {
  const { client } = await connect('exec');
  const result = await client.callTool({ name: 'read', arguments: { path: '../x' } });
  expect(result).toMatchObject({
    isError: true,
    content: [
      { type: 'text', text: expect.stringMatching(/^not_permitted: .*leaves the workspace/) as string },
    ],
  });
});

test('arguments that the contract does not know are refused', async () => {
  const { client } = await connect('exec');
  const result = await client.callTool({ name: 'read', arguments: { path: 'a.txt', root: '/' } });
  expect(result.isError).toBe(true);
  expect(JSON.stringify(result)).not.toContain('one');
});

test('a pinned client is not asked for a workspace and cannot name one', async () => {
  const { client } = await connect('pinned');
  const { tools } = await client.listTools();
  for (const tool of tools) expect(tool.inputSchema.properties ?? {}).not.toHaveProperty('workspace');
  expect(
    (await client.callTool({ name: 'read', arguments: { path: 'a.txt', workspace: 'w1' } })).isError,
  ).toBe(true);
  expect((await client.callTool({ name: 'read', arguments: { path: 'a.txt' } })).isError ?? false).toBe(
    false,
  );
});

test('annotations tell the truth about reading and changing', async () => {
  const { client } = await connect('exec');
  const { tools } = await client.listTools();
  const changing = tools.filter((tool) => tool.annotations?.readOnlyHint !== true).map(({ name }) => name);
  expect(changing.sort()).toEqual(['bash', 'control_process', 'edit', 'write']);
  for (const tool of tools) expect(tool.annotations?.destructiveHint).toBe(changing.includes(tool.name));
  for (const tool of tools) expect(tool.description).not.toContain(bridge.folder);
});

test.each([
  ['read', { tools: 'full', write: 'workspace', bash: 'full' }, SHOWING],
  ['exec', { tools: 'minimal', write: 'workspace', bash: 'full' }, READING],
  ['exec', { tools: 'standard', write: 'off', bash: 'off' }, ['control_process', ...SHOWING]],
  [
    'exec',
    { tools: 'standard', write: 'handoff', bash: 'off' },
    ['control_process', 'edit', ...SHOWING, 'write'],
  ],
  ['exec', { tools: 'full', write: 'off', bash: 'safe' }, ['bash', 'control_process', ...SHOWING]],
] as const)('a %s token sees in %o exactly its tools', async (token, modes, expected) => {
  bridge.modes = { ...modes };
  expect(await namesFor((await connect(token)).client)).toEqual([...expected].sort());
  expect(await namesFor((await connect(token, 'auto')).client)).toEqual([...expected].sort());
});

test('a connected client is told when the owner changes the modes', async () => {
  const { client } = await connect('exec');
  let told = 0;
  client.setNotificationHandler('notifications/tools/list_changed', () => void (told += 1));
  // The client opens the stream for notifications in the background, so the first ones may find nobody listening.
  await expect
    .poll(async () => {
      await bridge.ok(ownerCaller('cli'), 'bridge.setModes', { bash: 'safe' });
      await bridge.ok(ownerCaller('cli'), 'bridge.setModes', { write: 'off', bash: 'off' });
      return told;
    })
    .toBeGreaterThan(0);
  expect(await namesFor(client)).toEqual(['control_process', ...SHOWING].sort());
});

test('a session belongs to the token that opened it; to any other it does not exist', async () => {
  const id = await openSession('exec');
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const headers = { 'mcp-session-id': id };
  expect((await post('exec', LIST, headers)).status).toBe(200);
  const foreign = await post('other', LIST, headers);
  const unknown = await post('other', LIST, { 'mcp-session-id': '00000000-0000-4000-8000-000000000000' });
  expect([foreign.status, unknown.status]).toEqual([404, 404]);
  expect(await foreign.text()).toBe(await unknown.text());
  const ended = await fetch(url, {
    method: 'DELETE',
    headers: { authorization: 'Bearer other', ...headers },
  });
  expect(ended.status).toBe(404);
  expect((await post('exec', LIST, headers)).status).toBe(200);
});

test('a token whose rights have changed cannot go on in an old session', async () => {
  const id = await openSession('exec');
  callers['exec'] = mcpCaller('exec', 'read', null);
  expect((await post('exec', LIST, { 'mcp-session-id': id })).status).toBe(404);
});

test('a session ends when its client says so', async () => {
  const id = await openSession('exec');
  const headers = { authorization: 'Bearer exec', 'mcp-session-id': id };
  expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(200);
  expect((await post('exec', LIST, { 'mcp-session-id': id })).status).toBe(404);
});

test('a session that nobody uses for half an hour is gone; one in use is not', async () => {
  const idle = await openSession('exec');
  const used = await openSession('exec');
  clock.advance(29 * 60_000);
  await (await post('exec', LIST, { 'mcp-session-id': used })).text();
  clock.advance(2 * 60_000);
  expect((await post('exec', LIST, { 'mcp-session-id': idle })).status).toBe(404);
  expect((await post('exec', LIST, { 'mcp-session-id': used })).status).toBe(200);
});

test('one identity has at most 64 sessions: the longest idle one makes room', async () => {
  const first = await openSession('exec');
  const foreign = await openSession('other');
  clock.advance(1000);
  for (let i = 0; i < 64; i += 1) expect(await openSession('exec')).not.toBe('');
  expect((await post('exec', LIST, { 'mcp-session-id': first })).status).toBe(404);
  expect((await post('other', LIST, { 'mcp-session-id': foreign })).status).toBe(200);
});

test('ending a token ends its sessions, its streams and its waiting calls, and nobody else’s', async () => {
  const id = await openSession('exec');
  const foreign = await openSession('other');
  const stream = await fetch(url, {
    headers: { authorization: 'Bearer exec', accept: 'text/event-stream', 'mcp-session-id': id },
  });
  expect(stream.status).toBe(200);
  let asked = () => {};
  const waiting = new Promise<void>((resolve) => (asked = resolve));
  let withdrawn = false;
  bridge.approver.answer = ({ signal }) =>
    new Promise((resolve) => {
      signal?.addEventListener('abort', () => {
        withdrawn = true;
        resolve({ effect: 'deny', approvalId: null, by: 'withdrawn', reason: 'gone' });
      });
      asked();
    });
  const call = {
    jsonrpc: '2.0',
    id: 3,
    method: 'tools/call',
    params: { name: 'write', arguments: { path: 'x', text: 'x', baseSha256: null } },
  };
  const pending = post('exec', call, { 'mcp-session-id': id })
    .then((response) => response.text())
    .catch(() => 'cut');
  await waiting;
  await bridge.bridge.closeCaller('mcp:exec');
  expect(withdrawn).toBe(true);
  await stream.text().catch(() => 'cut');
  expect(await pending).not.toContain('"result"');
  expect((await post('exec', LIST, { 'mcp-session-id': id })).status).toBe(404);
  expect((await post('other', LIST, { 'mcp-session-id': foreign })).status).toBe(200);
});

test('a client of the stateless revision that hangs up withdraws its question', async () => {
  const { client } = await connect('exec', 'auto');
  const controller = new AbortController();
  const withdrawn = new Promise<void>((resolve) => {
    bridge.approver.answer = ({ signal }) =>
      new Promise((answer) => {
        signal?.addEventListener('abort', () => {
          resolve();
          answer({ effect: 'deny', approvalId: null, by: 'withdrawn', reason: 'gone' });
        });
        controller.abort();
      });
  });
  const call = client.callTool(
    { name: 'bash', arguments: { command: 'touch PWN' } },
    { signal: controller.signal },
  );
  await expect(call).rejects.toThrow();
  await withdrawn;
});

test('a client that asks for progress hears that its call still waits', async () => {
  const { client } = await connect('exec');
  const progress: string[] = [];
  bridge.approver.answer = async () => {
    clock.advance(10_000);
    await expect.poll(() => progress.length).toBeGreaterThan(0);
    return 'allow';
  };
  await client.callTool(
    { name: 'write', arguments: { path: 'p.txt', text: 'x', baseSha256: null } },
    { onprogress: ({ message }) => progress.push(message ?? '') },
  );
  expect(progress[0]).toContain('waiting for the owner');
});

test('bodies that are too long, not JSON or not declared as JSON are refused', async () => {
  const long = JSON.stringify({ ...LIST, params: { pad: 'x'.repeat(4 * 1024 * 1024) } });
  expect((await post('exec', long)).status).toBe(413);
  expect((await post('exec', '{"jsonrpc":')).status).toBe(400);
  expect((await post('exec', LIST, { 'content-type': 'text/plain' })).status).toBe(415);
  for (const body of ['null', '[]', '1', '"x"', '[[]]', '{}']) {
    expect((await post('exec', body)).status).toBeGreaterThanOrEqual(400);
  }
  expect((await post('exec', LIST)).status).toBe(200);
});

test('a chunked body is cut at the limit', async () => {
  const chunk = new Uint8Array(1024 * 1024).fill(0x20);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if ((sent += 1) > 8) controller.close();
      else controller.enqueue(chunk);
    },
  });
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: 'Bearer exec', 'content-type': 'application/json' },
    body,
    duplex: 'half',
  }).catch(() => null);
  expect(response?.status ?? 413).toBe(413);
});

test('a stream or an end without a session is harmless', async () => {
  const headers = { authorization: 'Bearer exec', accept: 'text/event-stream' };
  expect((await fetch(url, { headers })).status).toBe(405);
  expect((await fetch(url, { method: 'DELETE', headers })).status).toBe(405);
});

test('a stopped bridge answers that it is stopping', async () => {
  await bridge.bridge.stop();
  expect((await post('exec', LIST)).status).toBe(503);
});

test('the self-test calls the bridge over HTTP and gives its token back', async () => {
  let revoked = 0;
  bridge.testAccess = {
    mcpUrl: () => url,
    mintTestToken: () => Promise.resolve({ token: 'read', revoke: async () => void (revoked += 1) }),
  };
  const result = await bridge.ok(ownerCaller('desktop'), 'bridge.selfTest', {});
  expect(result.tools.sort()).toEqual([...SHOWING].sort());
  bridge.testAccess = {
    ...bridge.testAccess,
    mintTestToken: () => Promise.resolve({ token: 'wrong', revoke: async () => void (revoked += 1) }),
  };
  expect(await bridge.call(ownerCaller('desktop'), 'bridge.selfTest', {})).toMatchObject({
    ok: false,
    error: { code: 'unavailable', message: 'initialize: the bridge answered HTTP 401' },
  });
  expect(revoked).toBe(2);
});
