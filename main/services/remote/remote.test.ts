import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ownerCaller } from '../../kernel/caller.ts';
import {
  closed,
  initialize,
  message,
  opened,
  prompt,
  refused,
  startRemoteBench,
  notification,
  midPrompt,
} from '../../testing/remote-bench.ts';

const owner = ownerCaller('cli');

test('a prompt goes through to the agent and back, with the connection id in the upgrade', async () => {
  const bench = await startRemoteBench();
  bench.approver.says = 'deny';
  const socket = bench.connect('/acp/demo');
  const header = new Promise((resolve) =>
    socket.once('upgrade', (response) => resolve(response.headers['acp-connection-id'])),
  );
  const answer = message(socket, (m) => m.id === 3);
  await prompt(socket, bench.workspace, 'create never.txt with nothing');
  expect((await answer).result).toEqual({ stopReason: 'end_turn' });
  expect(bench.events.at(-1)).toMatchObject({
    remote: {
      connections: [{ id: await header, agent: 'demo', client: 'token:t1', transport: 'websocket' }],
    },
  });
  socket.close();
});

test('the record says who came, why it ended and how much was said', async () => {
  const { connect, audit, remote } = await startRemoteBench({
    argv: ['/bin/sh', '-c', 'read line; echo \'{"jsonrpc":"2.0","id":1,"result":{}}\'; read more'],
  });
  const socket = connect();
  await opened(socket);
  const answered = message(socket, (m) => m.id === 1);
  socket.send(initialize);
  await answered;
  socket.close();
  await expect.poll(() => audit.entries.length).toBe(2);
  expect(audit.entries[0]).toMatchObject({ type: 'acp.opened', actor: 'token:t1', facts: { agent: 'demo' } });
  expect(audit.entries[1]).toMatchObject({
    type: 'acp.closed',
    facts: { why: 'client closed', framesIn: 1, framesOut: 1, bytesIn: initialize.length, bytesOut: 36 },
  });
  await remote.stop();
});

test('an agent that ignores the end of its input and TERM is killed with its children', async () => {
  const script = 'trap "" TERM; read line; echo \'{"ok":1}\'; sleep 100 & sleep 100; sleep 100';
  const { connect, alive } = await startRemoteBench({ argv: ['/bin/sh', '-c', script] });
  const socket = connect();
  await opened(socket);
  const answered = message(socket, () => true);
  socket.send(initialize);
  await answered;
  socket.terminate();
  await expect.poll(alive, { timeout: 8000 }).toBe(0);
}, 15_000);

test('whoever does not begin with initialize is closed with 1002, and no agent is started', async () => {
  const { connect, groups } = await startRemoteBench();
  const wrong: [string, number | null][] = [
    ['{"jsonrpc":"2.0","id":1,"method":"session/new"}', null],
    ['{"jsonrpc":"2.0","method":"initialize"}', null],
    ['not json', -32700],
    ['[]', -32600],
    ['{}', -32600],
  ];
  for (const [first, error] of wrong) {
    const socket = connect();
    const said: unknown[] = [];
    socket.on('message', (data: Buffer) =>
      said.push((JSON.parse(data.toString()) as { error: { code: number } }).error.code),
    );
    await opened(socket);
    const code = closed(socket);
    socket.send(first);
    expect([first, await code, ...said]).toEqual([first, 1002, ...(error === null ? [] : [error])]);
  }
  expect(groups).toEqual([]);
});

test('frames arrive byte for byte as lines; notices of the agent and binary frames are left out', async () => {
  const { connect } = await startRemoteBench({ argv: ['/bin/sh', '-c', 'echo a notice; exec cat'] });
  const socket = connect();
  await opened(socket);
  const seen: string[] = [];
  socket.on('message', (data: Buffer) => seen.push(data.toString()));
  const odd = '{"jsonrpc": "2.0","method":"v9/never_heard","params":  [1.0, 1e5,"\\u00e9é",null],"z":1}';
  socket.send(Buffer.from(initialize));
  socket.send(initialize);
  socket.send(odd);
  socket.send('{"jsonrpc":"2.0",\n"method":\r\n"lines"}');
  socket.send(Buffer.from(notification({ binary: true })));
  socket.send(notification('end'));
  await expect
    .poll(() => seen)
    .toEqual([initialize, odd, '{"jsonrpc":"2.0", "method":  "lines"}', notification('end')]);
  socket.close();
});

test('bad JSON, batches and a second initialize are answered and go no further', async () => {
  const { connect } = await startRemoteBench({ argv: ['/bin/cat'] });
  const socket = connect();
  await opened(socket);
  const echoed = message(socket, (m) => m.method === 'initialize');
  socket.send(initialize);
  await echoed;
  const codes: [unknown, unknown][] = [];
  socket.on('message', (data: Buffer) => {
    const { id, error } = JSON.parse(data.toString()) as { id: unknown; error?: { code: number } };
    codes.push([id, error?.code]);
  });
  socket.send('{"jsonrpc":"2.0",');
  socket.send('[{"jsonrpc":"2.0","method":"x"}]');
  socket.send(initialize.replace('"id":1', '"id":"again"'));
  socket.send('{"jsonrpc":"2.0","id":1,"id":2,"result":{}}');
  await expect
    .poll(() => codes)
    .toEqual([
      [null, -32700],
      [null, -32600],
      ['again', -32600],
      [null, -32600],
    ]);
  socket.close();
});

test('an answer goes to the agent only where the agent has asked the client', async () => {
  const asks = '{"jsonrpc":"2.0","id":7,"method":"fs/read_text_file","params":{"sessionId":"s","path":"/x"}}';
  const { connect } = await startRemoteBench({
    argv: ['/bin/sh', '-c', `read line; echo '${asks}'; exec cat`],
  });
  const socket = connect();
  await opened(socket);
  const asked = message(socket, (m) => m.id === 7);
  socket.send(initialize);
  await asked;
  const seen: string[] = [];
  socket.on('message', (data: Buffer) => seen.push(data.toString()));
  const answer = (id: number) => `{"jsonrpc":"2.0","id":${id},"result":{"content":"x"}}`;
  socket.send(answer(6));
  socket.send(answer(7));
  socket.send(answer(7));
  socket.send(notification('end'));
  await expect.poll(() => seen).toEqual([answer(7), notification('end')]);
  socket.close();
});

test('a name that is not on the list is 404, one connection too many 503, for all and for one client', async () => {
  const { connect, at } = await startRemoteBench({
    argv: ['/bin/cat'],
    limits: { connections: 6, connectionsEach: 4 },
  });
  expect(await refused(connect('/acp/other'))).toBe(404);
  const by = (principal: string) =>
    new WebSocket(`ws://${at}/acp`, { headers: { 'x-principal': principal } });
  const sockets = ['a', 'a', 'a', 'a', 'b'].map(by);
  await Promise.all(sockets.map(opened));
  expect(await refused(by('a'))).toBe(503);
  sockets.push(by('b'));
  await opened(sockets[5] as WebSocket);
  expect(await refused(by('b'))).toBe(503);
  for (const socket of sockets) socket.terminate();
});

test('serving other agents closes the connections of those that are gone; stopping closes all', async () => {
  const bench = await startRemoteBench();
  const { connect, remote, alive } = bench;
  const first = connect();
  await midPrompt(bench, first);
  const firstClosed = closed(first);
  const status = await remote.handlers['remote.serve']({ agents: ['other'] }, owner);
  expect(status.agents).toEqual(['other']);
  expect(await firstClosed).toBe(1001);
  expect(alive()).toBe(0);
  const second = connect();
  await midPrompt(bench, second);
  const secondClosed = closed(second);
  expect(await remote.handlers['remote.stop']({}, owner)).toEqual({
    ...{ agents: [], permissions: 'host', connections: [] },
  });
  expect(await secondClosed).toBe(1001);
  expect(alive()).toBe(0);
  await expect(
    Promise.resolve().then(() => remote.handlers['remote.serve']({ agents: ['nobody'] }, owner)),
  ).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('one connection is closed by its id, with its agent, and no other', async () => {
  const bench = await startRemoteBench();
  const one = bench.connect();
  await midPrompt(bench, one);
  const two = bench.connect();
  await midPrompt(bench, two);
  const { connections } = (bench.events.at(-1) as { remote: { connections: { id: string }[] } }).remote;
  const code = closed(one);
  const left = await bench.remote.handlers['remote.closeConnection'](
    { connectionId: connections[0]?.id ?? '' },
    owner,
  );
  expect(await code).toBe(1001);
  expect(left.connections.map(({ id }) => id)).toEqual([connections[1]?.id]);
  expect(bench.alive()).toBe(1);
  await expect(
    Promise.resolve().then(() =>
      bench.remote.handlers['remote.closeConnection']({ connectionId: 'x' }, owner),
    ),
  ).rejects.toMatchObject({ code: 'not_found' });
  two.terminate();
});

test('closing a principal ends its connections at once', async () => {
  const bench = await startRemoteBench();
  const socket = bench.connect();
  await midPrompt(bench, socket);
  await bench.remote.closePrincipal('token:other');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  await bench.remote.closePrincipal('token:t1');
  expect(bench.alive()).toBe(0);
});

test('an agent that ends closes its connection after its last words', async () => {
  const { connect } = await startRemoteBench({
    argv: ['/bin/sh', '-c', 'read line; echo \'{"last":"words"}\'; exit 0'],
  });
  const socket = connect();
  await opened(socket);
  const last = message(socket, () => true);
  const code = closed(socket);
  socket.send(initialize);
  expect(await last).toEqual({ last: 'words' });
  expect(await code).toBe(1000);
});

test('an agent that cannot be started is an error for the request that wanted it', async () => {
  const { connect } = await startRemoteBench({ argv: ['/no/such/program'] });
  const socket = connect();
  await opened(socket);
  const answer = message(socket, (m) => m.id === 1);
  const code = closed(socket);
  socket.send(initialize);
  expect((await answer).error).toMatchObject({ code: -32603 });
  expect(await code).toBe(1011);
});

test('the older surface: metadata in its own words, and the socket at /acp/ws', async () => {
  const { at, connect, workspace } = await startRemoteBench();
  const metadata = (await (await fetch(`http://${at}/acp`)).json()) as Record<string, unknown>;
  expect(metadata).toMatchObject({
    transport_kind: 'websocket',
    transport_version: 1,
    auth_required: true,
    max_size: 8_388_608,
    health_path: '/healthz',
    metadata_path: '/acp',
    websocket_path: '/acp/ws',
    remote_cwd: null,
  });
  expect(JSON.stringify(metadata)).not.toContain(workspace);
  const socket = connect(String(metadata['websocket_path']));
  await opened(socket);
  const greeted = message(socket, (m) => m.id === 1);
  socket.send(initialize);
  expect((await greeted).result).toMatchObject({ protocolVersion: 1 });
  socket.close();
});
