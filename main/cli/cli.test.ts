import { execFileSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildCli, finished, lineOf, type BuiltCli, type Result } from '../testing/built-cli.ts';
import { allVerbs } from './completion-scripts.ts';
import { createProgram } from './program.ts';
import { verbTree } from './verbs/completions.ts';

// The real program, built, against a real host of its own home: what is tested is what a shell sees.

let built: BuiltCli;
let home = '';
let folder = '';
let serving: ChildProcessWithoutNullStreams;
let ready: { mcp: string; acp: string; pid: number };

const start = (args: readonly string[], root = home) => built.start(args, root);

function run(...args: string[]): Promise<Result> {
  const child = start(args);
  child.stdin.end();
  return finished(child);
}

async function json(...args: string[]): Promise<{ code: number; value: Record<string, unknown> }> {
  const { code, stdout } = await run('--json', ...args);
  return { code, value: JSON.parse(stdout) as Record<string, unknown> };
}

beforeAll(async () => {
  built = await buildCli();
  home = mkdtempSync(join(tmpdir(), 'signalbox-home-'));
  folder = mkdtempSync(join(tmpdir(), 'signalbox-work-'));
  execFileSync('git', ['init', '-q', folder]);
  writeFileSync(join(folder, 'README.md'), 'old words\n');
  serving = start(['serve', '--json']);
  ready = JSON.parse(await lineOf(serving, 'stdout', /"ready"/)) as typeof ready;
  await run('workspace', 'add', folder, '--name', 'demo');
}, 60_000);

afterAll(async () => {
  const ended = finished(serving);
  serving.kill('SIGTERM');
  const { code } = await ended;
  built.remove();
  for (const path of [home, folder]) rmSync(path, { recursive: true, force: true });
  expect(code).toBe(0);
});

test('what needs no host runs without one, fast', async () => {
  const nowhere = join(tmpdir(), 'signalbox-no-such-home');
  const version = start(['version'], nowhere);
  expect(await finished(version)).toMatchObject({ code: 0, stdout: '0.1.0\n' });
  const doctor = await finished(start(['doctor', '--json'], nowhere));
  expect(doctor.code).toBe(0);
  const { checks } = JSON.parse(doctor.stdout) as { checks: { id: string }[] };
  expect(checks.map(({ id }) => id)).toEqual([
    'node',
    'ripgrep',
    'git',
    'sandbox',
    'cloudflared',
    'home',
    'agents',
    'keyring',
  ]);
});

test('without a host a verb exits 3 and says how to start one', async () => {
  const nowhere = join(tmpdir(), 'signalbox-no-such-home');
  const text = await finished(start(['status'], nowhere));
  expect(text).toMatchObject({ code: 3, stdout: '' });
  expect(text.stderr).toContain(`no host is running for ${nowhere}; start it with: signalbox serve`);
  const asJson = await finished(start(['ps', '--json'], nowhere));
  expect(asJson.code).toBe(3);
  expect(JSON.parse(asJson.stdout)).toMatchObject({
    error: { code: 'unavailable', data: { home: nowhere } },
  });
});

test('bad usage exits 2 with a suggestion, as JSON too', async () => {
  const misspelt = await run('statu');
  expect(misspelt).toMatchObject({ code: 2, stdout: '' });
  expect(misspelt.stderr).toContain('Did you mean status');
  expect(await json('ps', '--bogus')).toMatchObject({ code: 2, value: { error: { code: 'invalid_input' } } });
  expect((await run('mcp')).code).toBe(2);
  expect((await run('run', 'web')).code).toBe(2);
  expect((await run('mcp', 'mode', '--bash', 'everything')).code).toBe(2);
});

test('a process is run, waited for, read, and stopped', async () => {
  const script = 'console.log("up"); console.error("oops"); setInterval(() => {}, 1e6)';
  const started = await json(
    'run',
    'web',
    '--env',
    'KEY=hunter2hunter2',
    '--',
    process.execPath,
    '-e',
    script,
  );
  expect(started).toMatchObject({ code: 0, value: { name: 'web', outcome: 'started' } });
  expect(JSON.stringify(started.value)).not.toContain('hunter2');
  expect(await json('wait', 'web', '--until', 'up', '--timeout', '10')).toMatchObject({ code: 0 });
  expect(await json('wait', 'web', '--until', 'never', '--timeout', '200ms')).toMatchObject({
    code: 5,
    value: { error: { code: 'timed_out' } },
  });
  expect((await json('logs', 'web', '--stdout')).value).toMatchObject({
    lines: [{ name: 'web', number: 0, stream: 'stdout', text: 'up' }],
  });
  expect((await json('logs', 'web', '--regex', '^U', '--ignore-case', '--since', '1h')).value).toMatchObject({
    lines: [{ text: 'up' }],
  });
  expect((await json('logs', 'web', '--grep', 'down', '--all')).value).toEqual({ lines: [] });
  expect((await run('logs', 'web', '--grep', 'a', '--regex', 'b')).code).toBe(2);
  expect((await run('logs', 'nosuch')).code).toBe(6);
  // Of all processes, when none is named; nothing is read of all of them.
  expect((await run('logs', '--grep', 'oops')).stdout).toBe('web | stderr | oops\n');
  expect((await run('logs')).code).toBe(2);
  const following = start(['logs', 'web', '--follow', '--stdout', '--json']);
  expect(JSON.parse(await lineOf(following, 'stdout', /up/))).toMatchObject({ stream: 'stdout', text: 'up' });
  following.kill('SIGTERM');
  expect((await json('ps')).value).toMatchObject({ processes: [{ name: 'web' }] });
  expect(await json('stop', 'web')).toMatchObject({ code: 0, value: { processes: [{ state: 'stopped' }] } });
  expect((await run('stop', 'nosuch')).code).toBe(6);
  expect((await run('rm', 'web')).code).toBe(0);
});

test('a task is submitted, allowed and followed to its end', async () => {
  const text = 'In README.md replace "old words" with "new words"';
  const { value: task } = await json('task', 'submit', '--agent', 'demo', '--workspace', folder, text);
  const following = start(['task', 'follow', String(task['id']), '--json']);
  const lines = finished(following);
  const approval = JSON.parse(await lineOf(following, 'stdout', /"kind":"permission"/)) as {
    approvalId: string;
  };
  const shown = await run('approvals', 'show', approval.approvalId);
  expect(shown.stdout).toContain('+new words');
  expect(await json('approvals', 'allow', approval.approvalId)).toMatchObject({ code: 0 });
  const { code, stdout } = await lines;
  expect(code).toBe(0);
  const seqs = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seq: number }).seq);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(new Set(seqs).size).toBe(seqs.length);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toBe('new words\n');
  expect((await json('sessions', 'list')).value).toMatchObject({ sessions: [{ agent: 'demo' }] });
});

test('a token is printed once, by the verb that makes it', async () => {
  const { value: made } = await json(
    'mcp',
    'token',
    'create',
    '--name',
    'ci',
    '--scope',
    'read',
    '--expires',
    '1h',
  );
  expect(made).toMatchObject({ name: 'ci', scope: 'read', state: 'active' });
  const listed = await run('mcp', 'token', 'list', '--json');
  expect(listed.stdout).not.toContain(String(made['token']));
  const used = await fetch(ready.mcp, { headers: { authorization: `Bearer ${String(made['token'])}` } });
  expect(used.status).not.toBe(401);
  expect((await run('mcp', 'token', 'revoke', String(made['id']))).code).toBe(0);
});

test('mcp stdio answers a client, and nothing but protocol goes to stdout', async () => {
  const child = start(['mcp', 'stdio', '--workspace', 'demo']);
  const answer = lineOf(child, 'stdout', /"id":1/);
  const ended = finished(child);
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } },
  };
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  expect(JSON.parse(await answer)).toMatchObject({ result: { serverInfo: { name: 'signalbox' } } });
  child.stdin.end();
  expect((await ended).code).toBe(0);
});

test('acp connect mirrors an agent that is served', async () => {
  expect((await run('acp', 'serve', 'demo')).code).toBe(0);
  const { value: made } = await json('acp', 'token', 'create');
  const file = join(home, 'acp-token');
  writeFileSync(file, `${String(made['token'])}\n`, { mode: 0o600 });
  expect((await run('acp', 'connect', ready.acp)).code).toBe(4);
  const child = start(['acp', 'connect', `${ready.acp}/demo`, '--token-file', file]);
  const answer = lineOf(child, 'stdout', /"id":0/);
  const ended = finished(child);
  const initialize = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: 1, clientCapabilities: {} },
  };
  child.stdin.write(`${JSON.stringify(initialize)}\n`);
  expect(JSON.parse(await answer)).toMatchObject({ result: { protocolVersion: 1 } });
  child.stdin.end();
  expect((await ended).code).toBe(0);
});

test('pairing prints the invitation, and its code is drawn for a person', async () => {
  const { value: made } = await json('pair', '--scope', 'view');
  expect(Object.keys(made).sort()).toEqual(['expiresAt', 'id', 'link', 'text']);
  const child = start(['pair']);
  expect(await lineOf(child, 'stdout', /^https?:/)).toContain('#');
  child.kill('SIGINT');
  await finished(child);
});

test('an export verifies without a host, and a changed one exits 1', async () => {
  const file = join(folder, 'audit.txt');
  expect((await json('audit', 'export', '--out', file)).code).toBe(0);
  expect(await json('audit', 'verify', file)).toMatchObject({ code: 0, value: { verdict: 'ok' } });
  writeFileSync(file, readFileSync(file, 'utf8').replace('command.called', 'command.callid'));
  expect(await json('audit', 'verify', file)).toMatchObject({ code: 1, value: { verdict: 'broken-chain' } });
  expect((await run('audit', 'verify', join(folder, 'none'))).code).toBe(6);
});

test('a file of rules is checked, with what is wrong in it', async () => {
  const good = join(folder, 'good.yaml');
  const bad = join(folder, 'bad.yaml');
  writeFileSync(good, '- {id: a, effect: deny, when: {kind: [exec]}}\n');
  writeFileSync(bad, 'policy:\n  rules:\n    - {id: a, effect: maybe, when: {}}\n');
  expect(await json('policy', 'check', good)).toMatchObject({ code: 0, value: { rules: 1 } });
  expect((await run('policy', 'check', bad)).stderr).toContain(':3:');
  expect((await run('policy', 'check', bad)).code).toBe(2);
  const untrue = '  tests: {match: [{kind: exec, argv: [ls]}]}';
  writeFileSync(bad, `- id: never-true\n  effect: deny\n  when: {kind: [net]}\n${untrue}\n`);
  const refused = await run('policy', 'check', bad);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/bad\.yaml:4: rule "never-true" should speak of .*"ls"/);
});

test('a rule that is added holds at once, is tried beforehand, and is taken out again', async () => {
  const file = join(folder, 'one.yaml');
  writeFileSync(file, '- {id: own.no-net, effect: deny, when: {kind: [net]}}\n');
  expect(await json('policy', 'dry-run', file)).toMatchObject({
    code: 0,
    value: { results: [{ ruleId: 'own.no-net', wouldDeny: 0 }] },
  });
  expect(await json('policy', 'add', file)).toMatchObject({
    code: 0,
    value: { rules: [{ id: 'own.no-net' }] },
  });
  const shown = (await run('policy', 'show')).stdout;
  expect(shown).toContain('own.no-net');
  expect(shown).toContain('proof of presence from whoever has a way of giving one');
  expect((await run('policy', 'add', file)).stderr).toContain('there is a rule "own.no-net" already');
  expect(await json('policy', 'remove', 'own.no-net')).toMatchObject({ code: 0 });
  expect((await run('policy', 'show')).stdout).not.toContain('own.no-net');
});

test('a paused or locked host refuses with exit code 4, until it is resumed', async () => {
  expect((await json('lockdown')).value).toMatchObject({ mode: 'locked-down' });
  const refused = await json('task', 'submit', '--agent', 'demo', '--workspace', 'demo', 'hello');
  expect(refused).toMatchObject({ code: 4, value: { error: { code: 'locked_down' } } });
  expect((await json('resume')).value).toMatchObject({ mode: 'running' });
  expect((await json('status')).value).toMatchObject({
    ...{ host: { mode: 'running' }, tunnel: { state: 'off' } },
    parts: [{ kind: 'host' }, { kind: 'shim', processes: 1 }],
  });
});

const tree = verbTree(createProgram({ stdout: () => {}, stderr: () => {}, terminal: false }, () => {}));

test('every verb explains itself', async () => {
  for (const { path } of allVerbs(tree)) {
    let text = '';
    const parsed = createProgram(
      { stdout: (part) => (text += part), stderr: () => {}, terminal: false },
      () => {},
    );
    await expect(parsed.parseAsync([...path, '--help'], { from: 'user' })).rejects.toMatchObject({
      exitCode: 0,
    });
    expect(text).toContain(`Usage: ${['signalbox', ...path].join(' ')}`);
  }
});

test.each(['bash', 'zsh', 'fish'])('the completions for %s know every verb', async (shell) => {
  const { code, stdout } = await run('completions', shell);
  expect(code).toBe(0);
  for (const { path } of allVerbs(tree).slice(1)) expect(stdout).toContain(`'${path.join(' ')}'`);
});

test('bash takes the completions and offers the verbs of a group', async () => {
  const { stdout } = await run('completions', 'bash');
  const script = `${stdout}\nCOMP_WORDS=(signalbox --json mcp tok); COMP_CWORD=3; _signalbox; echo "\${COMPREPLY[*]}"`;
  expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim()).toBe('token');
});
