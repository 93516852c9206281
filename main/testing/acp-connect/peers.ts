import { client, methods, ndJsonStream, type ClientContext } from '@agentclientprotocol/sdk';
import {
  createNodeHttpHandler,
  createNodeWebSocketUpgradeHandler,
} from '@agentclientprotocol/sdk/experimental/node';
import { AcpServer } from '@agentclientprotocol/sdk/experimental/server';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { expect, onTestFinished, vi } from 'vitest';
import { WebSocketServer, type WebSocket } from 'ws';
import { agentWorld, testAgent, type AgentWorld } from './test-agent.ts';

/** The program, with its streams in the hands of the test. */
export interface Mirror {
  readonly child: ChildProcessWithoutNullStreams;
  readonly stderr: () => string;
  readonly exited: Promise<number | null>;
}

interface TestServer {
  readonly address: (transport: 'ws' | 'http') => string;
  readonly world: AgentWorld;
  /** Cuts every connection, as a lost network does. */
  cut(): void;
  readonly requests: IncomingMessage[];
}

/** A server of this machine that ends with the test. */
export async function listen(
  handler: RequestListener,
  upgrade?: Parameters<typeof onUpgrade>[1],
): Promise<{ port: number; cut(): void }> {
  const server = createServer(handler);
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  if (upgrade) onUpgrade(server, upgrade);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => sockets.forEach((socket) => socket.destroy());
  onTestFinished(() => {
    cut();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, cut };
}

function onUpgrade(
  server: ReturnType<typeof createServer>,
  take: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
): void {
  server.on('upgrade', (request, socket, head) => take(request, socket as Socket, head));
}

/** The SDK's own server, over both transports. */
export async function sdkServer(): Promise<TestServer> {
  const world = agentWorld();
  const acp = new AcpServer({ createAgent: () => testAgent(world) });
  const requests: IncomingMessage[] = [];
  const handle = createNodeHttpHandler(acp);
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const upgrade = createNodeWebSocketUpgradeHandler(acp, sockets);
  const { port, cut } = await listen((request, response) => {
    requests.push(request);
    handle(request, response);
  }, upgrade);
  onTestFinished(() => acp.close());
  return { address: (transport) => `${transport}://127.0.0.1:${port}/acp`, world, cut, requests };
}

/** A client on stdio, as an editor has it. */
export async function converse(
  mirror: Mirror,
  talk: (agent: ClientContext, heard: string[]) => Promise<void>,
): Promise<void> {
  const { child } = mirror;
  const heard: string[] = [];
  const output = Readable.toWeb(child.stdout) as ReadableStream<Uint8Array>;
  await client({ name: 'editor' })
    .onRequest(methods.client.session.requestPermission, ({ params }) => ({
      outcome: { outcome: 'selected', optionId: params.options[0]?.optionId ?? '' },
    }))
    .onRequest(methods.client.fs.readTextFile, () => ({ content: 'from the editor' }))
    .onNotification(methods.client.session.update, ({ params: { update } }) => {
      if (update.sessionUpdate === 'agent_message_chunk' && update.content.type === 'text')
        heard.push(update.content.text);
    })
    .connectWith(
      ndJsonStream(Writable.toWeb(child.stdin) as WritableStream<Uint8Array>, output),
      async (agent) => {
        await talk(agent, heard);
      },
    );
  child.stdin.end();
}

export const hello = (agent: ClientContext) =>
  agent.request(methods.agent.initialize, {
    protocolVersion: 1,
    clientCapabilities: { fs: { readTextFile: true, writeTextFile: true } },
  });
export const newSession = (agent: ClientContext) =>
  agent.request(methods.agent.session.new, { cwd: '/editor', mcpServers: [] });
export const prompt = (agent: ClientContext, sessionId: string, text: string) =>
  agent.request(methods.agent.session.prompt, { sessionId, prompt: [{ type: 'text', text }] });

/** The bare transport, for what no well-behaved agent does. */
export async function bareServer(): Promise<{
  url: string;
  next: () => Promise<WebSocket>;
  requests: IncomingMessage[];
}> {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 64 * 1024 * 1024,
  });
  const waiting: ((socket: WebSocket) => void)[] = [];
  const requests: IncomingMessage[] = [];
  const { port } = await listen(
    (_, response) => response.end(),
    (request, socket, head) => {
      requests.push(request);
      sockets.handleUpgrade(request, socket, head, (upgraded) => waiting.shift()?.(upgraded));
    },
  );
  return {
    url: `ws://127.0.0.1:${port}/acp`,
    next: () => new Promise((resolve) => waiting.push(resolve)),
    requests,
  };
}

/** The value once it has stopped changing. */
export async function steady(read: () => number): Promise<number> {
  let last = -1;
  return vi.waitFor(
    () => {
      const value = read();
      const same = value === last;
      last = value;
      expect(same).toBe(true);
      return value;
    },
    { timeout: 10_000, interval: 400 },
  );
}
