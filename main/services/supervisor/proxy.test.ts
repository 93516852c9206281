import { once } from 'node:events';
import {
  createServer,
  request,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { silentLog } from './fakes.ts';
import { forwardedRequest, processOfHost } from './proxy-headers.ts';
import { createProcessProxy } from './proxy.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function proxyFor(processes: Record<string, number>): Promise<number> {
  const proxy = createProcessProxy({ portOf: (name) => processes[name] ?? null, log: silentLog });
  const server = createServer((req, res) => proxy.handleRequest(req, res));
  server.on('upgrade', (req, socket, head) => proxy.handleUpgrade(req, socket, head));
  return listen(server);
}

interface Asked {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}
function ask(
  port: number,
  host: string,
  headers: Record<string, string> = {},
  body?: string,
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        path: '/a?b=1',
        method: body ? 'POST' : 'GET',
        headers: { host, ...headers },
      },
      (res) => {
        let text = '';
        res.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }));
        res.on('error', reject);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

const echo: RequestListener = (req, res) => {
  let body = '';
  req.setEncoding('utf8').on('data', (piece: string) => (body += piece));
  req.on('end', () => {
    res.setHeader('set-cookie', ['mine=1', 'signalbox_session=stolen; Domain=localhost']);
    res.setHeader('keep-alive', 'timeout=99');
    res.end(JSON.stringify({ url: req.url, headers: req.headers, body }));
  });
};

test('a request reaches the process by its name, with its body and where it came from', async () => {
  const port = await proxyFor({ web: await listen(createServer(echo)) });
  const host = `web.localhost:${port}`;
  const { status, headers, body } = await ask(
    port,
    host,
    { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6' },
    'hello',
  );
  const seen = JSON.parse(body) as { url: string; headers: IncomingHttpHeaders; body: string };
  expect(status).toBe(200);
  expect(seen).toMatchObject({ url: '/a?b=1', body: 'hello' });
  expect(seen.headers).toMatchObject({
    host,
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-host': host,
    'x-forwarded-port': String(port),
    'x-forwarded-proto': 'http',
  });
  expect(seen.headers).not.toHaveProperty('forwarded');
  expect(headers['set-cookie']).toEqual(['mine=1']);
});

test('credentials of Signalbox and headers of one connection never reach a process', async () => {
  const port = await proxyFor({ web: await listen(createServer(echo)) });
  const { body } = await ask(port, 'web.localhost', {
    authorization: 'Bearer signalbox_abc',
    cookie: 'a=1; signalbox_session=s; __Host-signalbox=t; b=2',
    connection: 'keep-alive, X-Private',
    'x-private': 'p',
    'proxy-authorization': 'Basic eA==',
    te: 'trailers',
  });
  const { headers } = JSON.parse(body) as { headers: IncomingHttpHeaders };
  expect(headers.cookie).toBe('a=1; b=2');
  for (const name of ['authorization', 'x-private', 'proxy-authorization', 'te'])
    expect(headers).not.toHaveProperty(name);
  const other = await ask(port, 'web.localhost', { authorization: 'Bearer app-token' });
  expect(other.body).toContain('Bearer app-token');
});

test('no sequence of cookies carries one of ours through', () => {
  const name = fc.constantFrom(
    'signalbox',
    'SignalBox_x',
    ' __Host-signalbox',
    '__secure-SIGNALBOX',
    'a',
    'xsignalbox',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, fc.stringMatching(/^[a-z=]{0,5}$/))), (cookies) => {
      const cookie = cookies.map(([key, value]) => `${key}=${value}`).join(';');
      const kept = forwardedRequest({ cookie }, { address: '', port: 1 })['cookie'] ?? '';
      expect(String(kept)).not.toMatch(/(?:^|;)\s*(?:__host-|__secure-)?signalbox/i);
    }),
  );
});

test.each([
  'localhost',
  '127.0.0.1:80',
  'web.localhost.evil.com',
  'a.web.localhost',
  'web.localhost@evil',
  'web.local',
  '',
  '-a.localhost',
])('the host %j names no process', (host) => expect(processOfHost(host)).toBeNull());

test('foreign hosts, unknown names and silent ports are told apart', async () => {
  const gone = createServer();
  const closedPort = await listen(gone);
  servers.pop();
  gone.close();
  await once(gone, 'close');
  const port = await proxyFor({ dead: closedPort });
  expect(await ask(port, 'evil.example.com')).toMatchObject({ status: 404, body: /<process>\.localhost/ });
  expect(await ask(port, 'web.localhost')).toMatchObject({ status: 404, body: /No process "web"/ });
  expect(await ask(port, 'dead.localhost')).toMatchObject({ status: 502, body: /does not answer on port/ });
});

test('a stream of events arrives piece by piece, and its end at the client ends it at the process', async () => {
  const web = createServer((_req, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write('data: 1\n\n');
  });
  const ended = once(web, 'request').then(([, res]) => once(res as NodeJS.EventEmitter, 'close'));
  const port = await proxyFor({ web: await listen(web) });
  const asked = request({ host: '127.0.0.1', port, headers: { host: 'web.localhost' } }).end();
  const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream];
  expect(String((await once(answer, 'data'))[0])).toBe('data: 1\n\n');
  asked.on('error', () => {});
  asked.destroy();
  await ended;
});

test('a process that breaks off breaks off the answer too', async () => {
  const web = createServer((_req, res) => {
    res.writeHead(200, { 'content-length': '100' });
    res.write('half', () => res.destroy());
  });
  const port = await proxyFor({ web: await listen(web) });
  await expect(ask(port, 'web.localhost')).rejects.toThrow();
});

test('a WebSocket passes in both directions', async () => {
  const web = createServer();
  const sockets = new WebSocketServer({ server: web });
  sockets.on('connection', (socket) =>
    socket.on('message', (data) => socket.send(`echo ${(data as Buffer).toString()}`)),
  );
  const port = await proxyFor({ web: await listen(web) });
  const socket = new WebSocket(`ws://127.0.0.1:${port}/hmr`, { headers: { host: `web.localhost:${port}` } });
  await once(socket, 'open');
  socket.send('hi');
  expect(String((await once(socket, 'message'))[0])).toBe('echo hi');
  socket.close();
  await once(socket, 'close');
  sockets.close();
});

test('an upgrade to a foreign host or a process that refuses it gets a plain answer', async () => {
  const web = createServer((_req, res) => res.writeHead(403).end('no'));
  const port = await proxyFor({ web: await listen(web) });
  for (const [host, status] of [
    ['evil.example.com', '404'],
    ['web.localhost', '403'],
  ] as const) {
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    );
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    await once(socket, 'close');
    expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  }
});

test('a target that is no path is refused', async () => {
  const port = await proxyFor({ web: await listen(createServer(echo)) });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET http://web.localhost/ HTTP/1.1\r\nHost: web.localhost\r\nConnection: close\r\n\r\n');
  expect(String((await once(socket, 'data'))[0])).toMatch(/^HTTP\/1\.1 400 /);
  socket.destroy();
});
