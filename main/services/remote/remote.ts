import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import type { RemotePermissions, RemoteStatus } from '../../../contract/remote.ts';
import type { Roots } from '../../acp/workspace-files.ts';
import type { Approver } from '../../kernel/approver.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import type { Clock, Log, RandomSource } from '../../kernel/ports.ts';
import { createConnections, type Entry } from './connections.ts';
import { ENDINGS } from './ending.ts';
import { accepts, createHttpEndpoint } from './http-endpoint.ts';
import { MAX_FRAME } from './limits.ts';
import { describeService } from './metadata.ts';
import { createPermissionMode } from './permission-mode.ts';
import type { AgentLauncher, Folders, RemoteLimits, RemoteRules } from './ports.ts';
import { createQuestions } from './questions.ts';
import { serveSocket } from './socket-carrier.ts';

const IDLE_LOOK_MS = 60_000;

export interface RemoteDeps {
  agents: AgentLauncher;
  publish: (event: HostEvent) => void;
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  log: Log;
  approver: Approver;
  rules: RemoteRules;
  roots: Roots;
  folders: Folders;
  sanitize: (text: string) => string;
  /**
   * Where agents are started, before a client has named the folder of a session: some build their sandbox around it.
   */
  cwd: () => string;
  version: string;
  /** The allow-list, kept in the configuration. */
  exposed: () => readonly string[];
  setExposed: (names: string[]) => void;
  limits: () => RemoteLimits;
  permissions: () => RemotePermissions;
}

/** Whom the gateway has let in, and to what. */
export interface RemoteTarget {
  /** The name after `/acp/`; null for `/acp`, where the first exposed agent answers. */
  readonly agent: string | null;
  readonly principal: string;
  /** Puts a refusal on record. */
  refused(why: string): void;
}

export interface Remote {
  readonly handlers: HandlersOf<'remote'>;
  /** Resolves when it is on record who answers the agents, if that is not this host. */
  start(): Promise<void>;
  /** Closes all connections and resolves when none of their agents is left. */
  stop(): Promise<void>;
  /** Takes over a WebSocket connection that the gateway has authenticated, with Host and Origin checked. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer, target: RemoteTarget): void;
  /** Streamable HTTP at `/acp` and `/acp/NAME`, and what is served there, for callers the gateway has authenticated. */
  handleRequest(request: IncomingMessage, response: ServerResponse, target: RemoteTarget): void;
  /** Ends every connection of somebody whose access was taken away. */
  closePrincipal(principal: string): Promise<void>;
}

/** The ACP remote: allow-listed agents over WebSocket and HTTP, one process group for each connection. */
export function createRemote(deps: RemoteDeps): Remote {
  const { agents, publish, clock, log, exposed } = deps;
  let stopped = false;
  let stopLooking = () => {};

  const mode = createPermissionMode({
    configured: deps.permissions,
    audit: deps.audit,
    changed: () => void announce(),
  });
  const connections = createConnections({
    ...{ clock, log, random: deps.random, audit: deps.audit, limits: deps.limits },
    changed: () => void announce(),
    async launch(agent, label) {
      // The list may have changed since the connection was let in.
      if (stopped || !exposed().includes(agent))
        throw new HostError('refused', `agent "${agent}" is not served`);
      return agents.launch(agent, { cwd: deps.cwd(), label });
    },
    questions: (connectionId, { agent, principal }, wiring) =>
      createQuestions({
        ...wiring,
        ...{ connectionId, log, approver: deps.approver, rules: deps.rules, audit: deps.audit },
        permissions: mode.onRecord,
        context: { agent, principal, folders: deps.folders, roots: deps.roots, sanitize: deps.sanitize },
      }),
  });
  const http = createHttpEndpoint({
    clock,
    admit: (target) => connections.admit({ ...target, transport: 'http' }),
  });
  const ids = new WeakMap<IncomingMessage, string>();
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_FRAME });
  server.on('headers', (headers, request) => {
    const id = ids.get(request);
    if (id !== undefined) headers.push(`Acp-Connection-Id: ${id}`);
  });

  function status(): RemoteStatus {
    return { agents: [...exposed()], permissions: deps.permissions(), connections: connections.list() };
  }

  function announce(): RemoteStatus {
    const remote = status();
    publish({ type: 'remote.changed', remote });
    return remote;
  }

  function servedName(agent: string | null): string | null {
    const name = agent ?? exposed()[0];
    return stopped || name === undefined || !exposed().includes(name) ? null : name;
  }

  function lookForIdle(): void {
    stopLooking = clock.after(IDLE_LOOK_MS, () => {
      connections.closeIdle(ENDINGS.idle);
      lookForIdle();
    });
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
      const gone = connections.closeWhere(({ target }) => !wanted.includes(target.agent), ENDINGS.notServed);
      const remote = announce();
      await gone;
      return remote;
    },
    'remote.stop': async () => {
      deps.setExposed([]);
      announce();
      await connections.closeWhere(() => true, ENDINGS.notServed);
      return status();
    },
    'remote.closeConnection': async ({ connectionId }) => {
      const entry = connections.byId(connectionId);
      if (!entry)
        throw new HostError('not_found', `there is no connection ${connectionId}`, { connectionId });
      await connections.closeWhere((one) => one === entry, ENDINGS.byHand);
      return status();
    },
  };

  return {
    handlers,
    async start() {
      announce();
      lookForIdle();
      await mode.onRecord().catch((error: unknown) => {
        log.error({ error: String(error) }, 'who answers agents is not on record: what they ask is refused');
      });
    },
    async stop() {
      stopped = true;
      stopLooking();
      await connections.closeWhere(() => true, ENDINGS.hostStops);
      server.close();
    },
    handleUpgrade(request, socket, head, { agent, principal, refused }) {
      const name = servedName(agent);
      if (name === null) {
        refused(`${principal}: not served`);
        refuse(socket, '404 Not Found');
        return;
      }
      const entry = connections.admit({ agent: name, principal, transport: 'websocket' });
      if (entry === null) {
        refused(`${principal}: too many connections`);
        refuse(socket, '503 Service Unavailable');
        return;
      }
      ids.set(request, entry.id);
      acceptUpgrade(server, request, socket, head, entry, clock);
    },
    handleRequest(request, response, { agent, principal, refused }) {
      const name = servedName(agent);
      if (name === null) {
        refused(`${principal}: not served`);
        answer(response, 404, { error: 'no such agent is served' });
        return;
      }
      const streams = accepts(request) || request.headers['acp-connection-id'] !== undefined;
      if (request.method === 'GET' && !streams) {
        const path = agent === null ? '/acp' : `/acp/${name}`;
        answer(
          response,
          200,
          describeService({ path, agent: name, agents: exposed(), version: deps.version }),
        );
        return;
      }
      http.handle(request, response, { agent: name, principal }).catch((error: unknown) => {
        log.error({ error: String(error) }, 'a request to an agent failed');
        response.destroy();
      });
    },
    closePrincipal: (principal) =>
      connections.closeWhere(({ target }) => target.principal === principal, ENDINGS.withdrawn),
  };
}

function acceptUpgrade(
  server: WebSocketServer,
  request: IncomingMessage,
  stream: Duplex,
  head: Buffer,
  entry: Entry,
  clock: Clock,
): void {
  let accepted = false;
  // A handshake that is not whole is refused by the library, and nobody comes.
  stream.once('close', () => {
    if (!accepted) entry.over(ENDINGS.clientGone);
  });
  server.handleUpgrade(request, stream, head, (socket) => {
    accepted = true;
    const connection = serveSocket({
      ...{ socket, stream, clock },
      open: (carrier, drained) => entry.start(carrier, drained),
      over: (ending) => entry.over(ending),
    });
    entry.closeBy(connection.close);
  });
}

function refuse(socket: Duplex, line: string): void {
  socket.on('error', () => {});
  socket.end(`HTTP/1.1 ${line}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

function answer(response: ServerResponse, code: number, body: Record<string, unknown>): void {
  response.writeHead(code, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(JSON.stringify(body));
}
