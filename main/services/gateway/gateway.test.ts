import { connect, createServer } from 'node:net';
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket from 'ws';
import { homeLayout } from '../../kernel/home.ts';
import { startTestHost, temporaryRepository } from '../../testing/test-host.ts';

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
}

function send(
  url: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const made = request(
      url,
      { method: options.method ?? 'GET', headers: options.headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    made.on('error', reject);
    made.end(options.body);
  });
}

const initialize = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '0' } },
});
const mcpHeaders = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

async function setUp() {
  const test_ = await startTestHost();
  const { listeners } = test_.host.store.state;
  const url = (name: keyof typeof listeners) => listeners[name] ?? '';
  return { ...test_, url };
}

test('the MCP listener needs a token of its own kind, and ends it when it is revoked', async () => {
  const { owner, url } = await setUp();
  const call = (headers: Record<string, string>) =>
    send(url('mcp'), { method: 'POST', headers: { ...mcpHeaders, ...headers }, body: initialize });
  const none = await call({});
  expect(none.status).toBe(401);
  expect(none.headers['www-authenticate']).toContain('Bearer');
  const made = await owner.call('gateway.createToken', { kind: 'mcp', name: 'test' });
  const other = await owner.call('gateway.createToken', { kind: 'acp', name: 'other' });
  if (!made.ok || !other.ok) throw new Error('no token');
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  expect((await call(bearer(made.value.token))).status).toBe(200);
  expect((await call(bearer(other.value.token))).status).toBe(401);
  expect((await call(bearer(`${made.value.token.slice(0, -1)}x`))).status).toBe(401);
  expect((await call(bearer('signalbox_mcp_00000000_'.padEnd(66, 'A')))).status).toBe(401);
  expect(
    (
      await send(`${url('mcp')}?token=${made.value.token}`, {
        method: 'POST',
        headers: mcpHeaders,
        body: initialize,
      })
    ).status,
  ).toBe(401);
  await owner.call('gateway.revokeToken', { tokenId: made.value.info.id });
  expect((await call(bearer(made.value.token))).status).toBe(401);
});

test('each listener serves its own and nothing else', async () => {
  const { url } = await setUp();
  const base = (name: 'mcp' | 'companion' | 'dashboard') => new URL(url(name)).origin;
  expect((await send(`${base('mcp')}/e2e`)).status).toBe(404);
  expect((await send(`${base('mcp')}/admit`, { method: 'POST' })).status).toBe(404);
  expect(
    (await send(`${base('companion')}/mcp`, { method: 'POST', headers: mcpHeaders, body: initialize }))
      .status,
  ).toBe(404);
  expect((await send(`${base('companion')}/admit`, { method: 'POST' })).status).toBe(404);
  expect((await send(`${new URL(url('acp').replace('ws', 'http')).origin}/acp`)).status).toBe(404);
});

test('every answer carries the hardening headers', async () => {
  const { url } = await setUp();
  for (const address of [url('dashboard'), url('companion'), url('mcp')]) {
    const { headers } = await send(address);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
    });
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['server']).toBeUndefined();
  }
});

test('a browser is let in by the code that it shows, and not before', async () => {
  const { owner, url } = await setUp();
  const origin = url('dashboard');
  const asked = await send(`${origin}/admit`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Firefox' }),
  });
  const { deviceId, checkCode } = JSON.parse(asked.body) as { deviceId: string; checkCode: string };
  const setCookie = String(asked.headers['set-cookie']);
  expect(setCookie).toMatch(/HttpOnly; SameSite=Strict/);
  const cookie = setCookie.split(';')[0] ?? '';
  expect(await socketOutcome(origin, { cookie, origin })).toBe(4401);
  const decided = send(`${origin}/admit/${deviceId}`, { headers: { cookie } });
  expect(await owner.call('identity.approveDevice', { deviceId, code: checkCode })).toMatchObject({
    ok: true,
  });
  expect(JSON.parse((await decided).body)).toEqual({ state: 'admitted' });
  expect((await send(`${origin}/host`, { headers: { cookie } })).status).toBe(426);
  expect((await send(`${origin}/host`)).status).toBe(401);
  expect(await socketOutcome(origin, { cookie, origin })).toBe('open');
  expect(await socketOutcome(origin, { origin })).toBe(4401);
  expect(await socketOutcome(origin, { cookie })).toBe(403);
  expect(await socketOutcome(origin, { cookie, origin: 'http://evil.example' })).toBe(403);
  await owner.call('identity.revokeDevice', { deviceId });
  expect(await socketOutcome(origin, { cookie, origin })).toBe(4401);
});

/** How a WebSocket to the dashboard ends: `open` when it answers a subscription, else its close code or HTTP status. */
function socketOutcome(origin: string, headers: Record<string, string>): Promise<number | 'open'> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${origin.replace('http', 'ws')}/host`, { headers });
    socket.on('open', () => socket.send(JSON.stringify({ type: 'subscribe', from: null })));
    socket.on('message', () => {
      resolve('open');
      socket.close();
    });
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    socket.on('close', (code) => resolve(code));
    socket.on('error', () => {});
  });
}

test('the control socket takes a hello first, cuts off nonsense, and makes a tool client no owner', async () => {
  const { root, owner } = await setUp();
  const path = homeLayout(root, { ...process.env, XDG_RUNTIME_DIR: undefined }).controlSocket;
  const talk = (lines: unknown[]) =>
    new Promise<unknown[]>((resolve, reject) => {
      const socket = connect(path);
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString();
        if (text.trimEnd().split('\n').length >= lines.length) socket.end();
      });
      socket.on('close', () =>
        resolve(
          text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as unknown),
        ),
      );
      socket.on('error', reject);
      socket.write(
        lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
      );
    });
  const call = { type: 'call', id: 1, name: 'gateway.listTokens', input: {} };
  expect(await talk([{ hello: 1, as: 'owner' }, call])).toMatchObject([
    { hello: 1 },
    { reply: { ok: true } },
  ]);
  expect(await talk([call])).toMatchObject([{ error: { code: 'invalid_input' } }]);
  expect(await talk(['not json'])).toMatchObject([{ error: { code: 'invalid_input' } }]);
  expect(await talk([{ hello: 2, as: 'owner' }])).toMatchObject([{ error: { code: 'invalid_input' } }]);
  await owner.call('workspaces.add', { path: temporaryRepository({ 'a.txt': 'a' }), name: 'demo' });
  expect(await talk([{ hello: 1, as: 'tools', workspace: 'demo' }, call])).toMatchObject([
    { hello: 1 },
    { reply: { ok: false, error: { code: 'not_permitted' } } },
  ]);
});

test('a host that is restarted listens where its clients know it, unless somebody else does by then', async () => {
  const first = await setUp();
  const before = first.host.store.state.listeners;
  const second = await first.restart();
  expect(second.host.store.state.listeners).toEqual(before);
  const port = Number(new URL(before.mcp ?? '').port);
  await second.host.stop();
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void squatter.close());
  const third = await second.restart();
  expect(third.host.store.state.listeners.companion).toBe(before.companion);
  expect(third.host.store.state.listeners.mcp).not.toBe(before.mcp);
});
