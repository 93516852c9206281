import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { client, methods } from '@agentclientprotocol/sdk';
import { createHttpStream } from '@agentclientprotocol/sdk/experimental/http-client';
import { WebSocket } from 'ws';
import { initialize, message, prompt, type Message } from './testing/remote-bench.ts';
import { startTestHost, temporaryRepository } from './testing/test-host.ts';

async function served(config = 'remote:\n  agents: [demo]\n') {
  const host = await startTestHost({ config });
  const repository = temporaryRepository({ 'README.md': 'old words\n' });
  await host.owner.call('workspaces.add', { path: repository, name: 'demo' });
  const made = await host.owner.call('gateway.createToken', { kind: 'acp', name: 'editor' });
  if (!made.ok) throw new Error(made.error.message);
  const url = await host.until(({ listeners }) => listeners.acp);
  const headers = { authorization: `Bearer ${made.value.token}` };
  const http = url.replace('ws:', 'http:');
  return { host, repository, url, http, headers, tokenId: made.value.info.id };
}

test('the agent of a remote client asks the host, whose approval lets it go on', async () => {
  const { host, repository, url, headers, tokenId } = await served();
  const socket = new WebSocket(url, { headers });
  const seen: Message[] = [];
  socket.on('message', (data: Buffer) => seen.push(JSON.parse(data.toString()) as Message));
  const done = message(socket, (m) => m.id === 3 && m.method === undefined);
  await prompt(socket, repository, 'In README.md replace "old words" with "new words"');
  const approval = await host.until(({ approvals }) =>
    Object.values(approvals).find(({ state }) => state === 'pending'),
  );
  expect(approval).toMatchObject({ title: 'demo wants to change README.md' });
  const facts = { approvalId: approval.id, actionHash: approval.actionHash } as const;
  const decided = await host.owner.call('approvals.decide', { ...facts, decision: 'allow', scope: 'once' });
  expect(decided.ok).toBe(true);
  expect((await done).result).toEqual({ stopReason: 'end_turn' });
  expect(readFileSync(join(repository, 'README.md'), 'utf8')).toBe('new words\n');
  expect(seen.map(({ method }) => method)).not.toContain('session/request_permission');
  await host.until(({ approvals }) => approvals[approval.id]?.state === 'done');
  await host.owner.call('gateway.revokeToken', { tokenId });
  await host.until(({ remote }) => remote.connections.length === 0);
});

test('where the owner has left the answers to the client, it answers what the rules leave open and nothing else', async () => {
  const rule = '{id: not-the-readme, effect: deny, when: {pathAny: ["README.md"]}}';
  const { host, repository, url, headers } = await served(
    `remote:\n  agents: [demo]\n  permissions: client\npolicy:\n  rules:\n    - ${rule}\n`,
  );
  expect(await host.until(({ remote }) => remote.permissions)).toBe('client');
  const records = await host.owner.call('audit.tail', {});
  expect(JSON.stringify(records)).toContain('"acp.permissions"');
  const ask = async (text: string) => {
    const socket = new WebSocket(url, { headers });
    const asked: Message[] = [];
    socket.on('message', (data: Buffer) => {
      const one = JSON.parse(data.toString()) as Message;
      if (one.method !== 'session/request_permission') return;
      asked.push(one);
      const outcome = { outcome: 'selected', optionId: 'allow-once' };
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: one.id, result: { outcome } }));
    });
    const done = message(socket, (m) => m.id === 3 && m.method === undefined);
    await prompt(socket, repository, text);
    expect((await done).result).toEqual({ stopReason: 'end_turn' });
    socket.close();
    return asked.length;
  };
  expect(await ask('Create other.txt with "by the client"')).toBe(1);
  expect(readFileSync(join(repository, 'other.txt'), 'utf8')).toContain('by the client');
  expect(await ask('In README.md replace "old words" with "new words"')).toBe(0);
  expect(readFileSync(join(repository, 'README.md'), 'utf8')).toBe('old words\n');
  expect(host.host.store.state.approvals).toEqual({});
});

test('HTTP needs the token before the body, Host and Origin of this machine, and ends when the token is revoked', async () => {
  const { host, http, headers, tokenId } = await served();
  const mcp = await host.owner.call('gateway.createToken', { kind: 'mcp', name: 'other' });
  const post = async (more: Record<string, string>, path = '') =>
    (
      await fetch(`${http}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...more },
        body: initialize,
      })
    ).status;
  expect(await post({})).toBe(401);
  expect(await post({ authorization: `Bearer ${mcp.ok ? mcp.value.token : ''}` })).toBe(401);
  expect(await post({ ...headers, origin: 'https://evil.example' })).toBe(403);
  expect(await post({ ...headers, 'x-forwarded-for': '10.0.0.1' })).toBe(403);
  expect(await post(headers, '/other')).toBe(404);
  expect(await host.until(({ remote }) => remote.connections.length === 0)).toBe(true);
  expect(await post(headers)).toBe(200);
  await host.until(({ remote }) => remote.connections[0]?.transport === 'http');
  await host.owner.call('gateway.revokeToken', { tokenId });
  await host.until(({ remote }) => remote.connections.length === 0);
  expect(await post(headers)).toBe(401);
});

test('the HTTP client of the SDK completes a prompt through the whole host', async () => {
  const { host, repository, http, headers } = await served();
  const text = 'In README.md replace "old words" with "other words"';
  const turn = client({ name: 'sdk' })
    .onNotification(methods.client.session.update, () => {})
    .connectWith(createHttpStream(`${http}/demo`, { headers }), async (agent) => {
      await agent.request(methods.agent.initialize, { protocolVersion: 1, clientCapabilities: {} });
      const { sessionId } = await agent.request(methods.agent.session.new, {
        cwd: repository,
        mcpServers: [],
      });
      const prompt = [{ type: 'text' as const, text }];
      return agent.request<{ stopReason: string }>(methods.agent.session.prompt, { sessionId, prompt });
    });
  const { id: approvalId, actionHash } = await host.until(({ approvals }) =>
    Object.values(approvals).find(({ state }) => state === 'pending'),
  );
  await host.owner.call('approvals.decide', { approvalId, actionHash, decision: 'allow', scope: 'once' });
  expect(await turn).toMatchObject({ stopReason: 'end_turn' });
  expect(readFileSync(join(repository, 'README.md'), 'utf8')).toBe('other words\n');
  await host.until(({ remote }) => remote.connections.length === 0);
});
