import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RawData, WebSocket } from 'ws';
import type { RemotePermissions, RemoteStatus } from '../../../contract/remote.ts';
import { openConfig } from '../../kernel/config.ts';
import { memoryAuditor } from '../../testing/fake-ports.ts';
import { message, prompt, startRemoteBench, type RemoteBench } from '../../testing/remote-bench.ts';
import { createPermissionMode } from './permission-mode.ts';

const ASKS = 'session/request_permission';
const options = [
  { optionId: 'yes', name: 'Yes', kind: 'allow_once' },
  { optionId: 'ever', name: 'Always', kind: 'allow_always' },
  { optionId: 'no', name: 'No', kind: 'reject_once' },
];
const toolCall = { toolCallId: 'c1', kind: 'execute', rawInput: { command: ['make'] } };
/** Odd spacing and a field that nobody knows: it must come as it was sent. */
const QUESTION = `{"jsonrpc":"2.0", "id":"q1","method":"${ASKS}","params":${JSON.stringify({
  ...{ sessionId: 's1', toolCall, options },
  _extra: [1, 2],
})}}`;

/** An agent that asks for leave as soon as it is prompted, and then says back what it is told. */
const asking = [
  '/bin/sh',
  '-c',
  [
    'read a; echo \'{"jsonrpc":"2.0","id":1,"result":{"protocolVersion":1}}\'',
    'read b; echo \'{"jsonrpc":"2.0","id":2,"result":{"sessionId":"s1"}}\'',
    `read c; echo '${QUESTION}'; exec cat`,
  ].join('; '),
];

/** The bytes of the first message that has them. */
const line = (socket: WebSocket, part: string): Promise<string> =>
  new Promise((resolve) => {
    socket.on('message', (data: RawData) => {
      const text = (data as Buffer).toString();
      if (text.includes(part)) resolve(text);
    });
  });
const records = (bench: RemoteBench, type: string) => bench.audit.entries.filter((one) => one.type === type);
const status = (bench: RemoteBench) => (bench.events.at(-1) as { remote: RemoteStatus }).remote.permissions;

test('only the host answers unless the owner has written down something else, in words that are known', () => {
  const file = join(mkdtempSync(join(tmpdir(), 'signalbox-config-')), 'config.yaml');
  const read = (text: string) => {
    writeFileSync(file, text);
    return openConfig(file).value.remote.permissions;
  };
  expect(read('')).toBe('host');
  expect(read('remote:\n  permissions: client\n')).toBe('client');
  expect(() => read('remote:\n  permissions: anybody\n')).toThrow(`${file}:2: remote.permissions`);
});

test('the client alone is asked, in the agent’s own bytes, and its answer goes back in its own', async () => {
  const bench = await startRemoteBench({ argv: asking, permissions: 'client' });
  const socket = bench.connect();
  const shown = line(socket, ASKS);
  await prompt(socket, bench.workspace, 'x');
  expect(await shown).toBe(QUESTION);
  const answer =
    '{"jsonrpc":"2.0","id":"q1",  "result":{"outcome":{"outcome":"selected","optionId":"ever"}}}';
  const echoed = line(socket, '"ever"');
  socket.send(answer);
  expect(await echoed).toBe(answer);
  expect(bench.approver.asked).toEqual([]);
  expect(records(bench, 'acp.permission.answered')).toMatchObject([
    { actor: 'token:t1', facts: { agent: 'demo', session: 's1', choice: 'allow_always' } },
  ]);
  socket.close();
});

test('what policy denies is answered with no, and the client never sees the question', async () => {
  const bench = await startRemoteBench({ argv: asking, permissions: 'client' });
  bench.approver.says = 'deny';
  const socket = bench.connect();
  const seen: string[] = [];
  socket.on('message', (data: RawData) => void seen.push((data as Buffer).toString()));
  const answered = message(socket, (one) => one.id === 'q1' && one.method === undefined);
  await prompt(socket, bench.workspace, 'x');
  expect((await answered).result).toEqual({ outcome: { outcome: 'selected', optionId: 'no' } });
  expect(seen.filter((text) => text.includes(ASKS))).toEqual([]);
  socket.close();
});

test('the client’s own cancelling ends the question; its late answer is dropped', async () => {
  const bench = await startRemoteBench({ argv: asking, permissions: 'client' });
  const socket = bench.connect();
  const shown = line(socket, ASKS);
  await prompt(socket, bench.workspace, 'x');
  await shown;
  const cancelled = message(socket, (one) => one.id === 'q1' && one.method === undefined);
  socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'session/cancel', params: { sessionId: 's1' } }));
  expect((await cancelled).result).toEqual({ outcome: { outcome: 'cancelled' } });
  const late = { jsonrpc: '2.0', id: 'q1', result: { outcome: { outcome: 'selected', optionId: 'yes' } } };
  socket.send(JSON.stringify(late));
  const marker = line(socket, 'marker');
  socket.send('{"jsonrpc":"2.0","method":"marker"}');
  await marker;
  expect(records(bench, 'acp.permission.answered')).toEqual([]);
  socket.close();
});

test('that the client answers is shown, and on record before it can', async () => {
  let mode: RemotePermissions = 'client';
  const bench = await startRemoteBench({ argv: asking, permissions: () => mode });
  expect(status(bench)).toBe('client');
  expect(records(bench, 'acp.permissions')).toEqual([
    {
      ...{ actor: 'host', type: 'acp.permissions', object: 'remote' },
      facts: { permissions: 'client', before: 'host' },
    },
  ]);
  mode = 'host';
  const socket = bench.connect();
  await prompt(socket, bench.workspace, 'x');
  await expect.poll(() => bench.approver.asked.length).toBe(1);
  expect(status(bench)).toBe('host');
  expect(records(bench, 'acp.permissions').at(-1)?.facts).toEqual({ permissions: 'host', before: 'client' });
  socket.close();
});

test('while it cannot be put on record, what the agent asks is refused', async () => {
  let mode: RemotePermissions = 'host';
  const bench = await startRemoteBench({ argv: asking, permissions: () => mode });
  const socket = bench.connect();
  const answered = message(socket, (one) => one.id === 'q1' && one.method === undefined);
  const opened = bench.audit.hold('acp.opened');
  const prompted = prompt(socket, bench.workspace, 'x');
  await opened.reached;
  mode = 'client';
  bench.audit.break();
  opened.release();
  await prompted;
  expect((await answered).result).toEqual({ outcome: { outcome: 'selected', optionId: 'no' } });
  expect(bench.approver.asked).toEqual([]);
  socket.close();
});

test('however it is set and whoever asks meanwhile, every change is on record once and in order', async () => {
  const modes = fc.constantFrom<RemotePermissions>('host', 'first', 'client');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(modes, fc.nat(3)), { maxLength: 20 }), async (steps) => {
      const audit = memoryAuditor();
      let configured: RemotePermissions = 'host';
      let told = 0;
      const mode = createPermissionMode({
        configured: () => configured,
        audit,
        changed: () => void (told += 1),
      });
      const expected: RemotePermissions[] = ['host'];
      for (const [next, askers] of steps) {
        configured = next;
        const answers = await Promise.all(Array.from({ length: askers + 1 }, () => mode.onRecord()));
        expect(new Set(answers)).toEqual(new Set([next]));
        if (expected.at(-1) !== next) expected.push(next);
      }
      const recorded = audit.entries.map(({ facts }) => [facts?.['before'], facts?.['permissions']]);
      expect(recorded).toEqual(expected.slice(1).map((one, at) => [expected[at], one]));
      expect(told).toBe(recorded.length);
    }),
  );
});
