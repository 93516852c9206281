import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rgPath } from '@vscode/ripgrep';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { buildCli, finished, lineOf, type BuiltCli, type Result } from '../testing/built-cli.ts';
import { ended, isRunning, writtenPid } from '../testing/real-processes.ts';
import { temporaryFolder } from '../testing/temporary.ts';

// The verbs of managed processes, built, against a real host: what is tested is what a shell sees.

let built: BuiltCli;
let home = '';
let folder = '';
let serving: ChildProcessWithoutNullStreams;

const start = (...args: string[]) => built.start(args, home);
const run = (...args: string[]): Promise<Result> => {
  const child = start(...args);
  child.stdin.end();
  return finished(child);
};
async function json(...args: string[]): Promise<{ code: number; value: Record<string, unknown> }> {
  const { code, stdout } = await run('--json', ...args);
  return { code, value: JSON.parse(stdout) as Record<string, unknown> };
}

/** The real ripgrep; of a search for `endless` it is given a log that never ends. */
function searchWithoutEnd(): void {
  const ripgrep = join(folder, 'ripgrep');
  const endless = `echo $$ > ${folder}/searching; mkfifo ${folder}/log.$$; exec 0<> ${folder}/log.$$`;
  writeFileSync(ripgrep, `#!/bin/sh\ncase "$*" in *endless*) ${endless};; esac\nexec ${rgPath} "$@"\n`);
  chmodSync(ripgrep, 0o700);
  const own = join(built.folder, 'node_modules', '@vscode', 'ripgrep');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'package.json'), '{ "name": "@vscode/ripgrep", "main": "index.js" }');
  writeFileSync(join(own, 'index.js'), `exports.rgPath = ${JSON.stringify(ripgrep)};\n`);
}

beforeAll(async () => {
  built = await buildCli();
  home = mkdtempSync(join(tmpdir(), 'signalbox-home-'));
  folder = mkdtempSync(join(tmpdir(), 'signalbox-work-'));
  searchWithoutEnd();
  serving = start('serve', '--json');
  await lineOf(serving, 'stdout', /"ready"/);
}, 60_000);

afterAll(async () => {
  const over = finished(serving);
  serving.kill('SIGTERM');
  const { code } = await over;
  built.remove();
  for (const path of [home, folder]) rmSync(path, { recursive: true, force: true });
  expect(code).toBe(0);
});

const sh = (name: string, line: string, ...options: string[]) =>
  json('run', name, ...options, '--', '/bin/sh', '-c', line);
const forever = 'while :; do sleep 600; done';

test.each([
  ['of one process', ['logs', 'web', '--grep', 'endless']],
  ['of all processes', ['logs', '--regex', 'endless|up']],
  ['that goes on with what comes', ['logs', 'web', '--grep', 'endless', '--follow']],
])('Ctrl+C ends a search %s, in the host too, and prints nothing of it', async (_what, args) => {
  await sh('web', `echo up; ${forever}`);
  rmSync(join(folder, 'searching'), { force: true });
  const asked = start(...args);
  const result = finished(asked);
  const ripgrep = await writtenPid(join(folder, 'searching'));
  expect(isRunning(ripgrep)).toBe(true);
  asked.kill('SIGINT');
  // As every program that Ctrl+C ends; a shell says 130.
  expect(await result).toEqual({ code: -1, signal: 'SIGINT', stdout: '', stderr: '' });
  await ended(ripgrep);
  // Nobody else's search was ended with it.
  expect(await run('logs', 'web', '--grep', 'up')).toMatchObject({ code: 0, stdout: 'up\n' });
  await run('rm', 'web');
});

test('Ctrl+C ends following behind a whole line', async () => {
  await sh('web', 'i=0; while :; do i=$((i+1)); echo "line $i of many"; done');
  const following = start('logs', 'web', '--follow', '--tail', '0');
  const result = finished(following);
  await lineOf(following, 'stdout', /of many/);
  following.kill('SIGINT');
  const { signal, stdout } = await result;
  expect(signal).toBe('SIGINT');
  expect(stdout.endsWith('\n')).toBe(true);
  for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^line \d+ of many$/);
  await run('rm', 'web');
});

test.each(['name', 'id'] as const)(
  'a process is waited for by its %s, and each outcome has a code',
  async (by) => {
    const go = join(folder, `go-${by}`);
    const line = `echo first; while [ ! -e ${go} ]; do sleep 0.02; done; echo second; exit 3`;
    const { value } = await sh('job', line, '--ready', 'first');
    const job = String(value[by]);
    const wait = (...options: string[]) => json('wait', job, ...options);
    expect(value).toMatchObject({ name: 'job', id: expect.stringMatching(/./) as string });

    expect(await wait('--ready')).toMatchObject({ code: 0, value: { outcome: 'happened' } });
    expect(await wait('--until', 'first')).toMatchObject({ code: 0, value: { line: 'first' } });
    expect(await wait('--regex', '^fi.st$')).toMatchObject({ code: 0, value: { line: 'first' } });
    expect(await wait('--exit', '--timeout', '100ms')).toMatchObject({
      code: 5,
      value: { error: { code: 'timed_out' } },
    });
    const forSecond = wait('--until', 'second');
    const forThird = wait('--until', 'third');
    const forEnd = wait('--exit');
    writeFileSync(go, '');
    expect(await forSecond).toMatchObject({ code: 0, value: { line: 'second' } });
    expect(await forThird).toMatchObject({ code: 1, value: { outcome: 'ended-first' } });
    expect(await forEnd).toMatchObject({ code: 0, value: { outcome: 'happened' } });
    expect(await wait('--ready')).toMatchObject({ code: 1, value: { outcome: 'ended-first' } });

    // What an earlier run printed does not count.
    await json('run', 'job', '--', '/bin/sh', '-c', forever);
    expect(await wait('--until', 'second', '--timeout', '100ms')).toMatchObject({ code: 5 });
    expect(await run('rm', job)).toMatchObject({ code: 0, stdout: 'removed: job\n' });
    expect(await wait('--exit')).toMatchObject({ code: 6, value: { error: { code: 'not_found' } } });
  },
);

test('what to wait for is said once, else it is bad usage', async () => {
  expect((await run('wait', 'job')).code).toBe(2);
  expect((await run('wait', 'job', '--ready', '--exit')).code).toBe(2);
});

test('a project file with an error is refused with its place, and nothing of it starts', async () => {
  const file = join(folder, 'signalbox.yaml');
  writeFileSync(file, 'processes:\n  fine: { cmd: sleep 60 }\n  web:\n    cmd: [run, "${SIGNALBOX_GONE}"]\n');
  const refused = await run('up', file);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toBe(
    `signalbox: ${file}:4:5: processes.web.cmd: the variable SIGNALBOX_GONE is not set; "$$" is a dollar sign\n`,
  );
  expect((await json('ps')).value).toEqual({ processes: [] });
});

test('up with --only starts what is named with all that it needs, down ends it in the other direction', async () => {
  const file = join(folder, 'signalbox.yaml');
  const told = join(folder, 'told');
  // The first to be asked takes longest to end: asked all at once, they would end in the order of their start.
  const entry = (name: string, needs: string, seconds: number) => {
    const end = `sleep ${seconds}; echo ${name} >> ${told}; exit 0`;
    const line = `trap '${end}' TERM; while :; do sleep 0.05; done`;
    return `  ${name}: { cmd: "${line}", depends_on: [${needs}] }\n`;
  };
  const entries = [
    entry('web', 'api', 0.5),
    entry('api', 'db', 0.25),
    entry('db', '', 0),
    entry('docs', 'db', 0),
  ];
  writeFileSync(file, `processes:\n${entries.join('')}`);
  const up = await json('up', file, '--only', 'web');
  expect(up.code).toBe(0);
  const names = (value: Record<string, unknown>) =>
    (value['processes'] as { name: string }[]).map(({ name }) => name).sort();
  expect(names(up.value)).toEqual(['api', 'db', 'web']);
  expect(names((await json('ps')).value)).toEqual(['api', 'db', 'web']);
  expect(await json('down', file)).toEqual({ code: 0, value: { stopped: ['web', 'api', 'db'] } });
  expect(readFileSync(told, 'utf8')).toBe('web\napi\ndb\n');
  await run('rm', 'web', 'api', 'db');
});

/** A server that never ends what was begun with it, as one in a container is: it is no child of the host. */
async function stubbornServer(port: number): Promise<Server> {
  const server = createServer((req, res) => {
    if (req.url === '/hello') res.end('hello');
    else res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
  });
  const sockets = new WebSocketServer({ server });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return server;
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a host whose proxy has connections of every kind ends at the first %s',
  async (signal) => {
    const own = temporaryFolder();
    const host = built.start(['serve', '--json'], own);
    const over = finished(host);
    onTestFinished(() => void host.kill('SIGKILL'));
    const { proxy } = JSON.parse(await lineOf(host, 'stdout', /"ready"/)) as { proxy: string };
    const port = await stubbornPort();
    const begun = built.start(['run', 'web', '--port', String(port), '--', '/bin/sh', '-c', forever], own);
    expect((await finished(begun)).code).toBe(0);
    await stubbornServer(port);

    const { port: at } = new URL(proxy);
    const headers = { host: `web.localhost:${at}` };
    const idle = await answered(get({ host: '127.0.0.1', port: at, path: '/hello', headers }));
    idle.resume();
    const events = await answered(get({ host: '127.0.0.1', port: at, path: '/events', headers }));
    const eventsEnd = new Promise((resolve) => events.once('close', resolve));
    events.on('error', () => {}).resume();
    const socket = new WebSocket(`ws://127.0.0.1:${at}/hmr`, { headers });
    socket.on('error', () => {});
    await once(socket, 'open');
    const socketEnd = once(socket, 'close');
    const half = connect(Number(at), '127.0.0.1');
    half.on('error', () => {}).resume();
    half.write(`POST /slow HTTP/1.1\r\nHost: web.localhost\r\nContent-Length: 10\r\n\r\nhalf`);
    const waiting = connect(Number(at), '127.0.0.1');
    waiting.on('error', () => {}).resume();
    await once(waiting, 'connect');
    const rawEnds = Promise.all([half, waiting].map((one) => new Promise((done) => one.once('close', done))));

    host.kill(signal);
    expect(await over).toMatchObject({ code: 0, signal: null });
    await Promise.all([eventsEnd, socketEnd, rawEnds]);
  },
  30_000,
);

async function answered(asked: ReturnType<typeof get>): Promise<IncomingMessage> {
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  return answer;
}

async function stubbornPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
