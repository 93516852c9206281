import type { IncomingMessage, ServerResponse } from 'node:http';
import { idKey, isBad, readEnvelope, type Envelope } from '../../acp/envelope.ts';
import { errorAnswer } from '../../acp/json-rpc.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { Entry } from './connections.ts';
import { ENDINGS } from './ending.ts';
import { MAX_SESSION_ID } from './limits.ts';
import type { Link } from './link.ts';
import { createBodyReader } from './request-body.ts';
import { createStreamCarrier, type StreamCarrier } from './stream-carrier.ts';

/** Agents look for updates and log in when they start: the slowest takes half a minute. */
const INITIALIZE_MS = 60_000;
/** Requests of one connection that are being taken at once. */
const MAX_WORKING = 16;

/** Methods that concern one session, from the table of the transport draft: they must name it in a header. */
const OF_A_SESSION: ReadonlySet<string> = new Set(
  [
    'cancel',
    'close',
    'delete',
    'fork',
    'load',
    'prompt',
    'resume',
    'set_config_option',
    'set_mode',
    'set_model',
  ].map((name) => `session/${name}`),
);

export interface HttpDeps {
  readonly clock: Clock;
  /** Null when there are too many connections. */
  readonly admit: (target: { agent: string; principal: string }) => Entry | null;
}

export interface HttpEndpoint {
  /** One request to `/acp` or `/acp/NAME` of a client that was let in. */
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    target: { agent: string; principal: string },
  ): Promise<void>;
}

interface Served {
  readonly entry: Entry;
  readonly link: Link;
  readonly carrier: StreamCarrier;
  readonly flow: Flow;
  working: number;
}

/** Streamable HTTP as the public transport draft of ACP has it (2026-07), over HTTP/1.1. */
export function createHttpEndpoint({ clock, admit }: HttpDeps): HttpEndpoint {
  const served = new Map<string, Served>();
  const readBody = createBodyReader(clock);

  /** The connection that a request names; only whoever opened it may use it. Null: answered already. */
  function connectionOf(
    request: IncomingMessage,
    response: ServerResponse,
    { agent, principal }: { agent: string; principal: string },
  ): Served | null {
    const id = header(request, 'acp-connection-id');
    if (id === null) return say(response, 400, 'Acp-Connection-Id is missing');
    const found = served.get(id);
    const { target } = found?.entry ?? {};
    if (!found || target?.principal !== principal || target.agent !== agent)
      return say(response, 404, 'there is no such connection');
    return found;
  }

  async function open(
    response: ServerResponse,
    target: { agent: string; principal: string },
    frame: Buffer,
    { id }: Envelope,
  ): Promise<void> {
    if (id === null) return void say(response, 400, 'initialize is a request and needs an id');
    const entry = admit(target);
    if (entry === null) return void say(response, 503, 'too many connections');
    const flow = createFlow();
    const carrier = createStreamCarrier({
      clock,
      over(ending) {
        served.delete(entry.id);
        flow.release();
        entry.over(ending);
      },
    });
    entry.closeBy(carrier.close);
    const done = carrier.working();
    response.on('close', () => {
      if (!response.writableFinished) carrier.close(ENDINGS.clientGone);
    });
    const stop = clock.after(INITIALIZE_MS, () => carrier.close(ENDINGS.notStarted));
    try {
      const link = await entry.start(carrier, flow.release);
      carrier.joined(link);
      const answer = carrier.firstAnswer(idKey(id));
      link.receive(frame);
      const line = await answer;
      served.set(entry.id, { entry, link, carrier, flow, working: 0 });
      response.writeHead(200, { 'content-type': 'application/json', 'acp-connection-id': entry.id });
      response.end(line);
    } catch {
      carrier.close(ENDINGS.notStarted);
      sayJson(response, 500, errorAnswer(id, -32603, ENDINGS.notStarted.words));
    } finally {
      stop();
      done();
    }
  }

  async function post(
    request: IncomingMessage,
    response: ServerResponse,
    target: { agent: string; principal: string },
  ): Promise<void> {
    const type = header(request, 'content-type')?.split(';', 1)[0]?.trim().toLowerCase();
    if (type !== 'application/json') {
      dismiss(request, response, 415, 'application/json is wanted');
      return;
    }
    const body = await readBody(request);
    if ('status' in body) {
      dismiss(request, response, body.status, 'the body was not taken');
      return;
    }
    const frame = body.bytes;
    const read = readEnvelope(frame);
    if (isBad(read)) {
      // The draft answers a batch, which is -32600 and JSON, with 501.
      const batch = read.code === -32600 && frame.toString('latin1', 0, 64).trimStart().startsWith('[');
      return void sayJson(response, batch ? 501 : 400, errorAnswer(null, read.code, read.message));
    }
    if (read.method === 'initialize') {
      if (header(request, 'acp-connection-id') !== null)
        return void say(response, 400, 'this connection is initialized already');
      return open(response, target, frame, read);
    }
    const connection = connectionOf(request, response, target);
    if (connection === null) return;
    const objection = objectTo(request, read, connection.link);
    if (objection !== null) return void say(response, 400, objection);
    if (connection.working >= MAX_WORKING) return void say(response, 429, 'too many requests at once');
    await forward(connection, frame, response);
  }

  async function forward(connection: Served, frame: Buffer, response: ServerResponse): Promise<void> {
    const done = connection.carrier.working();
    connection.working += 1;
    try {
      await connection.flow.free();
      if (!served.has(connection.entry.id)) return void say(response, 404, 'the connection is over');
      const { verdict, full } = connection.link.receive(frame);
      if (verdict.to === 'client') return void sayJson(response, 400, verdict.answer);
      if (full) connection.flow.block();
      // The next one of this client waits until the agent has taken this one.
      await connection.flow.free();
      response.writeHead(202, { 'content-length': '0' }).end();
    } finally {
      connection.working -= 1;
      done();
    }
  }

  function get(
    request: IncomingMessage,
    response: ServerResponse,
    target: { agent: string; principal: string },
  ): void {
    if (!accepts(request)) return void say(response, 406, 'text/event-stream is all there is');
    const connection = connectionOf(request, response, target);
    if (connection === null) return;
    const sessionId = header(request, 'acp-session-id');
    if (sessionId !== null && sessionId.length > MAX_SESSION_ID)
      return void say(response, 400, 'the session id is too long');
    if (connection.carrier.read(sessionId, response) === 'busy')
      say(response, 409, 'this stream is being read already');
  }

  return {
    async handle(request, response, target) {
      switch (request.method) {
        case 'POST':
          return post(request, response, target);
        case 'GET':
          get(request, response, target);
          return;
        case 'DELETE': {
          const connection = connectionOf(request, response, target);
          if (connection === null) return;
          connection.carrier.close(ENDINGS.clientClosed);
          response.writeHead(202, { 'content-length': '0' }).end();
          return;
        }
        default:
          response.setHeader('allow', 'GET, POST, DELETE');
          say(response, 405, 'GET, POST and DELETE are served here');
      }
    },
  };
}

/** Why a message must not go to the agent as it stands; null when it may. */
function objectTo(request: IncomingMessage, message: Envelope, link: Link): string | null {
  const named = header(request, 'acp-session-id');
  if (named !== null && named.length > MAX_SESSION_ID) return 'the session id is too long';
  if (message.method === null) {
    const asked = message.id === null ? null : link.exchange.agentAsked(idKey(message.id));
    if (asked === null || asked.sessionId === null) return null;
    if (named === null) return 'Acp-Session-Id is missing';
    return named === asked.sessionId ? null : 'Acp-Session-Id names another session';
  }
  const needed = OF_A_SESSION.has(message.method) || message.sessionId !== null;
  if (needed && named === null) return 'Acp-Session-Id is missing';
  if (named !== null && message.sessionId !== null && named !== message.sessionId)
    return 'Acp-Session-Id names another session';
  return null;
}

interface Flow {
  block(): void;
  release(): void;
  free(): Promise<void>;
}

/** Holds requests back while the agent has enough. */
function createFlow(): Flow {
  let blocked = false;
  let waiting: (() => void)[] = [];
  return {
    block: () => void (blocked = true),
    release() {
      blocked = false;
      for (const go of waiting.splice(0)) go();
      waiting = [];
    },
    free: () => (blocked ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve()),
  };
}

/** True for a request that wants the stream, and not a description of what is served. */
export function accepts(request: IncomingMessage): boolean {
  return header(request, 'accept')?.toLowerCase().includes('text/event-stream') ?? false;
}

function header(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

function say(response: ServerResponse, status: number, words: string): null {
  return sayJson(response, status, Buffer.from(JSON.stringify({ error: words })));
}

function sayJson(response: ServerResponse, status: number, body: Buffer): null {
  if (response.headersSent || response.destroyed) return null;
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
  response.end(body);
  return null;
}

/** Answers without having read the body to its end: the connection is of no use afterwards. */
function dismiss(request: IncomingMessage, response: ServerResponse, status: number, words: string): void {
  response.setHeader('connection', 'close');
  response.once('finish', () => request.destroy());
  say(response, status, words);
  request.resume();
}
