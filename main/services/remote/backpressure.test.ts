import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  closed,
  initialize,
  message,
  opened,
  startRemoteBench,
  type RemoteBench,
  notification,
  midPrompt,
} from '../../testing/remote-bench.ts';

test('a slow reader holds the agent back instead of filling memory, and then gets everything', async () => {
  const progress = join((await startRemoteBench()).workspace, 'progress');
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
  const { connect } = await startRemoteBench({ argv: [process.execPath, '-e', script] });
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

test('a client that reads nothing for a minute is cut off, and its agent ended', async () => {
  const script = `
    const line = JSON.stringify({ jsonrpc: '2.0', method: 'x', params: 'x'.repeat(65536) }) + '\\n';
    process.stdin.once('data', function work() {
      while (process.stdout.write(line));
      process.stdout.once('drain', work);
    });`;
  const { connect, alive, audit } = await startRemoteBench({
    argv: [process.execPath, '-e', script],
    speed: 50,
  });
  const socket = connect();
  await opened(socket);
  const first = message(socket, () => true);
  socket.send(initialize);
  await first;
  socket.pause();
  await expect
    .poll(() => audit.entries.at(-1)?.facts?.['why'], { timeout: 8000 })
    .toBe('client reads nothing');
  expect(alive()).toBe(0);
  socket.terminate();
}, 20_000);

test('a slow agent holds the client back, and is given up when it reads nothing for a minute', async () => {
  // A minute of the host is six seconds here.
  const { connect, groups, alive, audit } = await startRemoteBench({
    argv: ['/bin/sh', '-c', 'read line; sleep 1000'],
    speed: 10,
  });
  const socket = connect();
  await opened(socket);
  socket.send(initialize);
  await expect.poll(() => groups.length).toBe(1);
  for (let n = 0; n < 40; n += 1) socket.send(notification('x'.repeat(1_000_000)));
  await expect.poll(() => socket.bufferedAmount).toBeGreaterThan(20_000_000);
  expect(alive()).toBeGreaterThan(0);
  await expect
    .poll(() => audit.entries.at(-1)?.facts?.['why'], { timeout: 12_000 })
    .toBe('agent reads nothing');
  expect(alive()).toBe(0);
  socket.terminate();
}, 30_000);

test('a connection on which nothing is said is closed, but not while an answer is awaited', async () => {
  const { connect, approver, workspace, audit } = await startRemoteBench({
    speed: 200,
    limits: { idleMinutes: 1 },
  });
  const socket = connect();
  await midPrompt({ approver, workspace } as RemoteBench, socket);
  const quiet = connect();
  await opened(quiet);
  const greeted = message(quiet, (m) => m.id === 1);
  quiet.send(initialize);
  await greeted;
  expect(await closed(quiet)).toBe(1001);
  await expect.poll(() => audit.entries.at(-1)?.facts?.['why']).toBe('idle');
  expect(socket.readyState).toBe(WebSocket.OPEN);
  socket.terminate();
}, 20_000);
