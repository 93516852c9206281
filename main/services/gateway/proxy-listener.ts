import type { AddressInfo } from 'node:net';
import type { ProcessProxy } from './ports.ts';

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
  const server = createServer((req, res) => proxy.handleRequest(req, res));
  server.on('upgrade', (req, socket, head) => proxy.handleUpgrade(req, socket, head));
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
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${port}`;
}
