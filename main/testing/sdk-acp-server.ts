import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AcpServer } from '@agentclientprotocol/sdk/experimental/server';
import { createNodeHttpHandler } from '@agentclientprotocol/sdk/experimental/node';
import { onTestFinished } from 'vitest';
import { createDemoAgent } from '../services/agents/demo-app.ts';

/** The built-in agent behind the SDK's own server: `127.0.0.1:PORT`. What ours answers is compared with it. */
export async function startSdkServer(): Promise<string> {
  const acp = new AcpServer({ createAgent: () => createDemoAgent({ now: () => 0 }) });
  const server = createServer(createNodeHttpHandler(acp));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    await acp.close();
    server.closeAllConnections();
    server.close();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
