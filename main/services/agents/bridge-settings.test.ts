import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bench, owner, program, write } from '../../testing/agents-bench.ts';

const headers = { Authorization: 'Bearer token-t1' };
const url = 'http://127.0.0.1:1/mcp';

test.each([
  ['claude-agent-acp', 'claude', '.claude.json', 'mcpServers', { type: 'http', url, headers }],
  ['gemini', 'gemini', '.gemini/settings.json', 'mcpServers', { httpUrl: url, headers }],
  ['qwen', 'qwen', '.qwen/settings.json', 'mcpServers', { httpUrl: url, headers }],
  [
    ...['opencode', 'opencode', '.config/opencode/opencode.json', 'mcp'],
    { type: 'remote', url, enabled: true, headers },
  ],
] as [string, string, string, string, object][])(
  'the bridge is written into the settings of %s and taken out again; all else stays',
  async (file, name, settings, servers, entry) => {
    const { agents, audit, bin, handed, home } = bench();
    program(bin, file);
    const mine = { theme: 'dark', [servers]: { mine: { command: 'x' } }, more: [1, { a: null }] };
    const path = write(join(home, settings), JSON.stringify(mine, null, 2), 0o644);
    const { handlers } = agents;
    const made = await handlers['agents.connectBridge']({ name, scope: 'write' }, owner);
    expect(made).toEqual({ file: path, tokenId: 't1' });
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({
      ...mine,
      [servers]: { mine: { command: 'x' }, signalbox: entry },
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(JSON.stringify([audit.entries, await agents.list()])).not.toContain('token-t1');
    await handlers['agents.disconnectBridge']({ name }, owner);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(mine);
    expect(handed.size).toBe(0);
  },
);

test('connecting once more changes the token, and the one before ends', async () => {
  const { agents, bin, handed, home } = bench();
  program(bin, 'gemini');
  await agents.handlers['agents.connectBridge']({ name: 'gemini', scope: 'read' }, owner);
  const again = await agents.handlers['agents.connectBridge']({ name: 'gemini', scope: 'exec' }, owner);
  expect([...handed.keys()]).toEqual([again.tokenId]);
  expect(readFileSync(join(home, '.gemini/settings.json'), 'utf8')).toContain(`token-${again.tokenId}`);
});

test('where the file cannot be changed without loss, it stays and no token is left', async () => {
  const { agents, bin, handed, home } = bench();
  program(bin, 'gemini');
  const path = join(home, '.gemini/settings.json');
  const connect = async () =>
    agents.handlers['agents.connectBridge']({ name: 'gemini', scope: 'read' }, owner);
  for (const [text, code] of [
    ['{ // mine\n}', 'refused'],
    ['{"mcpServers": []}', 'refused'],
    ['{"mcpServers": {"signalbox": {"command": "mine"}}}', 'conflict'],
  ] as const) {
    write(path, text);
    await expect(connect()).rejects.toMatchObject({ code });
    expect(readFileSync(path, 'utf8')).toBe(text);
  }
  expect(handed.size).toBe(0);
  await expect(agents.handlers['agents.disconnectBridge']({ name: 'gemini' }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('an agent whose settings are not JSON is left to the person', async () => {
  const { add, agents, bin, handed, home } = bench();
  program(bin, 'codex-acp');
  await add('mine', ['/bin/sh']);
  for (const name of ['codex', 'mine', 'demo']) {
    await expect(
      Promise.resolve(agents.handlers['agents.connectBridge']({ name, scope: 'read' }, owner)),
    ).rejects.toMatchObject({ code: 'invalid_input' });
  }
  expect(handed.size).toBe(0);
  expect(existsSync(join(home, '.codex'))).toBe(false);
});
