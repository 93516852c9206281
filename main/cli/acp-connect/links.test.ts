import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { handClock } from '../../testing/fake-ports.ts';
import { createCookies } from './cookies.ts';
import { httpDial } from './http-link.ts';
import type { LinkEnd, LinkEvents } from './link.ts';
import { frameOf } from './message.ts';
import { webSocketDial, type RemoteDeps } from './ws-link.ts';

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function remote(protocol: string, port: number) {
  const clock = handClock();
  const cookies = createCookies();
  const deps: RemoteDeps = {
    url: new URL(`${protocol}://127.0.0.1:${port}/acp`),
    headers: {},
    cookies,
    clock,
  };
  return { deps, clock, cookies };
}

function listener() {
  const ends: LinkEnd[] = [];
  const frames: string[] = [];
  const events: LinkEvents = {
    onFrame: (frame) => frames.push(frame.toString()),
    onDrain: () => {},
    onEnd: (end) => ends.push(end),
  };
  return { ends, frames, events };
}

const initialize = { id: 0, method: 'initialize', params: {} };

test('a listener that says nothing is given up after fifteen seconds', async () => {
  const silent = createServer((socket) => void socket.resume());
  const { deps, clock } = remote('ws', await listening(silent));
  const connected = once(silent, 'connection');
  const dialled = webSocketDial(deps)(listener().events).catch((error: unknown) => error);
  await connected;
  clock.advance(15_000);
  expect(await dialled).toMatchObject({ code: 'timed_out', exitCode: 5 });
});

test('a first message that is not answered over HTTP is given up after a minute', async () => {
  const silent = createServer((socket) => void socket.resume());
  const { deps, clock } = remote('http', await listening(silent));
  const connected = once(silent, 'connection');
  const { ends, events } = listener();
  const link = await httpDial(deps)(events);
  link.send(frameOf(initialize), initialize);
  await connected;
  clock.advance(60_000);
  await vi.waitFor(() => expect(ends).toMatchObject([{ kind: 'lost', failure: { code: 'timed_out' } }]));
});

test('a connection whose other side is silent is lost, and one that is not read is not', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, autoPong: false });
  await once(server, 'listening');
  onTestFinished(() => server.close());
  const { deps, clock } = remote('ws', (server.address() as AddressInfo).port);
  const connected = once(server, 'connection');
  const { ends, events } = listener();
  const link = await webSocketDial(deps)(events);
  await connected;
  link.pause();
  for (let beat = 0; beat < 10; beat += 1) clock.advance(20_000);
  expect(ends).toEqual([]);
  link.resume();
  for (let beat = 0; beat < 3; beat += 1) clock.advance(20_000);
  await vi.waitFor(() => expect(ends).toMatchObject([{ kind: 'lost' }]));
});

test('a goodbye that is not answered does not hold the client', async () => {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const { deps, clock } = remote('ws', (server.address() as AddressInfo).port);
  server.on('connection', (socket) => socket.pause());
  const { ends, events } = listener();
  const link = await webSocketDial(deps)(events);
  const closed = link.close();
  clock.advance(2_000);
  await closed;
  expect(ends).toHaveLength(1);
});

test('cookies of the server come back to it, and a redirect is not followed', async () => {
  const seen: (string | undefined)[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.cookie ?? '-'}`);
    response.setHeader('set-cookie', 'route=a; Path=/');
    if (request.method === 'POST') response.setHeader('acp-connection-id', 'c1');
    if (request.method === 'GET') response.writeHead(307, { location: 'http://127.0.0.1:1/elsewhere' }).end();
    else response.end('{"jsonrpc":"2.0","id":0,"result":{}}');
  });
  const { deps } = remote('http', await listening(server));
  const { ends, events } = listener();
  const link = await httpDial(deps)(events);
  link.send(frameOf(initialize), initialize);
  await vi.waitFor(() =>
    expect(ends).toMatchObject([
      { kind: 'lost', failure: { message: expect.stringContaining('answered 307') as string } },
    ]),
  );
  expect(seen).toEqual(['POST /acp -', 'GET /acp route=a', 'DELETE /acp route=a']);
});
