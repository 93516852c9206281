import type { AddressInfo, Socket } from 'node:net';
import type { ProcessProxy } from './ports.ts';

/** Limits of the listener; a body may take as long as it likes, since a dev server's uploads and event streams do. */
const LIMITS = { maxHeaderSize: 16_384, headersTimeout: 10_000, requestTimeout: 0, keepAliveTimeout: 5_000 };
const MAX_CONNECTIONS = 512;

/**
 * Managed processes by name. The proxy checks Host itself: its names are `<process>.localhost`.
 * @param listenAt chooses the port and has it listened on
 * @param opened is given what closes the listener
 * @returns its address
 */
export async function startProxyListener(
  proxy: ProcessProxy,
  listenAt: (listen: (port: number) => Promise<number>) => Promise<number>,
  opened: (close: () => void) => void,
): Promise<string> {
  const { createServer } = await import('node:http');
  const server = createServer(LIMITS, (req, res) => proxy.handleRequest(req, res));
  server.maxConnections = MAX_CONNECTIONS;
  server.on('upgrade', (req, socket, head) => proxy.handleUpgrade(req, socket, head));
  // The server forgets a connection that was upgraded, and one alone keeps a host from ending.
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  const port = await listenAt(
    (wanted) =>
      new Promise<number>((resolve, reject) => {
        server.once('error', reject);
        server.listen(wanted, '127.0.0.1', () => {
          server.off('error', reject);
          resolve((server.address() as AddressInfo).port);
        });
      }),
  );
  opened(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  return `http://127.0.0.1:${port}`;
}
