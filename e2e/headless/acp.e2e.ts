import { client, methods } from '@agentclientprotocol/sdk';
import { createWebSocketStream } from '@agentclientprotocol/sdk/experimental/ws-client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { descendants, endGroup } from '../support/process-tree.ts';
import { askCli, hostEnv, LAUNCHER, runCli } from '../support/run-cli.ts';
import { until } from '../support/until.ts';
import { within } from '../support/within.ts';
import { testHome, testRepository, testServe } from './host-test.ts';

/** The status with which the server refuses this upgrade; 101 when it takes it. */
async function upgradeStatus(url: string, headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(url, { headers });
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  const refused = once(socket, 'unexpected-response').then(
    ([, response]) => (response as IncomingMessage).statusCode ?? 0,
  );
  return Promise.race([refused, once(socket, 'open').then(() => 101)]);
}

test('a remote client of the protocol completes a prompt with the demo agent, which ends with the connection', async () => {
  const home = testHome();
  const host = await testServe(home);
  const folder = testRepository({ 'README.md': 'old words\n' });
  const { token } = await askCli<{ token: string }>(home, ['acp', 'token', 'create']);
  const headers = { authorization: `Bearer ${token}` };
  // Nothing is served until the owner says so.
  expect(await upgradeStatus(host.ready.acp, headers)).toBe(404);
  await askCli(home, ['acp', 'serve', 'demo']);

  let asked = 0;
  let said = '';
  const stopReason = await client({ name: 'e2e' })
    .onRequest(methods.client.session.requestPermission, () => {
      asked += 1;
      return { outcome: { outcome: 'cancelled' } };
    })
    .onNotification(methods.client.session.update, ({ params: { update } }) => {
      if (update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text')
        said += update.content.text;
    })
    .connectWith(createWebSocketStream(host.ready.acp, { WebSocket, headers }), async (agent) => {
      const hello = await agent.request(methods.agent.initialize, {
        protocolVersion: 1,
        clientCapabilities: {},
      });
      expect(hello.protocolVersion).toBe(1);
      const { sessionId } = await agent.request(methods.agent.session.new, { cwd: folder, mcpServers: [] });
      const status = await askCli<{ connections: { agent: string }[] }>(home, ['acp', 'status']);
      expect(status.connections).toMatchObject([{ agent: 'demo' }]);
      expect(descendants(host.pid).some(({ command }) => command.includes('demo-agent'))).toBe(true);
      const prompt = [{ type: 'text' as const, text: 'In README.md replace "old words" with "new words"' }];
      const done = agent.request<{ stopReason: string }>(methods.agent.session.prompt, { sessionId, prompt });
      const { id } = await until('the host is asked', async () => {
        const { approvals } = await askCli<{ approvals: { id: string }[] }>(home, ['approvals', 'list']);
        return approvals[0];
      });
      await askCli(home, ['approvals', 'allow', id]);
      return (await done).stopReason;
    });
  expect(stopReason).toBe('end_turn');
  // The host was asked, and nobody else.
  expect(asked).toBe(0);
  expect(said).toContain('README.md');
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('new words\n');
  await until('the agent has ended with its connection', () => descendants(host.pid).length === 0);
});

test('without a token of the right kind no agent is reached', async () => {
  const home = testHome();
  const host = await testServe(home);
  await askCli(home, ['acp', 'serve', 'demo']);
  const mcp = await askCli<{ token: string }>(home, ['mcp', 'token', 'create']);
  const acp = await askCli<{ id: string; token: string }>(home, ['acp', 'token', 'create']);
  for (const token of ['', 'x', mcp.token, `${acp.token}x`]) {
    const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
    expect([token.slice(0, 14), await upgradeStatus(host.ready.acp, headers)]).toEqual([
      token.slice(0, 14),
      401,
    ]);
  }
  const headers = { authorization: `Bearer ${acp.token}` };
  expect(await upgradeStatus(`${host.ready.acp}/other`, headers)).not.toBe(101);
  expect(await upgradeStatus(host.ready.acp, { ...headers, origin: 'https://evil.example' })).toBe(403);
  expect(await upgradeStatus(host.ready.acp, { ...headers, host: 'evil.example' })).toBe(421);
  expect(descendants(host.pid)).toEqual([]);
  expect(await upgradeStatus(host.ready.acp, headers)).toBe(101);

  // Revoked: what is open is closed, what is new is refused.
  const socket = new WebSocket(host.ready.acp, { headers });
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await askCli(home, ['acp', 'token', 'revoke', acp.id]);
  await closed;
  expect(await upgradeStatus(host.ready.acp, headers)).toBe(401);
});

test('the command line mirrors a remote agent to stdin and stdout', async () => {
  const home = testHome();
  const host = await testServe(home);
  await askCli(home, ['acp', 'serve', 'demo']);
  const { token } = await askCli<{ token: string }>(home, ['acp', 'token', 'create']);
  const file = join(home, 'token');
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  const hello = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: 1, clientCapabilities: {} },
  };
  const wrong = await runCli(home, ['acp', 'connect', host.ready.acp], { input: '' });
  expect(wrong.code).toBe(4);

  const mirror = spawn(process.execPath, [LAUNCHER, 'acp', 'connect', host.ready.acp, '--token-file', file], {
    env: hostEnv(home),
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  onTestFinished(() => endGroup(mirror.pid, 'SIGKILL'));
  const ended = once(mirror, 'exit');
  const answer = once(createInterface({ input: mirror.stdout }), 'line');
  mirror.stdin.write(`${JSON.stringify(hello)}\n`);
  const [line] = (await within(15_000, 'the agent answers', answer)) as [string];
  expect(JSON.parse(line)).toMatchObject({ id: 1, result: { protocolVersion: 1 } });
  expect(descendants(host.pid).length).toBeGreaterThan(0);
  mirror.stdin.end();
  expect(await within(15_000, 'the mirror ends with its input', ended)).toEqual([0, null]);
  await until('no agent is left', () => descendants(host.pid).length === 0);
});
