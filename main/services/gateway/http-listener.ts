import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
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

export type UpgradeHandler = (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;

export interface Listener {
  readonly app: FastifyInstance;
  /** Tried in order; the first that takes the socket answers true. Nobody: 404. */
  onUpgrade(handler: UpgradeHandler): void;
  listen(port: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * One HTTP listener on 127.0.0.1 with limits that do not trust its clients. Bodies are not read here: each route
 * takes the raw stream, or caps it.
 */
export function createListener(
  expected: () => Omit<Expectation, 'hosts'> & { hosts: readonly string[] | null },
): Listener {
  const app = fastify({
    bodyLimit: 1_048_576,
    requestTimeout: 30_000,
    keepAliveTimeout: 5_000,
    exposeHeadRoutes: false,
    http: { maxHeaderSize: 16_384, headersTimeout: 10_000 },
  });
  const server: Server = app.server;
  server.maxConnections = 512;
  const upgrades: UpgradeHandler[] = [];
  const open = new Set<Duplex>();
  let port = 0;

  const check = (req: IncomingMessage) => {
    const { hosts, scheme, local } = expected();
    return objectTo(req.headers, { hosts: hosts ?? loopbackHosts(port), scheme, local });
  };

  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...HARDENING, ...RESOURCE_POLICY, 'cache-control': 'no-store' });
    for (const [name, value] of Object.entries(reply.getHeaders())) {
      if (value !== undefined) reply.raw.setHeader(name, value);
    }
    const objection = check(request.raw);
    if (objection) await reply.code(objection.status).send({ error: objection.message });
  });

  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    const objection = check(req);
    if (objection) return refuseUpgrade(socket, objection.status);
    if (!upgrades.some((handler) => handler(req, socket, head))) refuseUpgrade(socket, 404);
  });

  return {
    app,
    onUpgrade: (handler) => void upgrades.push(handler),
    async listen(wanted) {
      await app.listen({ host: '127.0.0.1', port: wanted });
      port = (server.address() as AddressInfo).port;
      return port;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await app.close();
    },
  };
}

/** An upgrade is refused with a status line and nothing else. */
export function refuseUpgrade(socket: Duplex, status: number, headers: Record<string, string> = {}): void {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n${lines.join('')}\r\n`);
}
