import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { askCli, hostEnv, LAUNCHER, runCli } from '../support/run-cli.ts';
import type { Served } from '../support/serve.ts';
import { until } from '../support/until.ts';
import { testHome, testRepository, testServe } from './host-test.ts';

const READING = [
  ...['list', 'open_workspace', 'process_log', 'processes', 'read', 'search'],
  ...['search_process_logs', 'show_changes'],
];
const SECRET = 'TOKEN=do-not-show-this';

interface Scene {
  readonly home: string;
  readonly folder: string;
  readonly host: Served;
}

/** A host with one workspace that holds what clients must not see. */
async function scene(): Promise<Scene> {
  const home = testHome();
  const folder = testRepository({ 'src/a.txt': 'one\ntwo\n', '.env': `${SECRET}\n` });
  const outside = testRepository({ 'outside.txt': 'outside\n' });
  symlinkSync(join(outside, 'outside.txt'), join(folder, 'link.txt'));
  symlinkSync(outside, join(folder, 'away'));
  const host = await testServe(home);
  await askCli(home, ['workspace', 'add', folder, '--name', 'site']);
  return { home, folder, host };
}

async function connectHttp({ home, host }: Scene, scope: string): Promise<Client> {
  const { token } = await askCli<{ token: string }>(home, [
    'mcp',
    'token',
    'create',
    '--scope',
    scope,
    '--workspace',
    'site',
  ]);
  const client = new Client({ name: 'e2e', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(host.ready.mcp), { requestInit }));
  onTestFinished(() => client.close());
  return client;
}

async function connectStdio({ home }: Scene): Promise<Client> {
  const client = new Client({ name: 'e2e', version: '1' });
  const env = Object.fromEntries(
    Object.entries(hostEnv(home)).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const args = [LAUNCHER, 'mcp', 'stdio', '--workspace', 'site'];
  await client.connect(new StdioClientTransport({ command: process.execPath, args, env, stderr: 'pipe' }));
  onTestFinished(() => client.close());
  return client;
}

const names = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name).sort();
const read = (client: Client, path: string) => client.callTool({ name: 'read', arguments: { path } });

/** The approval that waits now. */
async function pending(home: string): Promise<{ id: string; title: string; action: { paths: string[] } }> {
  return until('an approval waits', async () => {
    type Listed = { id: string; state: string; title: string; action: { paths: string[] } };
    const { approvals } = await askCli<{ approvals: Listed[] }>(home, ['approvals', 'list']);
    return approvals.find(({ state }) => state === 'pending');
  });
}

test('without a token, with a wrong one or a revoked one, the bridge answers 401', async () => {
  const { home, host } = await scene();
  const made = await askCli<{ id: string; token: string }>(home, ['mcp', 'token', 'create']);
  const acp = await askCli<{ token: string }>(home, ['acp', 'token', 'create']);
  const ask = async (authorization?: string) => {
    const response = await fetch(host.ready.mcp, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(authorization !== undefined && { authorization }),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });
    await response.text();
    return { status: response.status, challenge: response.headers.get('www-authenticate') ?? '' };
  };
  for (const authorization of [
    undefined,
    'Bearer',
    'Bearer x',
    `Bearer ${made.token}x`,
    `Bearer ${acp.token}`,
    `Basic ${made.token}`,
  ]) {
    expect([authorization, await ask(authorization)]).toEqual([
      authorization,
      { status: 401, challenge: expect.stringContaining('Bearer') as string },
    ]);
  }
  expect((await ask(`Bearer ${made.token}`)).status).not.toBe(401);
  await askCli(home, ['mcp', 'token', 'revoke', made.id]);
  expect((await ask(`Bearer ${made.token}`)).status).toBe(401);
});

test.each(['http', 'stdio'] as const)('a stock client over %s lists the tools and reads', async (carrier) => {
  const place = await scene();
  const client = await (carrier === 'http' ? connectHttp(place, 'read') : connectStdio(place));
  // The local client may do more than the token of the other one.
  const more = carrier === 'stdio' ? ['control_process'] : [];
  expect(await names(client)).toEqual([...READING, ...more].sort());
  const answer = await read(client, 'src/a.txt');
  expect(answer.structuredContent).toMatchObject({ path: 'src/a.txt', text: 'one\ntwo\n', lines: 2 });
  const found = await client.callTool({ name: 'search', arguments: { pattern: 'two' } });
  expect(found.structuredContent).toMatchObject({ matches: [{ path: 'src/a.txt', line: 2, text: 'two' }] });
  writeFileSync(join(place.folder, 'src', 'a.txt'), 'one\n2\n');
  const changes = await client.callTool({ name: 'show_changes', arguments: {} });
  expect(JSON.stringify(changes.structuredContent)).toContain('-two');
  expect(JSON.stringify(changes)).not.toContain(SECRET);
});

test.each(['http', 'stdio'] as const)(
  'what lies outside or holds secrets is refused over %s, and says why',
  async (carrier) => {
    const place = await scene();
    const client = await (carrier === 'http' ? connectHttp(place, 'exec') : connectStdio(place));
    for (const [path, why] of [
      ['../outside.txt', /leaves the workspace/],
      ['src/../../x', /leaves the workspace/],
      ['/etc/passwd', /relative|absolute|leaves/],
      ['link.txt', /link/],
      ['away/outside.txt', /link/],
      ['.env', /\.env|blocked|secret/],
      ['.git/config', /\.git|blocked/],
    ] as const) {
      const answer = await read(client, path);
      expect([path, answer.isError]).toEqual([path, true]);
      const text = JSON.stringify(answer.content);
      expect(text).toMatch(why);
      expect(text).toMatch(/not_permitted|invalid_input/);
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(place.folder);
    }
    const found = await client.callTool({ name: 'search', arguments: { pattern: 'do-not-show' } });
    expect(found.structuredContent).toMatchObject({ matches: [] });
  },
);

test('a write waits for the owner, happens when allowed, and does not when denied', async () => {
  const place = await scene();
  const { home, folder } = place;
  const client = await connectHttp(place, 'write');
  expect(await names(client)).toEqual(READING);
  await askCli(home, ['mcp', 'mode', '--write', 'workspace']);
  expect(await names(client)).toEqual([...READING, 'edit', 'write'].sort());

  const written = client.callTool({
    name: 'write',
    arguments: { path: 'new.txt', text: 'new\n', baseSha256: null },
  });
  const first = await pending(home);
  expect(first.action.paths).toEqual(['new.txt']);
  expect(existsSync(join(folder, 'new.txt'))).toBe(false);
  await askCli(home, ['approvals', 'allow', first.id]);
  expect((await written).structuredContent).toMatchObject({ path: 'new.txt', created: true });
  expect(readFileSync(join(folder, 'new.txt'), 'utf8')).toBe('new\n');

  const { sha256 } = (await read(client, 'src/a.txt')).structuredContent as { sha256: string };
  const edit = { path: 'src/a.txt', oldText: 'two', newText: '2', baseSha256: sha256 };
  const edited = client.callTool({ name: 'edit', arguments: edit });
  await askCli(home, ['approvals', 'deny', (await pending(home)).id, '--reason', 'not today']);
  const refused = await edited;
  expect(refused.isError).toBe(true);
  expect(JSON.stringify(refused.content)).toMatch(/refused.*not today/);
  expect(readFileSync(join(folder, 'src', 'a.txt'), 'utf8')).toBe('one\ntwo\n');

  // What was approved is what was shown: a file that changed meanwhile is not overwritten.
  // The same edit would be refused at once for a while: it was just denied.
  const late = client.callTool({ name: 'edit', arguments: { ...edit, newText: 'second' } });
  const third = await pending(home);
  writeFileSync(join(folder, 'src', 'a.txt'), 'three\ntwo\n');
  await runCli(home, ['approvals', 'allow', third.id]);
  expect((await late).isError).toBe(true);
  expect(readFileSync(join(folder, 'src', 'a.txt'), 'utf8')).toBe('three\ntwo\n');
});
