import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { McpHttpHandler, McpRequestContext } from '@modelcontextprotocol/server';
import type { NodeIncomingMessageLike, NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import type { BridgeModes } from '../../../contract/bridge.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Clock, Log } from '../../kernel/ports.ts';
import type { BridgeMcpServer } from './mcp-server.ts';
import { createMcpSessions, type McpSession } from './mcp-sessions.ts';
import { readJsonBody } from './request-body.ts';
import { toolNamed } from './tool-table.ts';

export interface McpHttpDeps {
  /** A server for one caller: once per session, and once per request of the stateless revision, so it must be cheap. */
  serverFor(caller: Caller): Promise<BridgeMcpServer>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface McpHttp {
  /**
   * Answers one request to `/mcp`. The gateway has already checked Host and Origin, and turned the bearer
   * token into `caller`; nothing of that is repeated here. Never rejects.
   */
  handle(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void>;
  /** Ends all sessions and open exchanges of a principal, when its token is revoked or has expired. */
  closeCaller(principal: string): Promise<void>;
  /** Tells connected clients which tools they have now. */
  applyModes(modes: BridgeModes): void;
  stop(): Promise<void>;
}

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const IDLE_MS = 30 * 60_000;
const SESSIONS_PER_PRINCIPAL = 64;

interface Sdk {
  readonly isInitializeRequest: (message: unknown) => boolean;
  readonly Transport: typeof NodeStreamableHTTPServerTransport;
  /** Requests outside a session: the 2026 revision, and single requests of the older ones. */
  readonly quick: NodeHandler;
  /** The same, streaming from the start: a person may be asked, and silence would be cut off by a proxy. */
  readonly patient: NodeHandler;
  readonly endpoints: readonly McpHttpHandler[];
}
type NodeHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  body: unknown,
  caller: Caller,
) => Promise<void>;

/**
 * The bridge over Streamable HTTP: one endpoint for the stateless revision of 2026 and the sessions of those before.
 * The SDK is loaded at the first request, so that a host without clients does not pay for it.
 */
export function createMcpHttp(deps: McpHttpDeps): McpHttp {
  const { clock, log } = deps;
  const sessions = createMcpSessions({ clock, idleMs: IDLE_MS, perPrincipal: SESSIONS_PER_PRINCIPAL });
  const open = new Map<string, Set<ServerResponse>>();
  let stopped = false;
  let loading: Promise<Sdk> | undefined;
  const sdk = (): Promise<Sdk> => (loading ??= load(deps));

  async function serve(request: IncomingMessage, response: ServerResponse, caller: Caller): Promise<void> {
    if (stopped) {
      reject(response, 503, -32_000, 'The host is stopping.');
      return;
    }
    const body = await bodyOf(request, response);
    if (body === null) return;
    const id = request.headers['mcp-session-id'];
    if (id !== undefined) {
      const session = typeof id === 'string' ? sessions.find(id, caller) : null;
      // Also for a session of somebody else: that it exists is nothing this caller should learn.
      if (session === null) {
        reject(response, 404, -32_001, 'Session not found');
        return;
      }
      return exchange(session, request, response, body.json);
    }
    const loaded = await sdk();
    if (loaded.isInitializeRequest(body.json))
      return initialize(loaded, request, response, body.json, caller);
    const handler = mayWait(body.json) ? loaded.patient : loaded.quick;
    return handler(request, response, body.json, caller);
  }

  async function initialize(
    { Transport }: Sdk,
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
    caller: Caller,
  ): Promise<void> {
    if (!sessions.makeRoom(caller.principal)) {
      const message = `This token has ${SESSIONS_PER_PRINCIPAL} sessions in use; end one first.`;
      reject(response, 429, -32_000, message);
      return;
    }
    const bridge = await deps.serverFor(caller);
    const id = randomUUID();
    const transport = new Transport({ sessionIdGenerator: () => id, maxRequestBodySize: MAX_BODY_BYTES });
    await bridge.server.connect(transport);
    const closed = transport.onclose;
    transport.onclose = () => {
      sessions.remove(id);
      closed?.();
    };
    const session: McpSession = { id, caller, transport, bridge };
    sessions.add(session);
    await exchange(session, request, response, body);
    // Refused by the transport (a wrong Accept header): nobody has been told the id.
    if (response.statusCode >= 400) await bridge.server.close();
  }

  async function exchange(
    session: McpSession,
    request: IncomingMessage,
    response: ServerResponse,
    body: unknown,
  ): Promise<void> {
    response.once('close', sessions.enter(session.id));
    await session.transport.handleRequest(request, response, body);
  }

  function track(principal: string, response: ServerResponse): void {
    const own = open.get(principal) ?? new Set();
    open.set(principal, own.add(response));
    response.once('close', () => {
      own.delete(response);
      if (own.size === 0 && open.get(principal) === own) open.delete(principal);
    });
  }

  return {
    async handle(request, response, caller) {
      track(caller.principal, response);
      try {
        await serve(request, response, caller);
      } catch (error) {
        log.error({ error: error instanceof Error ? error.stack : String(error) }, 'MCP request failed');
        if (!response.headersSent)
          reject(response, 500, -32_603, 'Internal error; the log of the host explains it.');
        else response.destroy();
      }
    },
    async closeCaller(principal) {
      await sessions.closePrincipal(principal);
      for (const response of open.get(principal) ?? []) response.destroy();
    },
    applyModes(modes) {
      for (const session of sessions.all()) session.bridge.applyModes(modes);
      void loading?.then(({ endpoints }) => endpoints.forEach((endpoint) => endpoint.notify.toolsChanged()));
    },
    async stop() {
      stopped = true;
      await sessions.closeAll();
      if (loading !== undefined)
        await Promise.all((await loading).endpoints.map((endpoint) => endpoint.close()));
      for (const responses of open.values()) for (const response of responses) response.destroy();
    },
  };
}

async function load({ serverFor, log }: McpHttpDeps): Promise<Sdk> {
  const [{ createMcpHandler, InMemoryServerEventBus, isInitializeRequest }, node] = await Promise.all([
    import('@modelcontextprotocol/server'),
    import('@modelcontextprotocol/node'),
  ]);
  const bus = new InMemoryServerEventBus();
  const onerror = (error: Error): void => log.warn({ error: error.message }, 'MCP request refused');
  const factory = async ({ authInfo }: McpRequestContext) => {
    const caller = authInfo?.extra?.['caller'] as Caller | undefined;
    if (caller === undefined) throw new Error('a request reached the MCP endpoint without a caller');
    return (await serverFor(caller)).server;
  };
  const options = { bus, onerror, maxRequestBodySize: MAX_BODY_BYTES };
  const endpoints = [
    createMcpHandler(factory, options),
    createMcpHandler(factory, { ...options, responseMode: 'sse' }),
  ];
  const [quick, patient] = endpoints.map((endpoint): NodeHandler => {
    const handler = node.toNodeHandler(endpoint, { onerror, maxRequestBodySize: MAX_BODY_BYTES });
    return (request, response, body, caller) => {
      const auth = { token: '', clientId: caller.principal, scopes: [], extra: { caller } };
      return handler(Object.assign(request, { auth }) as NodeIncomingMessageLike, response, body);
    };
  });
  if (quick === undefined || patient === undefined) throw new Error('two endpoints make two handlers');
  return {
    isInitializeRequest,
    Transport: node.NodeStreamableHTTPServerTransport,
    quick,
    patient,
    endpoints,
  };
}

/** The parsed body of a POST, `{json: undefined}` for what has none, or null after a refusal was sent. */
async function bodyOf(request: IncomingMessage, response: ServerResponse): Promise<{ json: unknown } | null> {
  if (request.method !== 'POST') return { json: undefined };
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    reject(response, 415, -32_000, 'Content-Type must be application/json.');
    return null;
  }
  const body = await readJsonBody(request, MAX_BODY_BYTES);
  if (body.ok) return body;
  if (body.status === 413) {
    response.setHeader('connection', 'close');
    reject(response, 413, -32_000, `The body is longer than ${MAX_BODY_BYTES} bytes.`);
  } else {
    reject(response, 400, -32_700, 'Parse error: the body is not JSON.');
  }
  return null;
}

function mayWait(body: unknown): boolean {
  const { method, params } = (body ?? {}) as { method?: unknown; params?: { name?: unknown } | null };
  if (method !== 'tools/call') return false;
  return typeof params?.name === 'string' && (toolNamed(params.name)?.mayWait ?? false);
}

function reject(response: ServerResponse, status: number, code: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message } }));
}
