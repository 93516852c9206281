import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Log } from '../../kernel/ports.ts';
import { loopbackHosts, objectTo, type Expectation } from './request-guard.ts';

const HARDENING = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
};
const RESOURCE_POLICY = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

const LIMITS = {
  maxHeaderSize: 16_384,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 5_000,
};
const MAX_BODY = 1_048_576;
const MAX_CONNECTIONS = 512;

export type UpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export type AddRoutes = (app: FastifyInstance) => void | Promise<void>;

export interface Listener {
  /** Called with the first request that is let in. */
  addRoutes(add: AddRoutes): void;
  /** Tried in order; the first that takes the socket answers true. Nobody: 404. */
  onUpgrade(handler: UpgradeHandler): void;
  listen(port: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * One HTTP listener on 127.0.0.1 with limits that do not trust its clients. Bodies are not read here: each route
 * takes the raw stream, or caps it. The router is loaded for the first request that it has to answer: phones and
 * agents come by sockets, and many a host is never asked anything else.
 */
export function createListener(
  expected: () => Omit<Expectation, 'hosts'> & { hosts: readonly string[] | null },
  log: Pick<Log, 'error'>,
): Listener {
  const server = createServer(LIMITS, (req, res) => void answer(req, res));
  server.maxConnections = MAX_CONNECTIONS;
  const routes: AddRoutes[] = [];
  const upgrades: UpgradeHandler[] = [];
  const open = new Set<Duplex>();
  let port = 0;
  let router: Promise<Router> | null = null;

  const check = (req: IncomingMessage) => {
    const { hosts, scheme, local } = expected();
    return objectTo(req.headers, { hosts: hosts ?? loopbackHosts(port), scheme, local });
  };

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const fixed = { ...HARDENING, ...RESOURCE_POLICY, 'cache-control': 'no-store' };
    for (const [name, value] of Object.entries(fixed)) res.setHeader(name, value);
    const objection = check(req);
    if (objection) {
      refuse(res, objection.status, objection.message);
      return;
    }
    try {
      const { handle } = await (router ??= openRouter(routes));
      handle(req, res);
    } catch (error) {
      log.error({ error: String(error) }, 'the router of a listener cannot be loaded');
      // Its program may be there again when an update is through.
      router = null;
      refuse(res, 503, 'this part of the host cannot be loaded');
    }
  }

  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    const objection = check(req);
    if (objection) return refuseUpgrade(socket, objection.status);
    if (!upgrades.some((handler) => handler(req, socket, head))) refuseUpgrade(socket, 404);
  });

  return {
    addRoutes: (add) => void routes.push(add),
    onUpgrade: (handler) => void upgrades.push(handler),
    async listen(wanted) {
      server.listen(wanted, '127.0.0.1');
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      return port;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      const closed = server.listening ? once(server, 'close') : null;
      server.close();
      await Promise.all([closed, router?.then(({ close }) => close())]);
    },
  };
}

interface Router {
  readonly handle: RequestListener;
  close(): Promise<void>;
}

async function openRouter(routes: readonly AddRoutes[]): Promise<Router> {
  const { default: fastify } = await import('fastify');
  let handle: RequestListener = () => {};
  const app = fastify({
    bodyLimit: MAX_BODY,
    exposeHeadRoutes: false,
    // It is given the requests of our server, and this one never listens.
    serverFactory(handler) {
      handle = handler;
      return createServer();
    },
  });
  for (const add of routes) await add(app);
  await app.ready();
  return { handle, close: () => app.close() };
}

function refuse(res: ServerResponse, status: number, error: string): void {
  // What else was sent is not read.
  res.writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' });
  res.end(JSON.stringify({ error }));
}

/** An upgrade is refused with a status line and nothing else. */
export function refuseUpgrade(socket: Duplex, status: number, headers: Record<string, string> = {}): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`);
}
