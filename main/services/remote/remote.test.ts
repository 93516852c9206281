import { mkdtempSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { Agent } from '../../../contract/agents.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { openDatabase } from '../../kernel/database.ts';
import { createProcessGroups } from '../../kernel/process-groups.ts';
import type { Clock } from '../../kernel/ports.ts';
import { asLine, isInitialize } from './first-frame.ts';
import { createLineSplitter } from './line-splitter.ts';
import { createRemote, type Remote } from './remote.ts';

const owner = ownerCaller('cli');
const log = { info() {}, warn() {}, error() {} };
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-remote-')));
const demoFile = join(folder, 'demo-agent.mjs');
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

beforeAll(async () => {
  await build({
    entryPoints: [join(import.meta.dirname, '../agents/demo-agent.ts')],
    outfile: demoFile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
  });
});

interface Bench {
  readonly remote: Remote;
  readonly url: string;
  readonly groups: number[];
  readonly events: HostEvent[];
  connect(path?: string): WebSocket;
  stop(): Promise<void>;
}

const benches: Bench[] = [];
afterEach(async () => {
  await Promise.all(benches.splice(0).map((bench) => bench.stop()));
});

/** The remote behind a bare listener, as the gateway would hand it authenticated upgrades. */
async function bench(argv: readonly string[] = [process.execPath, demoFile], speed = 1): Promise<Bench> {
  const db = openDatabase(':memory:');
  const groups = createProcessGroups({ db, clock, log });
  const started: number[] = [];
  const events: HostEvent[] = [];
  let exposed: string[] = ['demo'];
  let count = 0;
  const agent = (name: string): Agent => ({
    id: name,
    name,
    title: name,
    source: 'user',
    state: 'available',
    argv: [...argv],
    envNames: [],
  });
  const remote = createRemote({
    agents: {
      list: async () => [agent('demo'), agent('other')],
      async launch(_name, { cwd, label }) {
        const env = { PATH: process.env['PATH'] ?? '', HOME: folder };
        const running = await groups.spawn({ argv, cwd, env, label, graceMs: 2000 });
        started.push(running.pid);
        return running;
      },
    },
    publish: (event) => void events.push(event),
    clock: { ...clock, after: (ms, run) => clock.after(ms / speed, run) },
    random: { bytes: (n) => new Uint8Array(n), id: () => `conn-${(count += 1)}` },
    // A record takes as long as a disk does: clients have said much before it is written.
    audit: { append: () => new Promise((resolve) => setTimeout(resolve, 20)) },
    log,
    cwd: folder,
    exposed: () => exposed,
    setExposed: (names) => void (exposed = names),
  });
  const server: Server = createServer((request, response) => remote.handleRequest(request, response));
  server.on('upgrade', (request, socket, head) => {
    const agentName = /^\/acp\/(.+)$/.exec(request.url ?? '')?.[1] ?? null;
    remote.handleUpgrade(request, socket, head, { agent: agentName, principal: 'token:t1' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const made: Bench = {
    remote,
    url,
    groups: started,
    events,
    connect: (path = '/acp') => new WebSocket(`ws://${url}${path}`),
    async stop() {
      await remote.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await groups.stopAll();
      db.close();
    },
  };
  benches.push(made);
  return made;
}

function alive(groups: readonly number[]): number {
  return readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return groups.includes(Number(fields[2])) && fields[0] !== 'Z';
    } catch {
      return false;
    }
  }).length;
}

const request = (id: number, method: string, params: unknown) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const initialize = request(1, 'initialize', { protocolVersion: 1, clientCapabilities: {} });

type Message = {
  id?: number;
  method?: string;
  result?: Record<string, unknown>;
  params?: Record<string, unknown>;
};

/** Resolves with the first message that fits. */
function message(socket: WebSocket, fits: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      const found = JSON.parse(data.toString()) as Message;
      if (fits(found)) resolve(found);
    });
    socket.once('close', (code) => reject(new Error(`closed ${code}`)));
  });
}

const opened = (socket: WebSocket) => new Promise<void>((resolve) => socket.once('open', () => resolve()));
const closed = (socket: WebSocket) =>
  new Promise<number>((resolve) => socket.once('close', (code) => resolve(code)));
const refused = (socket: WebSocket) =>
  new Promise<number>((resolve) => {
    socket.on('error', () => {});
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
  });

/** Leads a connection to the point where the agent waits for leave. */
async function midPrompt(socket: WebSocket): Promise<Message> {
  await opened(socket);
  const greeted = message(socket, (m) => m.id === 1);
  socket.send(initialize);
  await greeted;
  const session = message(socket, (m) => m.id === 2);
  socket.send(request(2, 'session/new', { cwd: folder, mcpServers: [] }));
  const { sessionId } = (await session).result as { sessionId: string };
  const asked = message(socket, (m) => m.method === 'session/request_permission');
  const prompt = [{ type: 'text', text: 'create never.txt with nothing' }];
  socket.send(request(3, 'session/prompt', { sessionId, prompt }));
  return asked;
}

test('a prompt goes through to the agent and back, with the connection id in the upgrade', async () => {
  const { connect, events } = await bench();
  const socket = connect('/acp/demo');
  const header = new Promise((resolve) =>
    socket.once('upgrade', (response) => resolve(response.headers['acp-connection-id'])),
  );
  const asked = await midPrompt(socket);
  expect(await header).toBe('conn-1');
  const answer = message(socket, (m) => m.id === 3);
  socket.send(
    JSON.stringify({
      jsonrpc: '2.0',
      id: asked.id,
      result: { outcome: { outcome: 'selected', optionId: 'reject-once' } },
    }),
  );
  expect((await answer).result).toEqual({ stopReason: 'end_turn' });
  expect(events.at(-1)).toMatchObject({
    remote: { connections: [{ id: 'conn-1', agent: 'demo', client: 'token:t1' }] },
  });
  socket.close();
});

test('twenty connections that drop in the middle of a prompt leave no process', async () => {
  const { connect, groups, remote } = await bench();
  const sockets = Array.from({ length: 20 }, () => connect());
  await Promise.all(sockets.map(midPrompt));
  expect(groups).toHaveLength(20);
  expect(alive(groups)).toBe(20);
  for (const socket of sockets) socket.terminate();
  await expect.poll(() => alive(groups), { timeout: 8000 }).toBe(0);
  await remote.stop();
}, 30_000);

test('an agent that ignores the end of its input and TERM is killed with its children', async () => {
  const script = 'trap "" TERM; read line; echo \'{"ok":1}\'; sleep 100 & sleep 100; sleep 100';
  const { connect, groups } = await bench(['/bin/sh', '-c', script]);
  const socket = connect();
  await opened(socket);
  const answered = message(socket, () => true);
  socket.send(initialize);
  await answered;
  socket.terminate();
  await expect.poll(() => alive(groups), { timeout: 8000 }).toBe(0);
}, 15_000);

test('whoever does not begin with initialize is closed with 1002, and no agent is started', async () => {
  const { connect, groups } = await bench();
  for (const first of [
    '{"jsonrpc":"2.0","id":1,"method":"session/new"}',
    'not json',
    '[]',
    '{}',
    Buffer.from(initialize),
  ]) {
    const socket = connect();
    await opened(socket);
    const code = closed(socket);
    socket.send(first);
    expect(await code).toBe(1002);
  }
  expect(groups).toEqual([]);
});

test('frames arrive byte for byte as lines, notices of the agent are left out', async () => {
  const { connect } = await bench(['/bin/sh', '-c', 'echo a notice; exec cat']);
  const socket = connect();
  await opened(socket);
  const seen: string[] = [];
  socket.on('message', (data: Buffer) => seen.push(data.toString()));
  const odd = '{"z":1,"a":  [1.0, 1e5],"u":"\\u00e9é","unknown/method":null}';
  socket.send(initialize);
  socket.send(odd);
  socket.send('{\n"lines":\r\n1}');
  socket.send(Buffer.from('{"binary":true}'));
  socket.send('[{"batch":1}]');
  await expect.poll(() => seen).toEqual([initialize, odd, '{ "lines":  1}', '[{"batch":1}]']);
  socket.close();
});

test('a slow reader holds the agent back instead of filling memory, and then gets everything', async () => {
  const progress = join(folder, 'progress');
  const script = `
    const { writeFileSync } = require('node:fs');
    const body = 'x'.repeat(65536);
    let n = 0;
    function work() {
      while (n < 800) {
        n += 1;
        writeFileSync(${JSON.stringify(progress)}, String(n));
        if (!process.stdout.write(JSON.stringify({ n, body }) + '\\n')) return process.stdout.once('drain', work);
      }
    }
    process.stdin.once('data', work);
    setInterval(() => {}, 1e6);`;
  const { connect } = await bench([process.execPath, '-e', script]);
  const socket = connect();
  await opened(socket);
  let received = 0;
  socket.on('message', () => (received += 1));
  socket.send(initialize);
  await expect.poll(() => received).toBeGreaterThan(0);
  socket.pause();
  let last = -1;
  const stands = () => {
    const now = Number(readFileSync(progress, 'utf8'));
    const same = now === last;
    last = now;
    return same;
  };
  await expect.poll(stands, { interval: 200, timeout: 8000 }).toBe(true);
  expect(last).toBeLessThan(800);
  socket.resume();
  await expect.poll(() => received, { timeout: 10_000 }).toBe(800);
  socket.terminate();
}, 20_000);

test('a slow agent holds the client back, and both are ended when the client is gone', async () => {
  // One second of the host is 20 ms here, so that its deadlines come in time for a test.
  const { connect, groups, events } = await bench(['/bin/sh', '-c', 'read line; sleep 1000'], 50);
  const socket = connect();
  await opened(socket);
  socket.send(initialize);
  await expect.poll(() => groups.length).toBe(1);
  for (let n = 0; n < 40; n += 1) socket.send('x'.repeat(1_000_000));
  await expect.poll(() => socket.bufferedAmount).toBeGreaterThan(20_000_000);
  expect(events.at(-1)).toMatchObject({ remote: { connections: [{ id: 'conn-1' }] } });
  socket.terminate();
  await expect.poll(() => alive(groups), { timeout: 8000 }).toBe(0);
  await expect.poll(() => events.at(-1)).toMatchObject({ remote: { connections: [] } });
}, 20_000);

test('a name that is not on the list is 404, the thirty-third connection 503', async () => {
  const { connect } = await bench(['/bin/cat']);
  expect(await refused(connect('/acp/other'))).toBe(404);
  const sockets = Array.from({ length: 32 }, () => connect());
  await Promise.all(sockets.map(opened));
  expect(await refused(connect())).toBe(503);
  for (const socket of sockets) socket.terminate();
});

test('serving other agents closes the connections of those that are gone; stopping closes all', async () => {
  const { connect, remote, groups } = await bench();
  const first = connect();
  await midPrompt(first);
  const firstClosed = closed(first);
  const status = await remote.handlers['remote.serve']({ agents: ['other'] }, owner);
  expect(status.agents).toEqual(['other']);
  expect(await firstClosed).toBe(1001);
  expect(alive(groups)).toBe(0);
  const second = connect();
  await midPrompt(second);
  const secondClosed = closed(second);
  expect(await remote.handlers['remote.stop']({}, owner)).toEqual({ agents: [], connections: [] });
  expect(await secondClosed).toBe(1001);
  expect(alive(groups)).toBe(0);
  await expect(
    Promise.resolve().then(() => remote.handlers['remote.serve']({ agents: ['nobody'] }, owner)),
  ).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('closing a principal ends its connections at once', async () => {
  const { connect, remote, groups } = await bench();
  const socket = connect();
  await midPrompt(socket);
  await remote.closePrincipal('token:other');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  await remote.closePrincipal('token:t1');
  expect(alive(groups)).toBe(0);
});

test('an agent that ends closes its connection after its last words', async () => {
  const { connect } = await bench(['/bin/sh', '-c', 'read line; echo \'{"last":"words"}\'; exit 0']);
  const socket = connect();
  await opened(socket);
  const last = message(socket, () => true);
  const code = closed(socket);
  socket.send(initialize);
  expect(await last).toEqual({ last: 'words' });
  expect(await code).toBe(1000);
});

test('metadata names what is served and nothing of this machine', async () => {
  const { url } = await bench();
  const get = (path: string, method = 'GET') => fetch(`http://${url}${path}`, { method });
  expect(await (await get('/acp')).json()).toEqual({
    protocol: 'acp',
    transports: ['websocket'],
    agent: 'demo',
    agents: ['demo'],
    maxFrameBytes: 8_388_608,
  });
  expect((await get('/healthz')).status).toBe(200);
  expect((await get('/acp/other')).status).toBe(404);
  expect((await get('/acpx')).status).toBe(404);
  expect((await get('/acp', 'POST')).status).toBe(405);
});

test('lines are cut the same however the bytes are divided', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ maxLength: 20 })),
      fc.array(fc.nat(10), { minLength: 1 }),
      (texts, cuts) => {
        const wanted = texts.map((text) => text.replace(/[\r\n]/g, '')).filter((text) => text !== '');
        const bytes = Buffer.from(wanted.map((text) => `${text}\r\n\n`).join(''));
        const lines: string[] = [];
        const split = createLineSplitter({
          maxBytes: 1000,
          onLine: (line) => lines.push(line.toString()),
          onTooLong: () => {},
        });
        for (let at = 0, n = 0; at < bytes.length; n += 1) {
          const size = 1 + (cuts[n % cuts.length] ?? 0);
          split(bytes.subarray(at, at + size));
          at += size;
        }
        expect(lines).toEqual(wanted);
      },
    ),
  );
});

test('a line that is too long is given up once, and nothing follows', () => {
  const lines: string[] = [];
  let tooLong = 0;
  const split = createLineSplitter({
    maxBytes: 4,
    onLine: (line) => lines.push(line.toString()),
    onTooLong: () => (tooLong += 1),
  });
  for (const piece of ['ok\n', '123', '45', '\nmore\n']) split(Buffer.from(piece));
  expect(lines).toEqual(['ok']);
  expect(tooLong).toBe(1);
});

test('one frame is one line whatever it holds', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const line = asLine(Buffer.from(bytes));
      expect(line.indexOf(0x0a)).toBe(line.length - 1);
      expect(line.length).toBe(bytes.length + 1);
    }),
  );
  expect(isInitialize('{"jsonrpc":"2.0","id":0,"method":"initialize","params":{},"x":1}')).toBe(true);
  expect(isInitialize('{"jsonrpc":"2.0","method":"initialize"}')).toBe(false);
});
