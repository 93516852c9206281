import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import {
  message,
  prompt,
  request,
  startRemoteBench,
  type Message,
  type RemoteBench,
} from '../../testing/remote-bench.ts';

const ASKS = 'session/request_permission';
const allowing = (id: Message['id']) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { outcome: { outcome: 'selected', optionId: 'allow-once' } },
  });

async function asking(bench: RemoteBench, socket: WebSocket, text = 'run touch ran.txt') {
  const done = message(socket, (m) => m.id === 3);
  done.catch(() => {});
  const sessionId = await prompt(socket, bench.workspace, text);
  return { done, sessionId };
}

test('what an agent asks leave for is an action of the host, and the host’s answer counts', async () => {
  const bench = await startRemoteBench();
  const socket = bench.connect();
  const seen: (string | undefined)[] = [];
  socket.on('message', (data: Buffer) => seen.push((JSON.parse(data.toString()) as Message).method));
  const { done, sessionId } = await asking(bench, socket);
  await expect.poll(() => bench.approver.asked.length).toBe(1);
  const asked = bench.approver.asked[0];
  expect(asked?.request).toMatchObject({
    title: 'demo wants to run: touch ran.txt',
    origin: 'acp',
    taskId: null,
    facts: {
      kind: 'exec',
      workspaceId: 'w1',
      agent: 'demo',
      requester: ['token:t1', 'agent:demo'],
      exec: { argv: ['touch', 'ran.txt'], cwd: '.' },
    },
  });
  expect(asked?.request.sessionKey).toContain(sessionId);
  asked?.answer('allow');
  expect((await done).result).toEqual({ stopReason: 'end_turn' });
  expect(bench.approver.executed).toEqual(['exec']);
  expect(seen).not.toContain(ASKS);
  socket.close();
});

test('a client that guesses the id cannot answer for the host', async () => {
  const bench = await startRemoteBench();
  const socket = bench.connect();
  const { done } = await asking(bench, socket);
  await expect.poll(() => bench.approver.asked.length).toBe(1);
  for (const id of [0, 1, 2, 3, 4, '0', '1', 'x', null]) socket.send(allowing(id));
  bench.approver.asked[0]?.answer('deny');
  expect((await done).result).toEqual({ stopReason: 'end_turn' });
  expect(bench.approver.executed).toEqual([]);
  socket.close();
});

test('what policy denies is denied at once, and the client is not asked even where it might answer', async () => {
  const bench = await startRemoteBench({ permissions: 'first' });
  bench.approver.says = 'deny';
  const socket = bench.connect();
  const asked: Message[] = [];
  socket.on('message', (data: Buffer) => {
    const one = JSON.parse(data.toString()) as Message;
    if (one.method === ASKS) asked.push(one);
  });
  const { done } = await asking(bench, socket);
  expect((await done).result).toEqual({ stopReason: 'end_turn' });
  expect(asked).toEqual([]);
  socket.close();
});

test('first answer wins: the client’s withdraws the question to the host', async () => {
  const bench = await startRemoteBench({ permissions: 'first' });
  const socket = bench.connect();
  const shown = message(socket, (m) => m.method === ASKS);
  const { done } = await asking(bench, socket);
  socket.send(allowing((await shown).id));
  await bench.approver.asked[0]?.withdrawn;
  expect((await done).result).toEqual({ stopReason: 'end_turn' });
  expect(bench.approver.executed).toEqual([]);
  expect(bench.audit.entries.map(({ type }) => type)).toContain('acp.permission.answered');
  socket.close();
});

test('first answer wins: the host’s ends the question at the client, whose answer is then dropped', async () => {
  const bench = await startRemoteBench({ permissions: 'first' });
  const socket = bench.connect();
  const shown = message(socket, (m) => m.method === ASKS);
  const cancelled = message(socket, (m) => m.method === '$/cancel_request');
  const { done } = await asking(bench, socket);
  const { id } = await shown;
  bench.approver.asked[0]?.answer('deny');
  expect((await cancelled).params).toEqual({ requestId: id });
  socket.send(allowing(id));
  expect((await done).result).toEqual({ stopReason: 'end_turn' });
  expect(bench.approver.executed).toEqual([]);
  socket.close();
});

test('session/cancel withdraws the question and ends the turn', async () => {
  const bench = await startRemoteBench();
  const socket = bench.connect();
  const { done, sessionId } = await asking(bench, socket);
  await expect.poll(() => bench.approver.asked.length).toBe(1);
  socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'session/cancel', params: { sessionId } }));
  await bench.approver.asked[0]?.withdrawn;
  expect((await done).result).toEqual({ stopReason: 'cancelled' });
  socket.close();
});

test.each(['the connection ends', 'the agent dies'])('%s: the question is withdrawn', async (how) => {
  const bench = await startRemoteBench();
  const socket = bench.connect();
  await asking(bench, socket);
  await expect.poll(() => bench.approver.asked.length).toBe(1);
  if (how === 'the connection ends') socket.terminate();
  else process.kill(bench.groups[0] ?? 0, 'SIGKILL');
  await bench.approver.asked[0]?.withdrawn;
  await expect.poll(bench.alive).toBe(0);
  socket.terminate();
});

/** An agent that greets, opens a session where it is told to, and then says these lines. */
const saying = (lines: readonly unknown[]) => [
  '/bin/sh',
  '-c',
  [
    'read a; echo \'{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":2}}\'',
    'read b; echo \'{"jsonrpc":"2.0","id":2,"result":{"sessionId":"s1"}}\'',
    ...lines.map((line) => `echo '${JSON.stringify(line)}'`),
    'exec cat',
  ].join('; '),
];
const options = [
  { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
  { optionId: 'no', name: 'No', kind: 'reject_once' },
];

test('version 2 asks in other words, and what was reported of the tool call before counts too', async () => {
  const update = (more: object) => ({
    jsonrpc: '2.0',
    method: 'session/update',
    params: { sessionId: 's1', update: more },
  });
  const bench = await startRemoteBench({
    argv: saying([
      update({
        ...{ sessionUpdate: 'tool_call', toolCallId: 'c1', title: 'Build', kind: 'execute' },
        rawInput: { command: ['make', 'all'] },
      }),
      {
        ...{ jsonrpc: '2.0', id: 'q1', method: ASKS },
        params: {
          ...{ sessionId: 's1', title: 'May I?', options },
          subject: { type: 'tool_call', toolCall: { toolCallId: 'c1' } },
        },
      },
    ]),
  });
  const socket = bench.connect();
  const answer = message(socket, (m) => m.id === 'q1');
  await prompt(socket, bench.workspace, 'x');
  await expect.poll(() => bench.approver.asked.length).toBe(1);
  expect(bench.approver.asked[0]?.request.facts).toMatchObject({ exec: { argv: ['make', 'all'] } });
  bench.approver.asked[0]?.answer('allow');
  // The agent is `cat`: what it was told comes back.
  expect((await answer).result).toEqual({ outcome: { outcome: 'selected', optionId: 'yes' } });
  socket.close();
});

test.each([
  [
    'a path outside the workspace',
    { toolCallId: 'c', kind: 'delete', locations: [{ path: '/etc/passwd' }] },
    's1',
  ],
  [
    'a session that nobody opened',
    { toolCallId: 'c', kind: 'execute', rawInput: { command: ['ls'] } },
    '../../s2',
  ],
])('%s is refused without asking anybody', async (_what, toolCall, sessionId) => {
  const asks = { jsonrpc: '2.0', id: 'q1', method: ASKS, params: { sessionId, toolCall, options } };
  const bench = await startRemoteBench({ argv: saying([asks]), permissions: 'first' });
  const socket = bench.connect();
  const answer = message(socket, (m) => m.id === 'q1');
  await prompt(socket, bench.workspace, 'x');
  expect((await answer).result).toEqual({ outcome: { outcome: 'selected', optionId: 'no' } });
  expect(bench.approver.asked).toEqual([]);
  expect(bench.audit.entries.map(({ type }) => type)).toContain('acp.permission.refused');
  socket.close();
});

test('an agent that asks without end is heard up to a limit', async () => {
  const asks = Array.from({ length: 40 }, (_, n) => ({
    ...{ jsonrpc: '2.0', id: `q${n}`, method: ASKS },
    params: {
      sessionId: 's1',
      toolCall: { toolCallId: `c${n}`, kind: 'execute', rawInput: { command: ['ls'] } },
      options,
    },
  }));
  const bench = await startRemoteBench({ argv: saying(asks) });
  const socket = bench.connect();
  const errors: Message[] = [];
  socket.on('message', (data: Buffer) => {
    const one = JSON.parse(data.toString()) as Message;
    if (one.error) errors.push(one);
  });
  await prompt(socket, bench.workspace, 'x');
  await expect.poll(() => errors.length).toBe(8);
  await expect.poll(() => bench.approver.asked.length).toBe(32);
  socket.close();
});

test('a request for leave that cannot be read is an error, never a yes', async () => {
  const bench = await startRemoteBench({
    argv: saying([{ jsonrpc: '2.0', id: 'q1', method: ASKS, params: { options: 5 } }]),
  });
  const socket = bench.connect();
  const answer = message(socket, (m) => m.id === 'q1');
  await prompt(socket, bench.workspace, 'x');
  expect((await answer).error).toMatchObject({ code: -32602 });
  socket.close();
});

test('a session that could not be opened again does not move its folder', async () => {
  const asks = {
    ...{ jsonrpc: '2.0', id: 'q1', method: ASKS },
    params: {
      sessionId: 's1',
      toolCall: { toolCallId: 'c', kind: 'delete', locations: [{ path: '/tmp/x' }] },
      options,
    },
  };
  const argv = [
    '/bin/sh',
    '-c',
    [
      'read a; echo \'{"jsonrpc":"2.0","id":1,"result":{}}\'',
      'read b; echo \'{"jsonrpc":"2.0","id":2,"result":{"sessionId":"s1"}}\'',
      'read c; read d; echo \'{"jsonrpc":"2.0","id":4,"error":{"code":1,"message":"no"}}\'',
      `echo '${JSON.stringify(asks)}'; exec cat`,
    ].join('; '),
  ];
  const bench = await startRemoteBench({ argv });
  const socket = bench.connect();
  const answer = message(socket, (m) => m.id === 'q1');
  await prompt(socket, bench.workspace, 'x');
  socket.send(request(4, 'session/load', { sessionId: 's1', cwd: '/tmp', mcpServers: [] }));
  expect((await answer).result).toEqual({ outcome: { outcome: 'selected', optionId: 'no' } });
  expect(bench.approver.asked).toEqual([]);
  socket.close();
});
