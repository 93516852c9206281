import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { RemoteConnection, RemoteStatus } from '../../../contract/remote.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock, type Log, type RandomSource } from '../../kernel/ports.ts';
import type { AgentLauncher } from './ports.ts';
import { MAX_FRAME, relay } from './relay.ts';

const MAX_CONNECTIONS = 32;

export interface RemoteDeps {
  agents: AgentLauncher;
  publish: (event: HostEvent) => void;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  log: Log;
  /** Where agents are started; the folder of a session is what its client names in `session/new`. */
  cwd: string;
  /** The allow-list, kept in the configuration. */
  exposed: () => readonly string[];
  setExposed: (names: string[]) => void;
}

export interface Remote {
  readonly handlers: HandlersOf<'remote'>;
  start(): void;
  /** Closes all connections and resolves when none of their agents is left. */
  stop(): Promise<void>;
  /**
   * Takes over a connection that the gateway has authenticated, with Host and Origin checked.
   * @param target.agent the name after `/acp/`; null for `/acp`, where the first exposed agent answers
   */
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    target: { agent: string | null; principal: string },
  ): void;
  /** GET /acp and /acp/NAME (what is served here) and /healthz, for callers the gateway has authenticated. */
  handleRequest(request: IncomingMessage, response: ServerResponse): void;
  /** Ends every connection of somebody whose access was taken away. */
  closePrincipal(principal: string): Promise<void>;
}

interface Open {
  readonly connection: RemoteConnection;
  readonly principal: string;
  readonly socket: WebSocket;
  over: Promise<void>;
}

/** The ACP remote: allow-listed agents over WebSocket, one process group for each connection. */
export function createRemote(deps: RemoteDeps): Remote {
  const { agents, publish, clock, random, audit, log, exposed } = deps;
  const open = new Map<string, Open>();
  const ids = new WeakMap<IncomingMessage, string>();
  let stopped = false;
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_FRAME });
  server.on('headers', (headers, request) => {
    const id = ids.get(request);
    if (id !== undefined) headers.push(`Acp-Connection-Id: ${id}`);
  });

  function status(): RemoteStatus {
    return { agents: [...exposed()], connections: [...open.values()].map(({ connection }) => connection) };
  }

  function announce(): RemoteStatus {
    const remote = status();
    publish({ type: 'remote.changed', remote });
    return remote;
  }

  async function serve(id: string, socket: WebSocket, agent: string, principal: string): Promise<void> {
    // Clients speak as soon as the connection stands: what they say waits until it is on record.
    socket.pause();
    try {
      await audit.append({ actor: principal, type: 'acp.opened', object: id, facts: { agent } });
      await relay({ socket, clock, launch: () => launch(id, agent) });
    } catch (error) {
      log.error({ connection: id, agent, error: String(error) }, 'an ACP connection failed');
      socket.terminate();
    } finally {
      open.delete(id);
      announce();
      await audit
        .append({ actor: principal, type: 'acp.closed', object: id, facts: { agent } })
        .catch((error: unknown) => log.error({ connection: id, error: String(error) }, 'not on record'));
    }
  }

  async function launch(id: string, agent: string) {
    // The list may have changed since the connection was let in.
    if (stopped || !exposed().includes(agent))
      throw new HostError('refused', `agent "${agent}" is not served`);
    try {
      return await agents.launch(agent, { cwd: deps.cwd, label: `remote ${id}` });
    } catch (error) {
      log.warn(
        { connection: id, agent, error: String(error) },
        'an agent could not be started for a remote client',
      );
      throw error;
    }
  }

  async function closeWhere(goes: (entry: Open) => boolean, reason: string): Promise<void> {
    const going = [...open.values()].filter(goes);
    for (const { socket } of going) {
      socket.close(1001, reason);
      // A client that does not answer the close is cut off.
      clock.after(1000, () => socket.terminate());
    }
    await Promise.all(going.map(({ over }) => over));
  }

  const handlers: HandlersOf<'remote'> = {
    'remote.serve': async ({ agents: names }) => {
      const wanted = [...new Set(names)];
      const known = new Set((await agents.list()).map((agent) => agent.name));
      const unknown = wanted.filter((name) => !known.has(name));
      if (unknown.length > 0) {
        throw new HostError(
          'not_found',
          `no such agent: ${unknown.join(', ')}; known: ${[...known].join(', ')}`,
          { unknown },
        );
      }
      deps.setExposed(wanted);
      const gone = closeWhere(({ connection }) => !wanted.includes(connection.agent), 'no longer served');
      const remote = announce();
      await gone;
      return remote;
    },
    'remote.stop': async () => {
      deps.setExposed([]);
      announce();
      await closeWhere(() => true, 'no longer served');
      return status();
    },
  };

  return {
    handlers,
    start: () => void announce(),
    async stop() {
      stopped = true;
      await closeWhere(() => true, 'the host is stopping');
      server.close();
    },
    handleUpgrade(request, socket, head, { agent, principal }) {
      const name = agent ?? exposed()[0];
      if (stopped || name === undefined || !exposed().includes(name)) {
        refuse(socket, '404 Not Found');
        return;
      }
      if (open.size >= MAX_CONNECTIONS) {
        refuse(socket, '503 Service Unavailable');
        return;
      }
      const id = random.id();
      ids.set(request, id);
      server.handleUpgrade(request, socket, head, (upgraded) => {
        const connection = { id, agent: name, client: principal, connectedAt: instant(clock.now()) };
        const entry: Open = { connection, principal, socket: upgraded, over: Promise.resolve() };
        open.set(id, entry);
        announce();
        entry.over = serve(id, upgraded, name, principal);
      });
    },
    handleRequest(request, response) {
      const { code, body } = describeService(request, exposed());
      answer(response, code, body);
    },
    closePrincipal: (principal) =>
      closeWhere((entry) => entry.principal === principal, 'access was withdrawn'),
  };
}

function refuse(socket: Duplex, line: string): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** What a plain HTTP request is told: what is served here, and nothing of this machine. */
function describeService(
  request: IncomingMessage,
  exposed: readonly string[],
): { code: number; body: Record<string, unknown> } {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (request.method !== 'GET') return { code: 405, body: { error: 'only WebSocket is served here' } };
  if (path === '/healthz') return { code: 200, body: { ok: true } };
  const found = /^\/acp(?:\/([a-z0-9][a-z0-9-]{0,62}))?$/.exec(path);
  const agent = found?.[1] ?? exposed[0];
  if (!found || agent === undefined || !exposed.includes(agent))
    return { code: 404, body: { error: 'not found' } };
  const body = {
    protocol: 'acp',
    transports: ['websocket'],
    agent,
    agents: exposed,
    maxFrameBytes: MAX_FRAME,
  };
  return { code: 200, body };
}

function answer(response: ServerResponse, code: number, body: Record<string, unknown>): void {
  response.writeHead(code, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(code === 405 && { allow: 'GET' }),
  });
  response.end(JSON.stringify(body));
}
