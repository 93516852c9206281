import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { program, scriptedAgent } from '../../testing/agents-bench.ts';
import { temporaryFolder } from '../../testing/temporary.ts';
import { startTestHost } from '../../testing/test-host.ts';
import { runCli } from '../run-cli.ts';

async function shell() {
  const { root } = await startTestHost();
  const folder = temporaryFolder('agents-cli');
  async function run(...args: string[]) {
    let [stdout, stderr] = ['', ''];
    const code = await runCli(['--home', root, ...args], {
      stdout: (text) => void (stdout += text),
      stderr: (text) => void (stderr += text),
      terminal: false,
    });
    return { code, stdout, stderr };
  }
  const json = async (...args: string[]) => {
    const { code, stdout } = await run('--json', ...args);
    return { code, value: JSON.parse(stdout) as Record<string, unknown> };
  };
  return { folder, json, root, run };
}

test('an agent is added with its arguments behind --, shown, configured, checked and removed', async () => {
  const { folder, json, run } = await shell();
  const answer = { protocolVersion: 1, agentInfo: { name: 'my-agent', version: '3.2.1' } };
  const file = program(
    folder,
    'my-agent',
    scriptedAgent(answer, { error: { code: -32_000, message: 'log in' } }),
  );
  const added = await json(
    'agents',
    'add',
    '--title',
    'Mine',
    '--env',
    'WORK_TOKEN',
    'mine',
    '--',
    file,
    '--acp',
    '-x',
  );
  expect(added).toMatchObject({
    code: 0,
    value: { name: 'mine', title: 'Mine', argv: [file, '--acp', '-x'], inherits: ['WORK_TOKEN'], mcp: false },
  });
  expect(await json('agents', 'configure', 'mine', '--mcp', 'on')).toMatchObject({
    code: 0,
    value: { mcp: true },
  });
  const checked = await run('agents', 'check', 'mine', '--session');
  expect(checked.code).toBe(1);
  expect(checked.stdout).toMatch(/protocol\s+ACP version 1[^]*my-agent 3\.2\.1[^]*login-required: log in/);
  const { stdout } = await run('agents', 'list');
  expect(stdout).toMatch(/^NAME\s+STATE\s+VERSION\s+LOGIN\s+MCP\s+SOURCE\s+COMMAND/);
  expect(stdout).toMatch(/mine\s+available\s+3\.2\.1\s+unknown\s+on\s+user/);
  expect(stdout).toMatch(/demo\s+available\s+0\.0\.0-test\s+yes\s+off\s+built-in/);
  expect(await json('agents', 'remove', 'mine')).toMatchObject({ code: 0, value: { removed: 'mine' } });
  expect((await json('agents', 'remove', 'mine')).code).toBe(6);
});

test('a key comes from a file that nobody else can read, and only the secret store holds it afterwards', async () => {
  const { folder, json, root, run } = await shell();
  await run('agents', 'add', 'mine', '--', program(folder, 'my-agent', 'exit 0'));
  const key = join(folder, 'key');
  writeFileSync(key, 'sk-private-0123456789\n');
  chmodSync(key, 0o644);
  const login = ['agents', 'login', 'mine', '--key-file', key];
  expect(await run(...login, '--variable', 'MY_API_KEY')).toMatchObject({ code: 4 });
  chmodSync(key, 0o600);
  expect(await json(...login)).toMatchObject({ code: 2, value: { error: { code: 'invalid_input' } } });
  const done = await run(...login, '--variable', 'MY_API_KEY');
  expect(done).toMatchObject({ code: 0, stdout: 'mine gets its key in MY_API_KEY\n' });
  expect(await json('agents', 'list')).toMatchObject({ code: 0 });
  const stored = join(root, 'secrets', 'agent-key-mine.key');
  expect(readFileSync(stored, 'utf8')).toBe('sk-private-0123456789');
  for (const path of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const file = join(path.parentPath, path.name);
    if (!path.isFile() || file === stored) continue;
    expect(readFileSync(file).includes('sk-private-0123456789'), file).toBe(false);
  }
  expect(await run('agents', 'logout', 'mine')).toMatchObject({ code: 0 });
  expect(readdirSync(join(root, 'secrets'))).not.toContain('agent-key-mine.key');
});

test('a value among the arguments is refused and not repeated, and so is a program that cannot be started', async () => {
  const { run } = await shell();
  const withValue = await run('agents', 'add', '--env', 'A_KEY=sk-private', 'mine', '--', '/bin/sh');
  expect(withValue.code).toBe(2);
  expect(withValue.stderr).toContain('--env-file');
  expect(withValue.stderr).not.toContain('sk-private');
  expect((await run('agents', 'add', 'mine', '--', './agent')).stderr).toContain('absolute path');
  expect((await run('agents', 'add', 'mine', '--', '/etc/passwd')).stderr).toContain('may not be executed');
  expect((await run('agents', 'add', 'mine', '--', '/no/such')).code).toBe(6);
  expect((await run('agents', 'add', 'Mine!', '--', '/bin/sh')).code).toBe(2);
  expect((await run('agents', 'configure', 'demo')).code).toBe(2);
  expect((await run('agents', 'bridge', 'connect', 'demo')).stderr).toContain('mcp token create');
});
