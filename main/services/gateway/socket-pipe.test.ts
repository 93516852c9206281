import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { socketPipe } from './socket-pipe.ts';

/** Both ends of one real WebSocket; the far end can stop reading. */
async function sockets() {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', () => resolve()));
  const accepted = new Promise<WebSocket>((resolve) => server.once('connection', resolve));
  const far = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const near = await accepted;
  await new Promise<void>((resolve) =>
    far.readyState === far.OPEN ? resolve() : far.once('open', () => resolve()),
  );
  onTestFinished(() => {
    far.terminate();
    near.terminate();
    server.close();
    http.close();
  });
  return { near, far };
}

const frame = new Uint8Array(65_535);

test('what a slow reader leaves waiting is counted, and is told when it has gone', async () => {
  const { near, far } = await sockets();
  const { pipe, backlog } = socketPipe(near);
  far.pause();
  while (backlog.waiting() < 4 * 1024 * 1024) pipe.send(frame);
  const order: string[] = [];
  const drained = new Promise<void>((resolve) =>
    backlog.drained(() => {
      order.push(`drained at ${String(backlog.waiting() <= 65_536)}`);
      resolve();
    }),
  );
  await new Promise<void>((resolve) => setImmediate(resolve));
  order.push('reading');
  far.resume();
  await drained;
  expect(order).toEqual(['reading', 'drained at true']);
});

test('where nothing waits, it is told at the next turn and not before', async () => {
  const { near } = await sockets();
  const { backlog } = socketPipe(near);
  let told = false;
  backlog.drained(() => (told = true));
  expect(told).toBe(false);
  await expect.poll(() => told).toBe(true);
});

test('a reader that never reads is cut off before it costs more than a bound', async () => {
  const { near, far } = await sockets();
  const { pipe, backlog } = socketPipe(near);
  far.pause();
  const closed = new Promise<number | undefined>((resolve) => pipe.onClose(resolve));
  let most = 0;
  for (let i = 0; i < 1_000; i += 1) {
    pipe.send(frame);
    most = Math.max(most, backlog.waiting());
  }
  expect(await closed).toBe(1006);
  expect(most).toBeLessThan(33 * 1024 * 1024);
});

test('text has no place on this socket', async () => {
  const { near, far } = await sockets();
  const { pipe } = socketPipe(near);
  const heard: Uint8Array[] = [];
  pipe.onMessage((one) => void heard.push(one));
  const closed = new Promise<number>((resolve) => far.once('close', resolve));
  far.send(new Uint8Array([1, 2]));
  far.send('hello');
  expect(await closed).toBe(4400);
  expect(heard).toEqual([new Uint8Array([1, 2])]);
});
