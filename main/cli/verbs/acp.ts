import type { Command } from 'commander';
import { createInterface } from 'node:readline';
import type { RawData, WebSocket as Socket } from 'ws';
import type { RemoteStatus } from '../../../contract/remote.ts';
import type { Cli, Verbs } from '../cli.ts';
import { Exit } from '../exit-code.ts';
import { Failure, usage } from '../failure.ts';
import { facts, table } from '../plain-text.ts';
import { addTokenVerbs } from './tokens.ts';

const MAX_FRAME = 16 * 1024 * 1024;
const MAX_TOKEN_FILE = 4096;
const OPEN_MS = 15_000;

/** The ACP remote: agents of this host for clients elsewhere, and agents of elsewhere here. */
export function addAcpVerbs(program: Command, verbs: Verbs): void {
  const { verb, group } = verbs;
  const acp = group(program, 'acp', 'agents over ACP: serve yours, connect to others');
  verb(
    acp,
    'serve <agent...>',
    'serve these agents at /acp/NAME; the first is also at /acp',
    async (cli, agents) => {
      const remote = await cli.call('remote.serve', { agents: [...agents] });
      const { listeners } = await cli.snapshot();
      cli.answer({ ...remote, url: listeners.acp }, statusText(remote, listeners.acp));
    },
  );
  verb(acp, 'stop', 'serve no agent; open connections are closed', async (cli) => {
    const remote = await cli.call('remote.stop', {});
    cli.answer(remote, statusText(remote, null));
  });
  verb(acp, 'status', 'which agents are served, and who is connected', async (cli) => {
    const { remote, listeners } = await cli.snapshot();
    cli.answer({ ...remote, url: listeners.acp }, statusText(remote, listeners.acp));
  });
  addTokenVerbs(acp, verbs, 'acp');
  verb<{ tokenFile?: string }>(
    acp,
    'connect <url>',
    'mirror a remote agent to stdin and stdout, a message a line; needs no host',
    connect,
    (command) => command.option('--token-file <file>', 'the file with the bearer token'),
  );
}

function statusText(remote: RemoteStatus, url: string | null): string {
  if (remote.agents.length === 0) return 'no agent is served: signalbox acp serve AGENT';
  const head = facts([
    ['listens', url ?? 'off'],
    ['serves', remote.agents.join(', ')],
  ]);
  const rows = remote.connections.map((one) => [one.agent, one.client, one.connectedAt]);
  return rows.length === 0 ? head : `${head}\n\n${table(['AGENT', 'CLIENT', 'CONNECTED'], rows)}`;
}

/**
 * Whether a bearer token may be sent to this address: encrypted, or to this machine. Pure.
 * @throws Failure `invalid_input`
 */
export function remoteAddress(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !['ws:', 'wss:'].includes(url.protocol))
    throw usage('the address must begin with wss:// (or ws:// on this machine)');
  if (url.username !== '' || url.password !== '')
    throw usage('put the token into a file, never into the address');
  const local = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url.protocol === 'ws:' && !local) throw usage('ws:// would send the token in the clear; use wss://');
  return url;
}

async function readToken(file: string): Promise<string> {
  const { readFile, stat } = await import('node:fs/promises');
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new Failure('not_found', `there is no token file ${file}`);
  if (found.size > MAX_TOKEN_FILE) throw usage(`${file} is too large for a token`);
  const token = (await readFile(file, 'utf8')).trim();
  if (!/^[\x21-\x7e]+$/.test(token)) throw usage(`${file} does not hold one token`);
  return token;
}

async function connect(
  cli: Cli,
  [text = '']: readonly string[],
  options: { tokenFile?: string },
): Promise<number> {
  const url = remoteAddress(text);
  const token = options.tokenFile === undefined ? null : await readToken(options.tokenFile);
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(url, {
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
    maxPayload: MAX_FRAME,
    handshakeTimeout: OPEN_MS,
    perMessageDeflate: false,
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (request, response) => {
      request.destroy();
      reject(refusal(response.statusCode ?? 0, url));
    });
    socket.once('error', (error) =>
      reject(new Failure('unavailable', `${url.host} cannot be reached: ${error.message}`)),
    );
  });
  return mirror(cli, socket);
}

function refusal(status: number, url: URL): Failure {
  if (status === 401 || status === 403) {
    return new Failure(
      'not_permitted',
      `${url.host} does not take this token; make one with: signalbox acp token create`,
    );
  }
  if (status === 404) return new Failure('not_found', `${url.host} serves no agent at ${url.pathname}`);
  return new Failure('unavailable', `${url.host} answered ${status}`);
}

/** Lines to frames and frames to lines, until either end closes. */
function mirror(cli: Cli, socket: Socket): Promise<number> {
  return new Promise((resolve) => {
    let finished = false;
    const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
    lines.on('line', (line) => {
      if (line.trim() !== '') socket.send(line);
    });
    lines.once('close', () => {
      finished = true;
      socket.close(1000);
    });
    socket.on('message', (data: RawData, isBinary: boolean) => {
      if (isBinary) return;
      // A pretty-printed message would be several lines.
      const frame = textOf(data).replaceAll(/[\r\n]+/g, ' ');
      if (!process.stdout.write(`${frame}\n`)) {
        socket.pause();
        process.stdout.once('drain', () => socket.resume());
      }
    });
    socket.on('error', () => socket.terminate());
    socket.once('close', (code, reason) => {
      lines.close();
      process.stdin.destroy();
      const ours = finished && (code === 1000 || code === 1005);
      if (!ours && code !== 1000)
        cli.note(`the agent hung up (${code}${reason.length > 0 ? `, ${reason.toString()}` : ''})`);
      resolve(ours || code === 1000 ? Exit.done : Exit.failed);
    });
  });
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return Buffer.isBuffer(data) ? data.toString('utf8') : Buffer.from(data).toString('utf8');
}
