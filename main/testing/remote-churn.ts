import { readdirSync } from 'node:fs';
import { request as httpRequest, type ClientRequest } from 'node:http';
import { expect } from 'vitest';
import { message, opened, initialize, request, startRemoteBench, type RemoteBench } from './remote-bench.ts';

export interface ChurnFigures {
  readonly webSocket: number;
  readonly http: number;
  readonly started: number;
  readonly left: number;
  readonly descriptorsBefore: number;
  readonly descriptorsAfter: number;
}

export const churnLine = (seen: ChurnFigures): string =>
  `acp churn: ${seen.webSocket} WebSocket and ${seen.http} HTTP connections dropped in the middle of a prompt, ` +
  `${seen.started} agents started, ${seen.left} processes left; ` +
  `descriptors ${seen.descriptorsBefore} before, ${seen.descriptorsAfter} after\n`;

const asks = JSON.stringify({
  ...{ jsonrpc: '2.0', id: 7, method: 'session/request_permission' },
  params: {
    sessionId: 's1',
    toolCall: { toolCallId: 'c', kind: 'execute', title: 'ls', rawInput: { command: ['ls'] } },
    options: [{ optionId: 'y', name: 'Yes', kind: 'allow_once' }],
  },
});

/** An agent that asks for leave at each prompt, ignores the end of its input and TERM, and has a child that does too. */
const STUBBORN = [
  '/bin/sh',
  '-c',
  `trap "" TERM
  sleep 1000 &
  read a; echo '{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":1}}'
  read b; echo '{"jsonrpc":"2.0","id":2,"result":{"sessionId":"s1"}}'
  read c; echo '${asks}'
  sleep 1000; sleep 1000; sleep 1000`,
];

const descriptors = () => readdirSync('/proc/self/fd').length;

/** Opens connections in waves, half of each carrier, leads each to a question, and drops it without a word. */
export async function runChurn(options: {
  connections: number;
  wave: number;
  agent: 'stubborn' | 'built-in';
}): Promise<ChurnFigures> {
  const bench = await startRemoteBench({
    ...(options.agent === 'stubborn' && { argv: STUBBORN }),
    limits: { connections: options.wave, connectionsEach: options.wave },
    // HTTP has no end that could be seen: a client without streams is missed after half a minute, here two seconds.
    speed: 15,
  });
  // The first of each kind leave what a process keeps for ever.
  await wave(bench, 2);
  await settled(bench);
  const before = descriptors();
  let started = bench.groups.length;
  const half = Math.floor(options.wave / 2);
  for (let done = 0; done < options.connections; done += options.wave) {
    await wave(bench, half * 2);
    await settled(bench);
  }
  started = bench.groups.length - started;
  await expect.poll(descriptors, { timeout: 5000 }).toBeLessThanOrEqual(before);
  return {
    ...{ webSocket: started / 2, http: started / 2, started, left: bench.alive() },
    ...{ descriptorsBefore: before, descriptorsAfter: descriptors() },
  };
}

async function wave(bench: RemoteBench, count: number): Promise<void> {
  const before = bench.approver.asked.length;
  const half = count / 2;
  const drops = await Promise.all([
    ...Array.from({ length: half }, () => bySocket(bench)),
    ...Array.from({ length: half }, () => byHttp(bench)),
  ]);
  await expect.poll(() => bench.approver.asked.length, { timeout: 60_000 }).toBe(before + count);
  for (const drop of drops) drop();
}

async function settled(bench: RemoteBench): Promise<void> {
  await expect
    .poll(() => (bench.events.at(-1) as { remote: { connections: unknown[] } }).remote.connections.length, {
      timeout: 60_000,
    })
    .toBe(0);
  await expect.poll(bench.alive, { timeout: 10_000 }).toBe(0);
}

async function bySocket(bench: RemoteBench): Promise<() => void> {
  const socket = bench.connect();
  socket.on('error', () => {});
  await opened(socket);
  const greeted = message(socket, ({ id }) => id === 1);
  socket.send(initialize);
  await greeted;
  const made = message(socket, ({ id }) => id === 2);
  socket.send(request(2, 'session/new', { cwd: bench.workspace, mcpServers: [] }));
  const { sessionId } = (await made).result as { sessionId: string };
  socket.send(request(3, 'session/prompt', prompt(sessionId)));
  return () => socket.terminate();
}

const prompt = (sessionId: string) => ({ sessionId, prompt: [{ type: 'text', text: 'run ls' }] });

async function byHttp({ at, workspace }: RemoteBench): Promise<() => void> {
  const [host, port] = at.split(':');
  const open = (method: string, headers: Record<string, string>): ClientRequest =>
    httpRequest({ host, port, path: '/acp', method, headers, agent: false }).on('error', () => {});
  const post = (body: string, headers: Record<string, string>) =>
    new Promise<string>((resolve) => {
      open('POST', { 'content-type': 'application/json', ...headers })
        .on('response', (response) => {
          response.resume();
          response.once('end', () => resolve(String(response.headers['acp-connection-id'] ?? '')));
        })
        .end(body);
    });
  const id = await post(initialize, {});
  const connection = { 'acp-connection-id': id };
  const stream = open('GET', { accept: 'text/event-stream', ...connection });
  const made = new Promise<string>((resolve) => {
    let text = '';
    stream.on('response', (response) =>
      response
        .on('error', () => {})
        .on('data', (chunk: Buffer) => {
          text += chunk.toString();
          const found = /"sessionId":"([^"]+)"/.exec(text)?.[1];
          if (found !== undefined) resolve(found);
        }),
    );
  });
  stream.end();
  await post(request(2, 'session/new', { cwd: workspace, mcpServers: [] }), connection);
  const sessionId = await made;
  await post(request(3, 'session/prompt', prompt(sessionId)), { ...connection, 'acp-session-id': sessionId });
  return () => void stream.destroy();
}
