import { linkSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sha256Hex } from '../../../contract/action.ts';
import { WorkspaceId } from '../../../contract/ids.ts';
import { mcpCaller } from '../../kernel/caller.ts';
import { codeOf, testBridge, type TestBridge } from './fakes.ts';

const reader = mcpCaller('reader', 'read', null);
const GITHUB = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;
const KEY_BODY = Array.from(
  { length: 12 },
  (_, i) => `MIIEvQIBADANBgkqhkiG9w0BAQEFAASC${String(i).padStart(32, 'x')}`,
);
const PRIVATE_KEY = ['-----BEGIN PRIVATE KEY-----', ...KEY_BODY, '-----END PRIVATE KEY-----'].join('\n');

let bridge: TestBridge;
beforeEach(() => {
  bridge = testBridge();
});
afterEach(() => bridge.close());

test('opening the workspace tells its name, modes, branch and top-level entries', async () => {
  bridge.put('src/a.ts', 'one\n');
  bridge.put('README.md', 'hello\n');
  bridge.git('init', '-q', '-b', 'trunk');
  const opened = await bridge.ok(reader, 'bridge.openWorkspace', {});
  expect(opened).toMatchObject({ workspaceId: 'w1', name: 'demo', branch: 'trunk', modes: bridge.modes });
  expect(opened.entries.map(({ name, kind }) => `${name} ${kind}`)).toEqual([
    'README.md file',
    'src directory',
  ]);
});

test('the branch is null where there is no repository, or where git lives elsewhere', async () => {
  expect((await bridge.ok(reader, 'bridge.openWorkspace', {})).branch).toBeNull();
  bridge.put('.git', 'gitdir: ../elsewhere\n');
  expect((await bridge.ok(reader, 'bridge.openWorkspace', {})).branch).toBeNull();
});

test('a caller learns of its own workspace only', async () => {
  const pinned = mcpCaller('t', 'read', WorkspaceId.parse('w1'));
  const reply = await bridge.call(pinned, 'bridge.list', { workspace: 'other' });
  expect(reply).toMatchObject({ ok: false, error: { code: 'not_found' } });
  expect(JSON.stringify(reply)).not.toContain('demo');
});

test('a listing names files with their sizes, marks links as blocked and leaves secret files out', async () => {
  bridge.put('src/b.txt', '12345');
  bridge.put('src/.env', 'SECRET=1');
  symlinkSync('/etc', join(bridge.folder, 'src/link'));
  const { entries, truncated } = await bridge.ok(reader, 'bridge.list', { path: 'src' });
  expect(truncated).toBe(false);
  expect(entries).toEqual([
    { name: 'b.txt', kind: 'file', bytes: 5, blocked: false },
    { name: 'link', kind: 'symlink', bytes: null, blocked: true },
  ]);
});

test('a file is read with the hash of its real bytes, whole or by lines', async () => {
  bridge.put('a.txt', 'one\r\ntwo\nthree');
  const whole = await bridge.ok(reader, 'bridge.read', { path: './a.txt' });
  expect(whole).toEqual({
    path: 'a.txt',
    text: 'one\r\ntwo\nthree',
    sha256: sha256Hex('one\r\ntwo\nthree'),
    lines: 3,
    redactions: 0,
  });
  const part = await bridge.ok(reader, 'bridge.read', { path: 'a.txt', fromLine: 2, toLine: 9 });
  expect(part).toMatchObject({ text: 'two\nthree', sha256: whole.sha256, lines: 3 });
});

test('an empty file has no lines and can be read', async () => {
  bridge.put('empty', '');
  expect(await bridge.ok(reader, 'bridge.read', { path: 'empty', fromLine: 1 })).toMatchObject({
    text: '',
    lines: 0,
  });
});

test.each([
  [{ fromLine: 3, toLine: 2 }, /toLine \(2\) is before fromLine \(3\)/],
  [{ fromLine: 4 }, /fromLine is 4, but the file has 3 lines/],
])('a range that does not exist is refused with the reason: %o', async (range, message) => {
  bridge.put('a.txt', '1\n2\n3\n');
  const reply = await bridge.call(reader, 'bridge.read', { path: 'a.txt', ...range });
  expect(reply).toMatchObject({
    ok: false,
    error: { code: 'invalid_input', message: expect.stringMatching(message) as string },
  });
});

test.each([
  ['a NUL byte', new Uint8Array([104, 0, 105])],
  ['bytes that are not UTF-8', new Uint8Array([104, 0xff, 0xfe, 105])],
])('a file with %s is refused as binary', async (_what, bytes) => {
  bridge.put('b.bin', bytes);
  const reply = await bridge.call(reader, 'bridge.read', { path: 'b.bin' });
  expect(reply).toMatchObject({
    ok: false,
    error: { code: 'invalid_input', message: expect.stringContaining('binary') as string },
  });
});

test('a text that is too long is refused with the way to read it', async () => {
  bridge.put('long.txt', `${'x'.repeat(99)}\n`.repeat(20_000));
  const reply = await bridge.call(reader, 'bridge.read', { path: 'long.txt' });
  expect(reply).toMatchObject({ ok: false, error: { code: 'too_large', data: { lines: 20_000 } } });
  const part = await bridge.ok(reader, 'bridge.read', { path: 'long.txt', fromLine: 19_999 });
  expect(part.text).toHaveLength(200);
});

test.each([
  '../secret.txt',
  'src/../../secret.txt',
  '/etc/passwd',
  '~/.ssh/id_rsa',
  '.env',
  '.ENV.local',
  '.git/config',
  'sub/.git/config',
  'link.txt',
  'linked/secret.txt',
  'hard.txt',
  'a\\..\\secret.txt',
  '%2e%2e/secret.txt',
  'src/./../..',
  'nul\u0000',
  '\u202egpj.a',
  'C:\\secret.txt',
  'node_modules/x/index.js',
])('no tool gets at %j', async (path) => {
  writeFileSync(join(bridge.outside, 'secret.txt'), 'OUTSIDE\n');
  for (const inside of ['.env', '.git/config', 'sub/.git/config', 'node_modules/x/index.js'])
    bridge.put(inside, 'INSIDE\n');
  mkdirSync(join(bridge.folder, 'src'));
  symlinkSync(join(bridge.outside, 'secret.txt'), join(bridge.folder, 'link.txt'));
  symlinkSync(bridge.outside, join(bridge.folder, 'linked'));
  linkSync(join(bridge.outside, 'secret.txt'), join(bridge.folder, 'hard.txt'));
  bridge.modes = { tools: 'full', write: 'workspace', bash: 'safe' };
  const agent = mcpCaller('agent', 'exec', null);
  const replies = [
    await bridge.call(agent, 'bridge.read', { path }),
    await bridge.call(agent, 'bridge.list', { path }),
    await bridge.call(agent, 'bridge.write', { path, text: 'PWNED', baseSha256: sha256Hex('OUTSIDE\n') }),
    await bridge.call(agent, 'bridge.edit', {
      path,
      oldText: 'O',
      newText: 'P',
      baseSha256: sha256Hex('INSIDE\n'),
    }),
  ];
  for (const reply of replies)
    expect(['not_permitted', 'invalid_input', 'not_found']).toContain(codeOf(reply));
  expect(JSON.stringify(replies)).not.toMatch(/OUTSIDE|INSIDE/);
  expect(readFileSync(join(bridge.outside, 'secret.txt'), 'utf8')).toBe('OUTSIDE\n');
  expect(bridge.approver.requests).toEqual([]);
});

test('secrets are replaced in what is read, and the hash stays that of the file', async () => {
  const text = `const a = 1;\nconst token = '${GITHUB}';\nconst b = 2;\n`;
  bridge.put('config.ts', text);
  const file = await bridge.ok(reader, 'bridge.read', { path: 'config.ts' });
  expect(file.text).not.toContain(GITHUB);
  expect(file.text).toMatch(/\[REDACTED /);
  expect(file).toMatchObject({ redactions: 1, sha256: sha256Hex(text), lines: 3 });
});

test('a file with a private key is not handed out, neither by a range nor by a search', async () => {
  bridge.put('notes.txt', `before\n${PRIVATE_KEY}\nafter\n`);
  for (const range of [{ fromLine: 5, toLine: 8 }, { fromLine: 16 }, {}]) {
    const refused = await bridge.call(reader, 'bridge.read', { path: 'notes.txt', ...range });
    expect(refused).toMatchObject({ ok: false, error: { code: 'refused' } });
    expect(JSON.stringify(refused)).toMatch(/BLOCKED file: private-key #[0-9a-f]{8}/);
    expect(JSON.stringify(refused)).not.toMatch(/MIIEvQ|after/);
  }
  const found = await bridge.ok(reader, 'bridge.search', { pattern: 'MIIEvQIBADAN' });
  expect(found.matches).toEqual([]);
});

test('a search finds a literal text with path and line, and redacts what it shows', async () => {
  bridge.put('src/a.ts', `first\nneedle.* here\nneedle ${GITHUB}\n`);
  bridge.put('b.txt', 'no match\nneedle.* too\u2028same line\n');
  const found = await bridge.ok(reader, 'bridge.search', { pattern: 'needle.*' });
  expect(found.truncated).toBe(false);
  expect(found.matches.sort((a, b) => a.path.localeCompare(b.path))).toEqual([
    { path: 'b.txt', line: 2, text: 'needle.* too\u2028same line' },
    { path: 'src/a.ts', line: 2, text: 'needle.* here' },
  ]);
  const regex = await bridge.ok(reader, 'bridge.search', {
    pattern: 'NEEDLE .+',
    regex: true,
    ignoreCase: true,
  });
  expect(regex.matches).toEqual([
    { path: 'src/a.ts', line: 3, text: expect.stringMatching(/^needle \[REDACTED /) as string },
  ]);
});

test('a search never leaves the workspace, follows no link and opens no blocked file, whatever the glob says', async () => {
  writeFileSync(join(bridge.outside, 'secret.txt'), 'needle outside\n');
  for (const path of ['.env', '.git/config', 'deep/.env.local', 'node_modules/m/a.js', 'key.pem'])
    bridge.put(path, 'needle\n');
  symlinkSync(bridge.outside, join(bridge.folder, 'linked'));
  symlinkSync(join(bridge.outside, 'secret.txt'), join(bridge.folder, 'link.txt'));
  bridge.put('ok.txt', 'needle\n');
  bridge.put('.github/workflows/ci.yml', 'needle\n');
  for (const glob of [undefined, '**', '.env', '**/.env*', '.git/**', '*.pem', '../**', '!nothing']) {
    const { matches } = await bridge.ok(reader, 'bridge.search', {
      pattern: 'needle',
      ...(glob !== undefined && { glob }),
    });
    for (const { path } of matches) expect(['ok.txt', '.github/workflows/ci.yml']).toContain(path);
  }
  const all = await bridge.ok(reader, 'bridge.search', { pattern: 'needle' });
  expect(all.matches.map(({ path }) => path).sort()).toEqual(['.github/workflows/ci.yml', 'ok.txt']);
});

test('a search stops at its limit and says so', async () => {
  bridge.put('many.txt', 'needle\n'.repeat(5000));
  const found = await bridge.ok(reader, 'bridge.search', { pattern: 'needle', limit: 7 });
  expect(found.matches.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(found.truncated).toBe(true);
  const exact = await bridge.ok(reader, 'bridge.search', { pattern: 'needle', limit: 1000, glob: '*.md' });
  expect(exact).toEqual({ matches: [], truncated: false });
});

test.each([
  { pattern: '(', regex: true },
  { pattern: 'x', glob: '[' },
])('a search that ripgrep does not understand is refused with its words: %o', async (query) => {
  bridge.put('a.txt', 'x\n');
  expect(codeOf(await bridge.call(reader, 'bridge.search', query))).toBe('invalid_input');
});

test.each(['--pre=/bin/sh', '-f/etc/passwd', '--follow'])(
  'a pattern that looks like an option (%s) is a pattern',
  async (pattern) => {
    bridge.put('a.txt', `x ${pattern} y\n`);
    const { matches } = await bridge.ok(reader, 'bridge.search', { pattern });
    expect(matches.map(({ path }) => path)).toEqual(['a.txt']);
  },
);

test('a rule of the owner that keeps a file back holds for reading and for searching', async () => {
  for (const path of ['open.txt', 'kept.txt', 'asked.txt']) bridge.put(path, 'needle\n');
  bridge.approver.unreadable.add('kept.txt');
  bridge.approver.askedToRead.add('asked.txt');
  const { matches } = await bridge.ok(reader, 'bridge.search', { pattern: 'needle' });
  expect(matches.map(({ path }) => path)).toEqual(['open.txt']);
  expect(await bridge.call(reader, 'bridge.read', { path: './kept.txt' })).toMatchObject({
    ok: false,
    error: { code: 'refused', message: 'The policy of this host does not allow it: kept back' },
  });
  expect(codeOf(await bridge.call(reader, 'bridge.read', { path: 'asked.txt' }))).toBe('refused');
});

test('every call is told to the state stream, without what was read or searched for', async () => {
  bridge.put('a.txt', 'needle CONTENT\n');
  await bridge.ok(reader, 'bridge.read', { path: 'a.txt' });
  await bridge.ok(reader, 'bridge.search', { pattern: 'CONTENT' });
  await bridge.call(reader, 'bridge.read', { path: '.env' });
  await bridge.call(reader, 'bridge.read', { path: 'absent.txt' });
  const calls = bridge.events.flatMap((event) => (event.type === 'tool.called' ? [event.call] : []));
  expect(calls.map(({ tool, outcome, detail, client }) => [tool, outcome, detail, client])).toEqual([
    ['read', 'ok', 'a.txt', 'mcp:reader'],
    ['search', 'ok', '1 matches', 'mcp:reader'],
    ['read', 'refused', 'not_permitted', 'mcp:reader'],
    ['read', 'failed', 'not_found', 'mcp:reader'],
  ]);
  expect(JSON.stringify(bridge.events)).not.toContain('CONTENT');
});
