import { readdirSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { expect } from 'vitest';
import { WebSocket } from 'ws';
import { initialize, request } from './remote-bench.ts';
import { seeded } from './seeded.ts';
import { startTestHost, temporaryRepository, type TestHost } from './test-host.ts';

export interface HostileFigures {
  frames: number;
  requests: number;
  /** What became of the frames and requests, by the answer that was given. */
  readonly answers: Record<string, number>;
  /** Files that lie where none was before. */
  readonly strayed: string[];
}

export const hostileLine = ({ frames, requests, answers, strayed }: HostileFigures): string =>
  `acp hostile input: ${frames} mutated frames and ${requests} mutated requests: ${Object.entries(answers)
    .sort()
    .map(([answer, count]) => `${answer} ${count}`)
    .join(', ')}; host alive, ${strayed.length} files written\n`;

type Choose = (below: number) => number;

/** How many connections one token may have at once. */
const PLACES = 16;

const NAMES = [
  '../../stray',
  '..\\stray',
  '/etc/stray',
  'stray\0',
  '%2e%2e%2fstray',
  '.',
  'a'.repeat(5000),
  '\u202estray',
];
const session = (id: string, method: string, more: object = {}) =>
  request(9, method, { sessionId: id, cwd: `/tmp/${id}`, mcpServers: [], ...more });

/** Messages as a client sends them, with ids that would be paths if anybody took them for one. */
function frame(choose: Choose): Buffer {
  const id = NAMES[choose(NAMES.length)] ?? '';
  const texts = [
    initialize,
    session(id, 'session/load'),
    session(id, 'session/prompt', { prompt: [{ type: 'text', text: `create ${id} with stray` }] }),
    session(id, 'session/resume'),
    session(id, 'session/delete'),
    session(id, `session/${id}`),
    JSON.stringify({ jsonrpc: '2.0', method: 'session/cancel', params: { sessionId: id } }),
    JSON.stringify({
      jsonrpc: '2.0',
      id,
      result: { outcome: { outcome: 'selected', optionId: 'allow-once' } },
    }),
    JSON.stringify({
      jsonrpc: '2.0',
      id: choose(5),
      result: { outcome: { outcome: 'selected', optionId: 'allow-once' } },
    }),
    `[${initialize}]`,
    '['.repeat(2000),
    `{"jsonrpc":"2.0","method":"x","params":${'{"a":'.repeat(1500)}1${'}'.repeat(1500)}}`,
    JSON.stringify({
      jsonrpc: '2.0',
      method: 'x',
      params: 'x'.repeat(choose(20) === 0 ? 9 * 1024 * 1024 : 3000),
    }),
  ];
  return mutated(Buffer.from(texts[choose(texts.length)] ?? ''), choose);
}

/** One to four wounds: a byte changed, cut out or put in, a part doubled, the end cut off, or none at all. */
function mutated(bytes: Buffer, choose: Choose): Buffer {
  let made = bytes;
  for (let wounds = choose(5); wounds > 0; wounds -= 1) {
    const at = choose(Math.max(1, made.length));
    const [before, after] = [made.subarray(0, at), made.subarray(at)];
    const ways = [
      () => Buffer.concat([before, Buffer.from([byte(choose)]), after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(1 + choose(8))]),
      () => Buffer.concat([before, Buffer.from([byte(choose), byte(choose)]), after]),
      () => Buffer.concat([before, after.subarray(0, 64), after]),
      () => before,
    ];
    made = ways[choose(ways.length)]?.() ?? made;
  }
  return made;
}

/** Mostly ASCII: what is no UTF-8 ends a connection before anybody looks at it. */
const byte = (choose: Choose) => choose(choose(20) === 0 ? 256 : 128);

/** A request as bytes, well-formed or not. */
function rawRequest(port: number, token: string, choose: Choose): Buffer {
  const pick = <T>(of: readonly T[]): T => of[choose(of.length)] as T;
  const name = encodeURI(pick(NAMES).replace('\0', '%00'));
  const body = frame(choose).subarray(0, 20_000);
  const lines = [
    `${pick(['GET', 'POST', 'DELETE', 'PUT', 'OPTIONS', 'BREW'])} /acp${pick(['', '', '', '/demo', `/${name}`, '/ws', '/demo/ws'])} HTTP/1.1`,
    `Host: ${pick(['127.0.0.1', '127.0.0.1', 'evil.example'])}:${port}`,
    `Authorization: ${pick([`Bearer ${token}`, `Bearer ${token}`, `Bearer ${token}x`, name])}`,
    `Accept: ${pick(['text/event-stream', 'application/json', '*/*'])}`,
    ...(choose(2) === 0 ? [`Acp-Connection-Id: ${name}`] : []),
    ...(choose(2) === 0 ? [`Acp-Session-Id: ${name}`] : []),
    ...(choose(4) === 0 ? ['Origin: https://evil.example'] : []),
    ...(choose(4) === 0 ? ['Connection: Upgrade', 'Upgrade: websocket', `Sec-WebSocket-Key: ${name}`] : []),
    `Content-Type: ${pick(['application/json', 'application/json', 'text/plain'])}`,
    pick([
      `Content-Length: ${body.length}`,
      `Content-Length: ${body.length + 10}`,
      'Content-Length: 99999999999',
      'Transfer-Encoding: chunked',
    ]),
  ];
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
  return choose(3) === 0 ? mutated(bytes, choose) : bytes;
}

/** Frames and requests of somebody who has a token and means harm, to the built-in agent behind a whole host. */
export async function runHostile(options: {
  frames: number;
  requests: number;
  seed: number;
}): Promise<HostileFigures> {
  const choose = seeded(options.seed);
  const host = await startTestHost({
    config: `remote:\n  agents: [demo]\n  idleMinutes: 1\n  connectionsEach: ${PLACES}\n`,
  });
  const repository = temporaryRepository({ 'README.md': 'untouched\n' });
  const before = filesOf(host, repository);
  const door = await entrance(host);
  const figures: HostileFigures = { frames: 0, requests: 0, answers: {}, strayed: [] };
  const count = (answer: string) => (figures.answers[answer] = (figures.answers[answer] ?? 0) + 1);

  while (figures.frames < options.frames) {
    const some = Math.min(100, options.frames - figures.frames);
    figures.frames += some;
    const share = Array.from({ length: some }, () => frame(choose));
    // One half as the first words on a connection, the other after a greeting.
    await sendFrames(door, { greet: (figures.frames / 100) % 2 === 0 }, share, count);
    if (figures.frames % 400 === 0) await alive(door);
  }
  while (figures.requests < options.requests) {
    const share = Math.min(100, options.requests - figures.requests);
    figures.requests += share;
    const exchanges = Array.from({ length: share }, () =>
      exchange(door.port, rawRequest(door.port, door.token, choose)),
    );
    // Somebody honest who came after them has been served: who has no answer by now waits for the rest of the request.
    await alive(door);
    for (const { hangUp } of exchanges) hangUp();
    for (const answer of await Promise.all(exchanges.map(({ answer }) => answer))) count(answer);
    await alive(door);
  }
  await host.owner.call('remote.stop', {});
  await host.until(({ remote }) => remote.connections.length === 0);
  const after = filesOf(host, repository);
  figures.strayed.push(...after.filter((file) => !before.includes(file)));
  return figures;
}

interface Door {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  /** Resolves when the host has room for one connection more. */
  readonly room: () => Promise<unknown>;
}

async function entrance(host: TestHost): Promise<Door> {
  const made = await host.owner.call('gateway.createToken', { kind: 'acp', name: 'hostile' });
  if (!made.ok) throw new Error(made.error.message);
  const url = await host.until(({ listeners }) => listeners.acp);
  const room = () => host.until(({ remote }) => remote.connections.length < PLACES);
  return { url, port: Number(new URL(url).port), token: made.value.token, room };
}

/** Sends them one after the other, each when the last one was read; where the host hangs up, on a new connection. */
async function sendFrames(
  door: Door,
  { greet }: { greet: boolean },
  frames: readonly Buffer[],
  count: (answer: string) => void,
): Promise<void> {
  let socket: WebSocket | null = null;
  for (const one of frames) {
    const current: WebSocket = socket ?? (await open(door));
    if (socket === null) {
      if (greet) current.send(initialize);
      current.on('message', (data: Buffer) => {
        const { error } = JSON.parse(data.toString()) as { error?: { code: number } };
        if (error) count(`error ${error.code}`);
      });
    }
    const end = await read(current, one);
    if (end === null) count('taken');
    else count(`closed ${end}`);
    socket = end === null ? current : null;
  }
  socket?.terminate();
}

/** Sends one frame; null when it was read, for a ping behind it was answered, and the code when that was the end. */
function read(socket: WebSocket, frame: Buffer): Promise<number | null> {
  return new Promise((resolve) => {
    const closed = (code: number) => resolve(code);
    socket.once('close', closed);
    socket.once('pong', () => {
      socket.off('close', closed);
      resolve(null);
    });
    socket.send(frame, { binary: false });
    socket.ping();
  });
}

async function open({ url, token, room }: Door): Promise<WebSocket> {
  for (;;) {
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${token}` } });
    const state = await new Promise<number>((resolve) => {
      socket.on('error', () => {});
      socket.once('open', () => resolve(101));
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
    });
    if (state === 101) return socket;
    // Agents of connections that were cut are still ending.
    if (state !== 503) throw new Error(`the upgrade was answered ${state}`);
    await room();
  }
}

/** Says something and listens for the first line of the answer. `hangUp` says that no more will come. */
function exchange(port: number, bytes: Buffer): { answer: Promise<string>; hangUp: () => void } {
  const socket = connectTcp(port, '127.0.0.1');
  const answer = new Promise<string>((resolve) => {
    let text = '';
    const done = () => {
      socket.destroy();
      resolve(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 'no answer');
    };
    socket.on('error', done);
    socket.on('close', done);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\r\n')) done();
    });
    socket.write(bytes);
  });
  return { answer, hangUp: () => socket.end() };
}

/** The host still serves an honest client. */
async function alive(door: Door): Promise<void> {
  const socket = await open(door);
  const greeted = new Promise((resolve) =>
    socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString()))),
  );
  socket.send(initialize);
  expect(await greeted).toMatchObject({ id: 1, result: { protocolVersion: 1 } });
  socket.terminate();
}

/** Everything that lies around: in the host's home, beside it, and in the repository. */
function filesOf({ root }: TestHost, repository: string): string[] {
  const list = (folder: string) =>
    readdirSync(folder, { recursive: true }).map((file) => join(folder, file.toString()));
  const beside = readdirSync(join(root, '..')).filter((name) => name.includes('stray'));
  // The host's own books grow while it works.
  const own = ['audit', 'secrets', 'logs'].map((name) => join(root, name));
  return [...list(root), ...list(repository), ...beside].filter(
    (file) => !own.some((folder) => file.startsWith(folder)) && !/\.(db|db-wal|db-shm|sqlite.*)$/.test(file),
  );
}
