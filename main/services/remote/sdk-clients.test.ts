import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { client, methods, type Stream } from '@agentclientprotocol/sdk';
import { createHttpStream } from '@agentclientprotocol/sdk/experimental/http-client';
import { createWebSocketStream } from '@agentclientprotocol/sdk/experimental/ws-client';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startRemoteBench } from '../../testing/remote-bench.ts';

type WebSocketOption = NonNullable<NonNullable<Parameters<typeof createWebSocketStream>[1]>['WebSocket']>;

const transports: [string, (at: string) => Stream][] = [
  [
    'WebSocket',
    (at) => createWebSocketStream(`ws://${at}/acp`, { WebSocket: WebSocket as unknown as WebSocketOption }),
  ],
  ['HTTP', (at) => createHttpStream(`http://${at}/acp/demo`)],
];

/** What somebody else's client does with the agent, from the greeting to the end of its turn. */
async function converse(stream: Stream, cwd: string, text: string) {
  const seen: string[] = [];
  return client({ name: 'sdk' })
    .onNotification(
      methods.client.session.update,
      ({ params }) => void seen.push(params.update.sessionUpdate),
    )
    .onRequest(methods.client.fs.readTextFile, ({ params }) => ({
      content: readFileSync(params.path, 'utf8'),
    }))
    .onRequest(methods.client.fs.writeTextFile, ({ params }) => {
      writeFileSync(params.path, params.content);
      return {};
    })
    .onRequest(methods.client.session.requestPermission, () => ({
      outcome: { outcome: 'cancelled' as const },
    }))
    .connectWith(stream, async (peer) => {
      const greeting = await peer.request(methods.agent.initialize, {
        protocolVersion: 1,
        clientCapabilities: { fs: { readTextFile: true, writeTextFile: true } },
      });
      const { sessionId } = await peer.request(methods.agent.session.new, { cwd, mcpServers: [] });
      const prompt = [{ type: 'text' as const, text }];
      const { stopReason } = await peer.request<{ stopReason: string }>(methods.agent.session.prompt, {
        sessionId,
        prompt,
      });
      return { version: greeting.protocolVersion, stopReason, seen };
    });
}

test.each(transports)(
  'the %s client of the SDK writes a file by way of the host’s approval',
  async (_name, open) => {
    const bench = await startRemoteBench();
    bench.approver.says = 'allow';
    const done = await converse(open(bench.at), bench.workspace, 'create hello.txt with greetings');
    expect(done).toMatchObject({ version: 1, stopReason: 'end_turn' });
    expect(done.seen).toEqual(
      expect.arrayContaining(['tool_call', 'tool_call_update', 'agent_message_chunk']),
    );
    expect(readFileSync(join(bench.workspace, 'hello.txt'), 'utf8')).toContain('greetings');
    expect(bench.approver.executed).toEqual(['fs.write']);
    await expect.poll(bench.alive, { timeout: 8000 }).toBe(0);
    // The last of the agent's processes is gone a moment before its end is on record.
    await expect
      .poll(() => bench.audit.entries.map(({ type }) => type))
      .toEqual(['acp.opened', 'acp.closed']);
  },
);
