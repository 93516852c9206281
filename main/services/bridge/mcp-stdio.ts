import type { Readable, Writable } from 'node:stream';
import type { BridgeModes } from '../../../contract/bridge.ts';
import { createBridgeMcpServer, type BridgeMcpServer, type McpServerDeps } from './mcp-server.ts';

export interface McpStdioDeps extends McpServerDeps {
  readonly stdin: Readable;
  readonly stdout: Writable;
}

export interface McpStdio {
  /** Resolves when the client has closed its end: the process may then exit. */
  readonly closed: Promise<void>;
  /** Tells the client which tools it has now, after the owner has changed the modes. */
  applyModes(modes: BridgeModes): void;
  close(): Promise<void>;
}

/**
 * An MCP server on two streams, for `signalbox mcp stdio`. It runs in the process of the command line; `call` goes over
 * the control socket, so the host decides as for any other carrier. Nothing but protocol is ever written to `stdout`.
 */
export async function serveMcpStdio(deps: McpStdioDeps): Promise<McpStdio> {
  const { serveStdio, StdioServerTransport } = await import('@modelcontextprotocol/server/stdio');
  let modes = deps.modes;
  // A client that probes for the newer revision and falls back has two servers, one after the other.
  const served = new Set<BridgeMcpServer>();
  const closed = new Promise<void>((resolve) => {
    deps.stdin.once('end', resolve);
    deps.stdin.once('close', resolve);
  });
  const handle = serveStdio(
    async () => {
      const bridge = await createBridgeMcpServer({ ...deps, modes });
      served.add(bridge);
      return bridge.server;
    },
    { transport: new StdioServerTransport(deps.stdin, deps.stdout) },
  );
  return {
    closed,
    applyModes(next) {
      modes = next;
      for (const bridge of served) bridge.applyModes(next);
    },
    close: () => handle.close(),
  };
}
