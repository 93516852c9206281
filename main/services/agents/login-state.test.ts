import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../testing/temporary.ts';
import { bench, program, write } from '../../testing/agents-bench.ts';
import { knownAgents } from './known-agents.ts';
import { loginState } from './login-state.ts';

const SECRET = 'private-token-value-0123456789';
const token = JSON.stringify({ access_token: SECRET, refresh_token: SECRET });

async function look(
  name: string,
  files: Record<string, string>,
  env: Record<string, string> = {},
  platform: NodeJS.Platform = 'linux',
) {
  const home = temporaryFolder('home');
  for (const [path, content] of Object.entries(files)) write(join(home, path), content);
  const known = knownAgents.find((agent) => agent.name === name) ?? null;
  const state = await loginState(known, { env: { HOME: home, ...env }, platform });
  expect(JSON.stringify(state)).not.toContain(SECRET);
  return state.login;
}

test.each<[string, string, Record<string, string>, string]>([
  [
    'codex',
    'a login with ChatGPT',
    { '.codex/auth.json': `{"OPENAI_API_KEY":null,"tokens":${token}}` },
    'yes',
  ],
  ['codex', 'a key', { '.codex/auth.json': `{"OPENAI_API_KEY":"${SECRET}"}` }, 'yes'],
  ['codex', 'a file without a login', { '.codex/auth.json': '{"OPENAI_API_KEY":null}' }, 'no'],
  ['codex', 'nothing', {}, 'no'],
  ['codex', 'a file that is no JSON', { '.codex/auth.json': '{' }, 'no'],
  ['codex', 'another provider', { '.codex/config.toml': 'model_provider = "mine"\n' }, 'unknown'],
  ['codex', 'a keyring', { '.codex/config.toml': 'cli_auth_credentials_store = "keyring"\n' }, 'unknown'],
  [
    'claude',
    'a login',
    { '.claude/.credentials.json': `{"claudeAiOauth":{"accessToken":"${SECRET}"}}` },
    'yes',
  ],
  ['claude', 'an empty login', { '.claude/.credentials.json': '{"claudeAiOauth":{"accessToken":""}}' }, 'no'],
  ['claude', 'a helper', { '.claude/settings.json': '{"apiKeyHelper":"/x"}' }, 'unknown'],
  ['claude', 'nothing', {}, 'no'],
  ['gemini', 'a login', { '.gemini/oauth_creds.json': token }, 'yes'],
  ['gemini', 'a key in .env', { '.gemini/.env': `export GEMINI_API_KEY="${SECRET}"\n` }, 'yes'],
  ['gemini', 'an empty key in .env', { '.gemini/.env': 'GEMINI_API_KEY=\n' }, 'no'],
  ['gemini', 'an encrypted login', { '.gemini/gemini-credentials.json': 'x' }, 'unknown'],
  [
    'gemini',
    'Vertex',
    { '.gemini/settings.json': '{"security":{"auth":{"selectedType":"vertex-ai"}}}' },
    'unknown',
  ],
  [
    'gemini',
    'a browser login that is gone',
    { '.gemini/settings.json': '{"selectedAuthType":"oauth-personal"}' },
    'no',
  ],
  ['qwen', 'a login', { '.qwen/oauth_creds.json': token }, 'yes'],
  [
    'qwen',
    'another provider',
    { '.qwen/settings.json': '{"security":{"auth":{"selectedType":"openai"}}}' },
    'unknown',
  ],
  ['qwen', 'nothing', {}, 'no'],
  [
    'opencode',
    'a login',
    { '.local/share/opencode/auth.json': `{"x":{"type":"api","key":"${SECRET}"}}` },
    'yes',
  ],
  ['opencode', 'no login left', { '.local/share/opencode/auth.json': '{}' }, 'no'],
  ['opencode', 'own providers', { '.config/opencode/opencode.json': '{"provider":{}}' }, 'unknown'],
  ['goose', 'a configuration', { '.config/goose/config.yaml': 'GOOSE_PROVIDER: x\n' }, 'unknown'],
  ['goose', 'nothing', {}, 'no'],
  ['nobody', 'a program that is not known', {}, 'unknown'],
])('%s with %s', async (name, _what, files, login) => {
  expect(await look(name, files)).toBe(login);
});

test('a key in its environment counts, and one of the host that it does not get counts for nothing', async () => {
  expect(await look('claude', {}, { ANTHROPIC_API_KEY: SECRET })).toBe('yes');
  const { add, bin, home, named } = bench({ env: { GEMINI_API_KEY: SECRET } });
  const file = program(bin, 'gemini');
  expect(await named('gemini')).toMatchObject({ login: 'no' });
  await add('mine', [file, '--acp'], { inherit: ['GEMINI_API_KEY'] });
  expect(await named('mine')).toMatchObject({ login: 'yes', loginNote: 'GEMINI_API_KEY' });
  write(join(home, '.gemini/oauth_creds.json'), token);
  expect(await named('gemini')).toMatchObject({ login: 'yes' });
});

test('folders that were moved are looked into where they are, and the keychain of macOS is not known', async () => {
  const moved = temporaryFolder('moved');
  write(join(moved, 'auth.json'), `{"tokens":${token}}`);
  expect(await look('codex', {}, { CODEX_HOME: moved })).toBe('yes');
  expect(await look('claude', {}, {}, 'darwin')).toBe('unknown');
});

test('a pipe, a folder and a file of many megabytes in place of the login are no login and delay nobody', async () => {
  const home = temporaryFolder('home');
  const known = knownAgents.find(({ name }) => name === 'codex') ?? null;
  const state = () => loginState(known, { env: { HOME: home }, platform: 'linux' });
  const file = join(home, '.codex/auth.json');
  mkdirSync(join(home, '.codex'));
  execFileSync('mkfifo', [file]);
  expect(await state()).toMatchObject({ login: 'no' });
  execFileSync('rm', [file]);
  mkdirSync(file);
  expect(await state()).toMatchObject({ login: 'no' });
  execFileSync('rmdir', [file]);
  write(file, `{"tokens":${token},"x":"${'x'.repeat(2_000_000)}"}`);
  expect(await state()).toMatchObject({ login: 'no' });
});
