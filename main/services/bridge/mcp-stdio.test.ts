import { PassThrough } from 'node:stream';
import { Client } from '@modelcontextprotocol/client';
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mcpCaller } from '../../kernel/caller.ts';
import { realClock, testBridge, type TestBridge } from './fakes.ts';
import { serveMcpStdio } from './mcp-stdio.ts';

const caller = mcpCaller('local', 'exec', null);
let bridge: TestBridge;
beforeEach(() => {
  bridge = testBridge();
  bridge.put('a.txt', 'one\n');
});
afterEach(() => bridge.close());

test.each(['legacy', 'auto'] as const)(
  'a local client of the %s revision talks over two streams',
  async (mode) => {
    const toServer = new PassThrough();
    const toClient = new PassThrough();
    const served = await serveMcpStdio({
      call: (name, input) => bridge.call(caller, name, input),
      capabilities: caller.capabilities,
      pinned: false,
      modes: bridge.modes,
      version: '1.0.0-test',
      clock: realClock,
      stdin: toServer,
      stdout: toClient,
    });
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    // Newline-delimited messages in both directions: the same carrier, seen from the other end.
    await client.connect(new StdioServerTransport(toClient, toServer));
    const names = async () => (await client.listTools()).tools.map(({ name }) => name).sort();
    expect(await names()).toEqual([
      ...['control_process', 'list', 'open_workspace', 'process_log', 'processes'],
      ...['read', 'search', 'search_process_logs', 'show_changes'],
    ]);
    const read = await client.callTool({ name: 'read', arguments: { path: 'a.txt' } });
    expect(read.structuredContent).toMatchObject({ path: 'a.txt', text: 'one\n' });
    served.applyModes({ tools: 'minimal', write: 'off', bash: 'off' });
    expect(await names()).toEqual(['list', 'open_workspace', 'read', 'search']);
    toServer.end();
    await served.closed;
    await client.close();
    await served.close();
  },
);
