import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { startProxyListener } from './services/gateway/proxy-listener.ts';
import { createProcessProxy } from './services/supervisor/proxy.ts';
import { silentLog } from './services/supervisor/fakes.ts';

const MIB = 1024 * 1024;
const DOWNLOAD = 1024 * MIB;
const MESSAGES = 20_000;
const EVENTS = 10_000;
const piece = Buffer.alloc(MIB, 'proxied ');

let web: Server;
let proxyPort = 0;
let webPort = 0;
let closeProxy: () => void = () => {};
/** What reached the process: a request that the proxy refuses must never be here. */
const reached: string[] = [];

function* download(): Generator<Buffer> {
  for (let sent = 0; sent < DOWNLOAD; sent += piece.length) yield piece;
}

function* events(): Generator<string> {
  for (let index = 0; index < EVENTS; index += 1) yield `id: ${index}\ndata: event ${index}\n\n`;
}

beforeAll(async () => {
  web = createServer((req, res) => {
    reached.push(`${req.method} ${req.url}`);
    if (req.url === '/download') {
      res.setHeader('content-length', DOWNLOAD);
      void pipeline(Readable.from(download()), res).catch(() => {});
    } else if (req.url === '/events') {
      res.setHeader('content-type', 'text/event-stream');
      void pipeline(Readable.from(events()), res).catch(() => {});
    } else if (req.url === '/upload') {
      const hash = createHash('sha256');
      req.on('data', (data: Buffer) => hash.update(data)).on('end', () => res.end(hash.digest('hex')));
    } else res.end('hello');
  });
  const sockets = new WebSocketServer({ server: web, perMessageDeflate: false });
  sockets.on('connection', (socket) =>
    socket.on('message', (data: Buffer, isBinary) => socket.send(data, { binary: isBinary })),
  );
  web.listen(0, '127.0.0.1');
  await once(web, 'listening');
  webPort = (web.address() as AddressInfo).port;
  const proxy = createProcessProxy({
    portOf: (name) => (name === 'web' ? webPort : null),
    log: silentLog,
  });
  const address = await startProxyListener(
    proxy,
    (listen) => listen(0),
    (close) => (closeProxy = close),
  );
  proxyPort = Number(new URL(address).port);
});

afterAll(async () => {
  closeProxy();
  web.closeAllConnections();
  web.close();
  await once(web, 'close');
});

async function ask(path: string, body?: Iterable<Buffer>): Promise<IncomingMessage> {
  const headers = { host: `web.localhost:${proxyPort}` };
  const asked = request({
    ...{ host: '127.0.0.1', port: proxyPort, path, headers, method: body ? 'POST' : 'GET' },
  });
  if (body) void pipeline(Readable.from(body), asked).catch(() => {});
  else asked.end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

test('a download of 1 GiB passes whole, and none of it piles up in the proxy', async () => {
  const before = process.memoryUsage().rss;
  const expected = createHash('sha256');
  for (const part of download()) expected.update(part);
  const started = performance.now();
  const answer = await ask('/download');
  const hash = createHash('sha256');
  let most = 0;
  for await (const data of answer) {
    hash.update(data as Buffer);
    most = Math.max(most, process.memoryUsage().rss - before);
  }
  const seconds = (performance.now() - started) / 1000;
  expect(hash.digest('hex')).toBe(expected.digest('hex'));
  // Process, proxy and client share this one Node process: a tenth of the file is far more than their buffers.
  expect(most).toBeLessThan(DOWNLOAD / 10 + 64 * MIB);
  process.stdout.write(
    `process proxy: 1 GiB in ${seconds.toFixed(1)} s, at most ${Math.round(most / MIB)} MiB more memory\n`,
  );
}, 120_000);

test('a reader that stops stops the process too: nothing is read ahead', async () => {
  const answer = await ask('/download');
  answer.pause();
  const before = process.memoryUsage().rss;
  for (let turn = 0; turn < 2000; turn += 1) await new Promise(setImmediate);
  expect(process.memoryUsage().rss - before).toBeLessThan(128 * MIB);
  answer.destroy();
});

test('an upload of 256 MiB without a length arrives unchanged', async () => {
  const parts = Array.from({ length: 256 }, () => piece);
  const expected = createHash('sha256');
  for (const part of parts) expected.update(part);
  const answer = await ask('/upload', parts);
  let text = '';
  for await (const data of answer.setEncoding('utf8')) text += String(data);
  expect(text).toBe(expected.digest('hex'));
}, 60_000);

test('10,000 events arrive in order', async () => {
  const answer = await ask('/events');
  expect(answer.headers['content-type']).toBe('text/event-stream');
  let text = '';
  for await (const data of answer.setEncoding('utf8')) text += String(data);
  expect(text).toBe([...events()].join(''));
});

test('20,000 WebSocket messages, text and binary, come back in order', async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${proxyPort}/hmr`, {
    headers: { host: `web.localhost:${proxyPort}` },
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  let received = 0;
  let wrong = 0;
  const all = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer, isBinary) => {
      if (data.toString() !== `message ${received}` || isBinary !== (received % 2 === 1)) wrong += 1;
      received += 1;
      if (received === MESSAGES) resolve();
    });
  });
  for (let index = 0; index < MESSAGES; index += 1)
    socket.send(index % 2 === 1 ? Buffer.from(`message ${index}`) : `message ${index}`);
  await all;
  expect(wrong).toBe(0);
  socket.close();
  await once(socket, 'close');
}, 30_000);

const host = 'Host: web.localhost\r\n';
const malformed: Record<string, string> = {
  'no host': 'GET /x HTTP/1.1\r\n\r\n',
  'an empty host': 'GET /x HTTP/1.1\r\nHost:\r\n\r\n',
  'two hosts': `GET /x HTTP/1.1\r\n${host}Host: other.localhost\r\n\r\n`,
  'two hosts that agree': `GET /x HTTP/1.1\r\n${host}${host}\r\n`,
  'a foreign host': 'GET /x HTTP/1.1\r\nHost: evil.example.com\r\n\r\n',
  'an address as host': 'GET /x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
  'a host with a user': 'GET /x HTTP/1.1\r\nHost: a@web.localhost\r\n\r\n',
  'a host with a longer name': 'GET /x HTTP/1.1\r\nHost: web.localhost.evil.com\r\n\r\n',
  'a whole URL as target': `GET http://web.localhost/x HTTP/1.1\r\n${host}\r\n`,
  'a target that is no path': `GET x HTTP/1.1\r\n${host}\r\n`,
  'length and chunks': `POST /x HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'two lengths': `POST /x HTTP/1.1\r\n${host}Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde`,
  'a length below zero': `POST /x HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`,
  'a length with a plus': `POST /x HTTP/1.1\r\n${host}Content-Length: +4\r\n\r\nabcd`,
  'an unknown transfer coding': `POST /x HTTP/1.1\r\n${host}Transfer-Encoding: chunked, evil\r\n\r\n0\r\n\r\n`,
  'a space before the colon': `GET /x HTTP/1.1\r\n${host}X-A : b\r\n\r\n`,
  'a folded header': `GET /x HTTP/1.1\r\n${host}X-A: b\r\n c\r\n\r\n`,
  'a NUL in a header': `GET /x HTTP/1.1\r\n${host}X-A: b\0c\r\n\r\n`,
  'a bare carriage return in a header': `GET /x HTTP/1.1\r\n${host}X-A: b\rX-B: c\r\n\r\n`,
  'a method that is none': `G\x01T /x HTTP/1.1\r\n${host}\r\n`,
  'an unknown version': `GET /x HTTP/9.9\r\n${host}\r\n`,
  'a head of 32 KiB': `GET /x HTTP/1.1\r\n${host}X-A: ${'a'.repeat(32_768)}\r\n\r\n`,
  'another protocol': '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'a tunnel': `CONNECT web.localhost:80 HTTP/1.1\r\n${host}\r\n`,
  'a trace': `TRACE /x HTTP/1.1\r\n${host}\r\n`,
  'an upgrade to something else': `GET /x HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`,
};

test('malformed requests are refused, and none reaches a process', async () => {
  let refused = 0;
  for (const [what, text] of Object.entries(malformed)) {
    reached.length = 0;
    const socket = connect(proxyPort, '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (data: string) => {
      answer += data;
      if (answer.includes('\r\n\r\n')) socket.end();
    });
    socket.on('error', () => {});
    socket.write(text, 'latin1');
    await once(socket, 'close');
    expect({ what, answer }).toMatchObject({
      answer: expect.stringMatching(/^$|^HTTP\/1\.1 4\d\d /) as string,
    });
    expect({ what, reached }).toEqual({ what, reached: [] });
    refused += 1;
  }
  const answer = await ask('/');
  expect(answer.statusCode).toBe(200);
  answer.resume();
  expect(refused).toBe(Object.keys(malformed).length);
  process.stdout.write(`process proxy: ${refused} of ${refused} malformed requests refused\n`);
}, 30_000);
