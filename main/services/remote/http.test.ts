import { request as httpRequest } from 'node:http';
import { connect as connectTcp } from 'node:net';
import { expect, test } from 'vitest';
import { initialize, request, startRemoteBench, type RemoteBench } from '../../testing/remote-bench.ts';
import { startSdkServer } from '../../testing/sdk-acp-server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

async function post(
  at: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`http://${at}/acp`, { method: 'POST', headers: { ...JSON_TYPE, ...headers }, body });
}

async function open(at: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await post(at, initialize, headers);
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({ id: 1, result: { protocolVersion: 1 } });
  return response.headers.get('acp-connection-id') ?? '';
}

/** Reads the events of one stream as they come. */
async function events(at: string, headers: Record<string, string>) {
  const stop = new AbortController();
  const response = await fetch(`http://${at}/acp`, {
    headers: { accept: 'text/event-stream', ...headers },
    signal: stop.signal,
  });
  const seen: Record<string, unknown>[] = [];
  const reading = (async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk as Uint8Array).toString();
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        if (event.startsWith('data: ')) seen.push(JSON.parse(event.slice(6)) as Record<string, unknown>);
      }
    }
    return 'ended';
  })().catch(() => 'broken');
  return { response, seen, reading, stop: () => stop.abort() };
}

/** A connection with one session, whose streams are read. */
async function withSession(bench: RemoteBench) {
  const id = await open(bench.at);
  const all = await events(bench.at, { 'acp-connection-id': id });
  const made = await post(bench.at, request(2, 'session/new', { cwd: bench.workspace, mcpServers: [] }), {
    'acp-connection-id': id,
  });
  expect(made.status).toBe(202);
  await expect.poll(() => all.seen.length).toBeGreaterThan(0);
  const { sessionId } = all.seen[0]?.['result'] as { sessionId: string };
  const headers = { 'acp-connection-id': id, 'acp-session-id': sessionId };
  return { id, sessionId, headers, all, session: await events(bench.at, headers) };
}

test('a prompt over HTTP: requests are taken with 202, answers come on the stream of their session', async () => {
  const bench = await startRemoteBench();
  bench.approver.says = 'deny';
  const { id, sessionId, headers, all, session } = await withSession(bench);
  const prompt = { sessionId, prompt: [{ type: 'text', text: 'create x.txt with nothing' }] };
  const taken = await post(bench.at, request(3, 'session/prompt', prompt), headers);
  expect([taken.status, await taken.text()]).toEqual([202, '']);
  await expect
    .poll(() => session.seen.find((one) => one['id'] === 3)?.['result'])
    .toEqual({ stopReason: 'end_turn' });
  expect(session.seen.filter((one) => one['method'] === 'session/update').length).toBeGreaterThan(1);
  expect(all.seen.map((one) => one['id'])).toEqual([2]);
  const connections = (bench.events.at(-1) as { remote: { connections: unknown[] } }).remote.connections;
  expect(connections).toMatchObject([{ id, transport: 'http' }]);
  const gone = await fetch(`http://${bench.at}/acp`, {
    method: 'DELETE',
    headers: { 'acp-connection-id': id },
  });
  expect(gone.status).toBe(202);
  expect(await all.reading).toBe('ended');
  expect(await session.reading).toBe('ended');
  await expect.poll(bench.alive).toBe(0);
  expect((await post(bench.at, request(4, 'session/new', {}), { 'acp-connection-id': id })).status).toBe(404);
});

test('every request that is wrong gets the status that the server of the SDK gives', async () => {
  const { at } = await startRemoteBench();
  const other = await startSdkServer();
  const id = await open(at);
  const otherId = await open(other);
  const prompt = request(9, 'session/prompt', { sessionId: 's', prompt: [] });
  const cases: [string, string, Record<string, string>, string?][] = [
    ['POST', 'plain text', { 'content-type': 'text/plain' }],
    ['POST', initialize, { 'content-type': 'text/plain' }],
    ['POST', 'not json', JSON_TYPE],
    ['POST', '{"jsonrpc":"2.0",', JSON_TYPE],
    ['POST', '5', JSON_TYPE],
    ['POST', '"text"', JSON_TYPE],
    ['POST', prompt, JSON_TYPE],
    ['POST', prompt, { ...JSON_TYPE, 'acp-connection-id': 'unknown' }],
    ['POST', prompt, { ...JSON_TYPE, 'acp-connection-id': 'ID' }],
    ['POST', prompt, { ...JSON_TYPE, 'acp-connection-id': 'ID', 'acp-session-id': 'another' }],
    ['POST', prompt, { ...JSON_TYPE, 'acp-connection-id': 'ID', 'acp-session-id': 'x'.repeat(2000) }],
    ['POST', initialize, { ...JSON_TYPE, 'acp-connection-id': 'ID' }],
    ['POST', initialize.replace('"id":1,', ''), JSON_TYPE],
    ['GET', '', { accept: 'text/event-stream' }],
    ['GET', '', { accept: 'text/event-stream', 'acp-connection-id': '../../etc/passwd' }],
    ['GET', '', { accept: 'application/json', 'acp-connection-id': 'ID' }],
    ['DELETE', '', {}],
    ['DELETE', '', { 'acp-connection-id': 'unknown' }],
    ['PUT', '{}', JSON_TYPE],
  ];
  const statuses: unknown[] = [];
  const ask = async (where: string, connection: string, [method, body, headers]: (typeof cases)[number]) =>
    (
      await fetch(`http://${where}/acp`, {
        method,
        headers: Object.fromEntries(
          Object.entries(headers).map(([name, value]) => [name, value === 'ID' ? connection : value]),
        ),
        ...(body !== '' && { body }),
      })
    ).status;
  for (const one of cases) statuses.push([...one, await ask(at, id, one)]);
  const expected: unknown[] = [];
  for (const one of cases) expected.push([...one, await ask(other, otherId, one)]);
  expect(statuses).toEqual(expected);
});

test('a batch is 501 with -32600, as the draft says; a stream has one reader', async () => {
  const { at } = await startRemoteBench();
  const batch = await post(at, '[]');
  expect(batch.status).toBe(501);
  expect(await batch.json()).toMatchObject({ id: null, error: { code: -32600 } });
  const id = await open(at);
  const first = await events(at, { 'acp-connection-id': id });
  expect(first.response.headers.get('content-type')).toBe('text/event-stream');
  expect((await events(at, { 'acp-connection-id': id })).response.status).toBe(409);
  first.stop();
});

test('a connection belongs to whoever opened it, and to its agent', async () => {
  const { at, remote } = await startRemoteBench();
  await remote.handlers['remote.serve']({ agents: ['demo', 'other'] }, {} as never);
  const id = await open(at);
  const headers = { ...JSON_TYPE, 'acp-connection-id': id };
  const body = request(2, 'session/list', {});
  const status = async (path: string, more: Record<string, string> = {}) =>
    (await fetch(`http://${at}${path}`, { method: 'POST', headers: { ...headers, ...more }, body })).status;
  expect(await status('/acp', { 'x-principal': 't2' })).toBe(404);
  expect(await status('/acp/other')).toBe(404);
  expect(await status('/acp/nobody')).toBe(404);
  expect(await status('/acp/demo')).toBe(202);
});

test('a client that goes without a word is missed after half a minute, in the middle of a prompt', async () => {
  const bench = await startRemoteBench({ speed: 20 });
  const { sessionId, headers, all, session } = await withSession(bench);
  const prompt = { sessionId, prompt: [{ type: 'text', text: 'create never.txt with nothing' }] };
  await post(bench.at, request(3, 'session/prompt', prompt), headers);
  await expect.poll(() => bench.approver.asked.length).toBe(1);
  all.stop();
  session.stop();
  await bench.approver.asked[0]?.withdrawn;
  await expect.poll(bench.alive, { timeout: 8000 }).toBe(0);
  await expect.poll(() => bench.audit.entries.at(-1)?.facts?.['why']).toBe('client gone');
}, 20_000);

test('a stream that nobody reads holds the agent back, and ends the connection after a minute', async () => {
  const script = `
    process.stdin.once('data', () => {
      process.stdout.write('{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":1}}\\n');
      const line = JSON.stringify({ jsonrpc: '2.0', method: 'x', params: 'x'.repeat(65536) }) + '\\n';
      (function work() {
        while (process.stdout.write(line));
        process.stdout.once('drain', work);
      })();
    });`;
  const bench = await startRemoteBench({ argv: [process.execPath, '-e', script], speed: 20 });
  const id = await open(bench.at);
  const reader = connectTcp(Number(bench.at.split(':')[1]), '127.0.0.1');
  reader.write(
    `GET /acp HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\nAcp-Connection-Id: ${id}\r\n\r\n`,
  );
  reader.once('data', () => reader.pause());
  await expect
    .poll(() => bench.audit.entries.at(-1)?.facts?.['why'], { timeout: 10_000 })
    .toBe('client reads nothing');
  expect(bench.alive()).toBe(0);
  reader.destroy();
}, 20_000);

test('bodies that are too large, lie about their size or never end are not taken', async () => {
  const { at, groups } = await startRemoteBench({ speed: 20 });
  expect(
    (await post(at, Buffer.alloc(8 * 1024 * 1024 + 1, 0x20)).catch(() => ({ status: 413 }))).status,
  ).toBe(413);
  const [host, port] = at.split(':');
  const slow = await new Promise<number>((resolve) => {
    const sent = httpRequest({ host, port, path: '/acp', method: 'POST', headers: JSON_TYPE }, (response) => {
      resolve(response.statusCode ?? 0);
      sent.destroy();
    });
    sent.on('error', () => {});
    sent.write('{"jsonrpc":"2.0",');
  });
  expect(slow).toBe(408);
  expect(groups).toEqual([]);
});

test('an agent that cannot be started is an error of initialize', async () => {
  const { at } = await startRemoteBench({ argv: ['/no/such/program'] });
  const response = await post(at, initialize);
  expect(response.status).toBe(500);
  expect(await response.json()).toMatchObject({ id: 1, error: { code: -32603 } });
});
