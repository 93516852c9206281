import { methods } from '@agentclientprotocol/sdk';
import { build } from 'esbuild';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { mainBundle } from '../../../build/lib/bundles.mjs';
import { ROOT } from '../../../build/lib/paths.mjs';
import { temporaryFolder } from '../../testing/temporary.ts';
import {
  listen,
  sdkServer,
  converse,
  hello,
  newSession,
  prompt,
  bareServer,
  steady,
  type Mirror,
} from '../../testing/acp-connect/peers.ts';

// The real program, built, between a real client on stdio and the transports of the SDK, which others wrote.
let built = '';

beforeAll(async () => {
  mkdirSync(join(ROOT, 'node_modules', '.cache'), { recursive: true });
  built = mkdtempSync(join(ROOT, 'node_modules', '.cache', 'signalbox-connect-'));
  const bundle = mainBundle(join(built, 'dist'), { 'cli/signalbox': 'main/cli/main.ts' });
  // No host runs here, so none is built.
  await build({ ...bundle, external: [...bundle.external, '*/headless.ts'] });
}, 60_000);

afterAll(() => rmSync(built, { recursive: true, force: true }));

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Mirror {
  const program = join(built, 'dist', 'cli', 'signalbox.mjs');
  const child = spawn(process.execPath, [program, 'acp', 'connect', ...args], {
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => {});
  return {
    child,
    stderr: () => stderr,
    exited: new Promise((resolve) => child.once('close', (code) => resolve(code))),
  };
}

/** What it prints, with nobody at its stdin. */
async function run(
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const { child, stderr, exited } = start(args);
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  return { code: await exited, stdout, stderr: stderr() };
}

const TRANSPORTS = ['ws', 'http'] as const;

test.each(TRANSPORTS)('a client that knows stdio only talks with an agent over %s', async (transport) => {
  const { address, world } = await sdkServer();
  const mirror = start([address(transport), '--cwd', '/there', '--latency']);
  await converse(mirror, async (agent, heard) => {
    const { protocolVersion } = await hello(agent);
    expect(protocolVersion).toBe(1);
    const { sessionId } = await newSession(agent);
    const answer = await prompt(agent, sessionId, 'ask');
    expect(answer).toMatchObject({ stopReason: 'end_turn' });
    expect(answer._meta).toMatchObject({ signalbox: { transportLatency: { updateCount: 1 } } });
    expect((await agent.request(methods.agent.session.list, {})).sessions).toEqual([
      { sessionId, cwd: '/there' },
    ]);
    await prompt(agent, sessionId, 'read');
    await vi.waitFor(() => expect(heard.join('; ')).toMatch(/^was selected; .*not offered/));
    heard.length = 0;
    await agent.request(methods.agent.session.load, { sessionId, cwd: '/editor', mcpServers: [] });
    await vi.waitFor(() => expect(heard).toHaveLength(2));
    const turn = prompt(agent, sessionId, 'wait');
    await vi.waitFor(() => expect(heard.at(-1)).toBe('waiting'));
    await agent.notify(methods.agent.session.cancel, { sessionId });
    expect((await turn).stopReason).toBe('cancelled');
    expect(world.seen.map(({ method }) => method)).toEqual(['initialize', 'session/new', 'session/load']);
    expect(world.seen[0]?.params).toMatchObject({
      clientCapabilities: { fs: { readTextFile: false, writeTextFile: false } },
    });
  });
  expect(await mirror.exited).toBe(0);
  expect(mirror.stderr()).toBe('');
});

test.each(TRANSPORTS)(
  'a connection over %s that is cut in the middle of a prompt is made again',
  async (transport) => {
    const { address, world, cut } = await sdkServer();
    const mirror = start([address(transport), '--host', 'passthrough']);
    await converse(mirror, async (agent, heard) => {
      await hello(agent);
      const { sessionId } = await newSession(agent);
      await prompt(agent, sessionId, 'first');
      await prompt(agent, sessionId, 'read');
      await vi.waitFor(() => expect(heard).toEqual(['first', 'from the editor']));
      for (let times = 1; times <= 2; times += 1) {
        const turn = prompt(agent, sessionId, 'wait');
        await vi.waitFor(() => expect(heard.at(-1)).toBe('waiting'));
        cut();
        await expect(turn).rejects.toMatchObject({ code: -32603, data: { reason: 'connection_lost' } });
        expect((await prompt(agent, sessionId, `after ${times}`)).stopReason).toBe('end_turn');
        await vi.waitFor(() => expect(heard.at(-1)).toBe(`after ${times}`));
      }
      // Nothing was told twice, and the agent was not asked twice.
      expect(heard).toEqual(['first', 'from the editor', 'waiting', 'after 1', 'waiting', 'after 2']);
      expect(world.prompts).toBe(6);
      expect(world.seen.filter(({ method }) => method === 'session/load')).toHaveLength(2);
    });
    expect(await mirror.exited).toBe(0);
    expect(mirror.stderr().match(/trying again/g)).toHaveLength(2);
  },
);

test('with a signal it says goodbye, over HTTP too', async () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const { address, requests } = await sdkServer();
    const mirror = start([address('http')]);
    mirror.child.stdin.write(`${JSON.stringify(initialize)}\n`);
    await once(mirror.child.stdout, 'data');
    mirror.child.kill(signal);
    expect(await mirror.exited).toBe(0);
    expect(requests.map(({ method }) => method)).toEqual(['POST', 'GET', 'DELETE']);
  }
});

const initialize = { jsonrpc: '2.0', id: 0, method: 'initialize', params: { protocolVersion: 1 } };

test('large frames and odd bytes pass as they are, a line each', async () => {
  const { url, next } = await bareServer();
  const connected = next();
  const { child, exited } = start([url]);
  const socket = await connected;
  const large = `{"jsonrpc":"2.0","method":"x","params":{"text":"${'é😀'.repeat(1_000_000)}"}}`;
  const got: string[] = [];
  socket.on('message', (data: Buffer, isBinary) =>
    got.push(`${isBinary ? 'binary' : 'text'} ${data.toString()}`),
  );
  child.stdin.write(`${large}\r\n\n  \n{"n":1.0}\n`);
  await vi.waitFor(() => expect(got).toHaveLength(2), { timeout: 10_000 });
  expect(got[0] === `text ${large}`).toBe(true);
  expect(got[1]).toBe('text {"n":1.0}');
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  socket.send(Buffer.from('binary is ignored'), { binary: true });
  socket.send('{\n  "pretty": 1\r\n}');
  socket.send(large);
  socket.close(1000);
  expect(await exited).toBe(0);
  expect(out === `{   "pretty": 1  }\n${large}\n`).toBe(true);
});

test('an editor that does not read holds the agent back, and loses nothing', async () => {
  const { url, next } = await bareServer();
  const connected = next();
  const { child, exited } = start([url]);
  const socket = await connected;
  const COUNT = 1500;
  const filler = 'x'.repeat(64 * 1024);
  for (let n = 0; n < COUNT; n += 1) socket.send(`{"n":${n},"filler":"${filler}"}`);
  // It takes what fits into pipes and buffers, and then no more.
  const waitingBytes = await steady(() => socket.bufferedAmount);
  expect(waitingBytes).toBeGreaterThan(COUNT * 64 * 1024 * 0.75);
  const memory = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  expect(memory).toBeLessThan(160);
  let lines = 0;
  let rest = '';
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) {
      expect(part.startsWith(`{"n":${lines},`)).toBe(true);
      lines += 1;
    }
  });
  await vi.waitFor(() => expect(lines).toBe(COUNT), { timeout: 10_000 });
  socket.close(1000);
  expect(await exited).toBe(0);
  process.stdout.write(
    `acp connect: ${COUNT} frames of 64 KiB to an editor that did not read: ${Math.round(memory)} MiB resident, none lost\n`,
  );
});

test('an agent that does not read holds the editor back, and loses nothing', async () => {
  const { url, next } = await bareServer();
  const connected = next();
  const { child, exited } = start([url]);
  const socket = await connected;
  socket.pause();
  const COUNT = 1500;
  const filler = 'x'.repeat(64 * 1024);
  for (let n = 0; n < COUNT; n += 1) child.stdin.write(`{"n":${n},"filler":"${filler}"}\n`);
  expect(await steady(() => child.stdin.writableLength)).toBeGreaterThan(COUNT * 64 * 1024 * 0.75);
  let got = 0;
  socket.on('message', (data: Buffer) => {
    expect(data.subarray(0, 16).toString().startsWith(`{"n":${got},`)).toBe(true);
    got += 1;
  });
  socket.resume();
  await vi.waitFor(() => expect(got).toBe(COUNT), { timeout: 10_000 });
  child.stdin.end();
  expect(await exited).toBe(0);
});

test('the token comes from a file or the environment and is nowhere else', async () => {
  const { url, next, requests } = await bareServer();
  const file = join(temporaryFolder(), 'token');
  writeFileSync(file, 'sbx-secret-token\n', { mode: 0o600 });
  for (const [args, env] of [
    [['--token-file', file], {}],
    [['--token-env', 'BOX_TOKEN'], { BOX_TOKEN: 'sbx-secret-token' }],
  ] as const) {
    const connected = next();
    const mirror = start([url, ...args], env);
    const socket = await connected;
    expect(requests.at(-1)?.headers.authorization).toBe('Bearer sbx-secret-token');
    expect(readFileSync(`/proc/${mirror.child.pid}/cmdline`, 'utf8')).not.toContain('secret');
    socket.close(1008, 'not you');
    expect(await mirror.exited).toBe(1);
    expect(mirror.stderr()).toContain('1008, not you');
    expect(mirror.stderr()).not.toContain('secret');
  }
});

test('the exit code says what went wrong, and stdout belongs to the protocol', async () => {
  const statuses = [401, 403, 404, 503];
  const { port } = await listen(
    (request, response) => response.writeHead(Number(request.url?.slice(1))).end(),
    (request, socket) =>
      socket.end(`HTTP/1.1 ${request.url?.slice(1) ?? ''} No\r\nContent-Length: 0\r\n\r\n`),
  );
  const line = `${JSON.stringify(initialize)}\n`;
  for (const transport of TRANSPORTS) {
    const codes: (number | null)[] = [];
    for (const status of statuses) {
      const mirror = start([`${transport}://127.0.0.1:${port}/${status}`]);
      let out = '';
      mirror.child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      mirror.child.stdin.write(line);
      codes.push(await mirror.exited);
      expect(mirror.stderr()).toMatch(/^signalbox: 127\.0\.0\.1:\d+ /);
      // An editor is told why, where it waits for an answer.
      if (out !== '') expect(JSON.parse(out)).toMatchObject({ id: 0, error: { code: -32603 } });
    }
    expect([transport, codes]).toEqual([transport, [4, 4, 6, 1]]);
  }
  // An editor that has gone before is told the same.
  const gone = start([`ws://127.0.0.1:${port}/401`]);
  gone.child.stdin.end();
  expect(await gone.exited).toBe(4);
  const wrong: [string[], number][] = [
    [['ws://host.example/acp'], 2],
    [['ftp://host.example/acp'], 2],
    [['wss://host.example/acp', '--host', 'mine'], 2],
    [['wss://host.example/acp', '--cwd', 'relative'], 2],
    [['wss://host.example/acp', '--reconnect', '-1'], 2],
    [['wss://host.example/acp', '--token-file', '/no/such/file'], 6],
    [['wss://host.example/acp', '--token-env', 'NO_SUCH_VARIABLE'], 2],
    [['ws://127.0.0.1:1/acp', '--json'], 1],
    [[`ws://127.0.0.1:1/acp`], 1],
  ];
  for (const [args, code] of wrong) {
    const result = await run(args);
    expect([args, result.code, result.stdout]).toEqual([args, code, '']);
    expect(result.stderr).toMatch(/^signalbox: \S/);
  }
});

test('a connection that is lost for good ends with an answer to what was asked', async () => {
  const { url, next } = await bareServer();
  const connected = next();
  const mirror = start([url, '--reconnect', '0']);
  const socket = await connected;
  const got: unknown[] = [];
  mirror.child.stdout.on('data', (chunk: Buffer) => got.push(JSON.parse(chunk.toString())));
  mirror.child.stdin.write(`${JSON.stringify(initialize)}\n`);
  await once(socket, 'message');
  socket.send(
    JSON.stringify({ jsonrpc: '2.0', id: 0, result: { protocolVersion: 1, agentCapabilities: {} } }),
  );
  mirror.child.stdin.write('{"jsonrpc":"2.0","id":"x","method":"session/new","params":{}}\n');
  await once(socket, 'message');
  socket.terminate();
  expect(await mirror.exited).toBe(1);
  expect(got.at(-1)).toMatchObject({ id: 'x', error: { data: { reason: 'connection_lost' } } });
});
