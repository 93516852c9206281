import { asFailure, Failure } from '../failure.ts';
import { createHttpCaller, readBody } from './http-call.ts';
import { createHttpStreams, SESSION } from './http-streams.ts';
import { createHttpRoutes } from './http-routes.ts';
import {
  CLOSE_MS,
  HIGH_WATER,
  LOW_WATER,
  type Dial,
  type LinkEnd,
  type LinkEvents,
  type RemoteLink,
} from './link.ts';
import { errorReply, mayHaveId, readMessage, type Message } from './message.ts';
import { refusal } from './refusal.ts';
import type { RemoteDeps } from './ws-link.ts';

const CONNECTION = 'acp-connection-id';
/** An agent may have to be started before it can answer the first message. */
const INITIALIZE_MS = 60_000;
const POST_MS = 30_000;

interface Waiting {
  readonly frame: Buffer;
  readonly message: Message | null;
}

/**
 * ACP over Streamable HTTP, as the transport draft says: messages go out as POSTs, one at a time so that they stay in
 * order; those of the agent come on event streams, one for the connection and one for each session. Nothing is sent
 * before the first message, which opens the connection.
 */
export function httpDial(deps: RemoteDeps): Dial {
  return async (events) => createHttpLink(deps, events);
}

function createHttpLink(deps: RemoteDeps, events: LinkEvents): RemoteLink {
  const { url, clock } = deps;
  const caller = createHttpCaller(deps);
  const routes = createHttpRoutes();
  const queue: Waiting[] = [];
  let queued = 0;
  let isFull = false;
  let connection: string | null = null;
  let over = false;
  let sending: Promise<void> | null = null;

  function end(kind: LinkEnd['kind'], failure: Failure): void {
    if (over) return;
    over = true;
    streams.cut();
    void goodbye().finally(() => events.onEnd({ kind, failure }));
  }
  const lost = (why: string) =>
    end('lost', new Failure('unavailable', `the connection to ${url.host} ended (${why})`));
  const failed = (error: unknown) => {
    const failure = asFailure(error);
    end(failure.code === 'not_permitted' ? 'refused' : 'lost', failure);
  };

  const streams = createHttpStreams({
    url,
    caller,
    headers: () => ({ [CONNECTION]: connection ?? '' }),
    onFrame: fromAgent,
    onTooLong: () => end('refused', new Failure('too_large', `a message of ${url.host} was too large`)),
    onClosed(session) {
      // The stream of a session from which nothing is awaited may end; it is opened again when it is needed.
      if (session === null || routes.awaits(session)) lost('its event stream was closed');
    },
  });

  async function goodbye(): Promise<void> {
    if (connection !== null) {
      const headers = { [CONNECTION]: connection };
      const call = caller.call({ method: 'DELETE', headers, timeoutMs: CLOSE_MS });
      // The connection may be gone already, which is all that is wanted.
      await call.then((response) => void response.resume()).catch(() => {});
    }
    caller.destroy();
  }

  function fromAgent(frame: Buffer, session: string | null): void {
    if (over) return;
    if (mayHaveId(frame)) {
      const opens = routes.seen(readMessage(frame), session);
      if (opens !== null) streams.open(opens).catch(failed);
    }
    events.onFrame(frame);
  }

  async function postFirst({ frame }: Waiting): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const response = await caller.call({ method: 'POST', headers, body: frame, timeoutMs: INITIALIZE_MS });
    const body = await readBody(response, clock, INITIALIZE_MS);
    const id = response.headers[CONNECTION];
    if (response.statusCode !== 200) throw refusal(response.statusCode ?? 0, url);
    if (typeof id !== 'string' || !body)
      throw new Failure('unavailable', `${url.host} does not speak ACP over HTTP`);
    connection = id;
    await streams.open(null);
    fromAgent(body, null);
  }

  async function post({ frame, message }: Waiting): Promise<void> {
    if (connection === null) return postFirst({ frame, message });
    const session = routes.sessionFor(message);
    if (session !== null) await streams.open(session);
    if (over) return;
    const response = await caller.call({
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [CONNECTION]: connection,
        ...(session !== null && { [SESSION]: session }),
      },
      body: frame,
      timeoutMs: POST_MS,
    });
    response.resume();
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return;
    if (status === 401 || status === 403) throw refusal(status, url);
    const isRequest = message?.method !== undefined && message.id !== undefined;
    // 404 and 410: the other side does not know this connection any more.
    if (!isRequest || status === 404 || status === 410) {
      lost(`it answered ${status}`);
      return;
    }
    const problem = { code: -32603, message: `${url.host} did not take the message (HTTP ${status})` };
    fromAgent(errorReply(message.id ?? null, problem), session);
  }

  async function sendAll(): Promise<void> {
    for (let next = queue.shift(); next && !over; next = queue.shift()) {
      try {
        await post(next);
      } catch (error) {
        failed(error);
      }
      queued -= next.frame.length;
      if (isFull && queued <= LOW_WATER) {
        isFull = false;
        events.onDrain();
      }
    }
    sending = null;
  }

  return {
    send(frame, message) {
      queue.push({ frame, message });
      queued += frame.length;
      isFull ||= queued > HIGH_WATER;
      sending ??= sendAll();
      return !isFull;
    },
    pause: streams.pause,
    resume: streams.resume,
    roundTripMs: () => null,
    async close() {
      await Promise.race([sending, new Promise<void>((resolve) => clock.after(CLOSE_MS, resolve))]);
      if (over) return;
      over = true;
      streams.cut();
      await goodbye();
    },
  };
}
