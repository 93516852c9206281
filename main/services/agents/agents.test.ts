import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { memorySecrets } from '../../testing/fake-ports.ts';
import { bench, owner, program } from '../../testing/agents-bench.ts';

async function everythingPrinted(running: { stdout: NodeJS.ReadableStream; exited: Promise<unknown> }) {
  let output = '';
  running.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await running.exited;
  return output;
}

test('the demo agent is built in, programs on PATH are found, and none of them is started', async () => {
  const { agents, bin, events, named, started } = bench();
  const codex = program(bin, 'codex-acp');
  program(bin, 'claude-code-acp');
  await agents.start();
  expect(await named('demo')).toMatchObject({
    ...{ source: 'built-in', state: 'available', version: '1.2.3', login: 'yes', mcp: false },
  });
  expect(await named('codex')).toMatchObject({ source: 'detected', state: 'available', argv: [codex] });
  expect(await named('claude')).toMatchObject({ source: 'detected' });
  expect(events.map((event) => event.type)).not.toContain('agent.removed');
  expect(started).toEqual([]);
});

test.each([
  ['codex-acp', 'codex', []],
  ['claude-agent-acp', 'claude', []],
  ['claude-code-acp', 'claude', []],
  ['gemini', 'gemini', ['--acp']],
  ['opencode', 'opencode', ['acp']],
  ['qwen', 'qwen', ['--acp']],
  ['goose', 'goose', ['acp']],
  ['pi-acp', 'pi', []],
])('%s is found as the agent %s and started with what makes it speak ACP', async (file, name, args) => {
  const { bin, named } = bench();
  const found = program(bin, file);
  expect(await named(name)).toMatchObject({ source: 'detected', argv: [found, ...args] });
});

test('an agent that vanished from PATH is taken out of the state', async () => {
  const { agents, bin, events } = bench();
  program(bin, 'gemini');
  await agents.start();
  chmodSync(join(bin, 'gemini'), 0o600);
  await agents.list();
  expect(events.at(-1)).toEqual({ type: 'agent.removed', name: 'gemini' });
});

test('values of the environment are in the secret store alone: no state, event, record or row carries them', async () => {
  const { add, agents, events, audit, db } = bench();
  const added = await add('mine', ['/bin/sh', '-c', 'true'], { env: { MY_API_KEY: 'very-secret-value' } });
  expect(added).toMatchObject({ name: 'mine', source: 'user', state: 'available', envNames: ['MY_API_KEY'] });
  const rows = db.all('SELECT * FROM agents');
  expect(JSON.stringify([added, events, audit.entries, rows, await agents.list()])).not.toContain(
    'very-secret-value',
  );
});

test('a started agent gets a small environment and its own, and the secrets go to the gate', async () => {
  const { add, agents, kept } = bench({ env: { OPENAI_API_KEY: 'of-the-host' } });
  await add('mine', ['/bin/sh', '-c', 'env; exit 0'], { env: { MY_API_KEY: 'very-secret-value' } });
  const output = await everythingPrinted(await agents.launch('mine', { cwd: '/', label: 'test' }));
  expect(output).toContain('MY_API_KEY=very-secret-value');
  expect(output).not.toContain('OPENAI_API_KEY');
  expect(kept).toContain('very-secret-value');
});

test('a variable that the owner names is taken from the host when the agent starts; its value is kept nowhere', async () => {
  const { add, agents, db, kept } = bench({ env: { WORK_TOKEN: 'of-the-host-today', OTHER: 'x' } });
  const added = await add('mine', ['/bin/sh', '-c', 'env'], { inherit: ['WORK_TOKEN', 'ABSENT'] });
  expect(added).toMatchObject({ envNames: ['ABSENT', 'WORK_TOKEN'], inherits: ['ABSENT', 'WORK_TOKEN'] });
  expect(JSON.stringify(db.all('SELECT body FROM agents'))).not.toContain('of-the-host-today');
  const output = await everythingPrinted(await agents.launch('mine', { cwd: '/', label: 'test' }));
  expect(output).toContain('WORK_TOKEN=of-the-host-today');
  expect(output).not.toContain('OTHER');
  expect(kept).toContain('of-the-host-today');
});

test.each([
  ['a name that makes programs load code', ['/bin/sh'], { env: { LD_PRELOAD: '/x.so' } }, 'not_permitted'],
  ['such a name taken from the host', ['/bin/sh'], { inherit: ['NODE_OPTIONS'] }, 'not_permitted'],
  ['a name that is set and taken', ['/bin/sh'], { env: { A: '1' }, inherit: ['A'] }, 'invalid_input'],
  ['a relative program with a slash', ['./agent'], {}, 'invalid_input'],
  ['a program of spaces', [' '], {}, 'invalid_input'],
  ['a folder', ['/bin'], {}, 'invalid_input'],
  ['a file that may not be executed', ['/etc/passwd'], {}, 'invalid_input'],
  ['a file that is not there', ['/no/such/program'], {}, 'not_found'],
])('%s is refused and nothing is kept', async (_what, argv, more, code) => {
  const { add, audit, agents } = bench();
  await expect(add('mine', argv, more)).rejects.toMatchObject({ code });
  expect(audit.entries).toEqual([]);
  expect((await agents.list()).map(({ name }) => name)).not.toContain('mine');
});

test('names that are taken are refused, also when two come at the same time', async () => {
  const { add } = bench();
  await expect(add('demo', ['/bin/sh'])).rejects.toMatchObject({ code: 'conflict' });
  const both = await Promise.allSettled([add('a', ['/bin/sh']), add('a', ['/bin/true'])]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(add('a', ['/bin/sh'])).rejects.toMatchObject({ code: 'conflict' });
});

test('only added agents can be removed; an added one goes before a detected one of that name', async () => {
  const { add, agents, bin, named } = bench();
  program(bin, 'codex-acp');
  await add('codex', ['/bin/sh']);
  expect(await named('codex')).toMatchObject({ source: 'user' });
  await agents.handlers['agents.remove']({ name: 'codex' }, owner);
  expect(await named('codex')).toMatchObject({ source: 'detected' });
  await expect(
    Promise.resolve().then(() => agents.handlers['agents.remove']({ name: 'codex' }, owner)),
  ).rejects.toMatchObject({ code: 'not_found' });
});

test('a missing program and an unknown agent are refused when they are to be started', async () => {
  const { add, agents } = bench();
  expect(await add('lost', ['no-such-program-anywhere'])).toMatchObject({ state: 'missing' });
  const place = { cwd: '/', label: 'x' };
  await expect(agents.launch('lost', place)).rejects.toMatchObject({ code: 'unavailable' });
  await expect(agents.launch('nobody', place)).rejects.toMatchObject({ code: 'not_found' });
});

test('nothing changes when it cannot be put on record', async () => {
  const { add, agents, audit, bin, named } = bench();
  program(bin, 'codex-acp');
  audit.break();
  await expect(add('a', ['/bin/sh'])).rejects.toThrow('disk full');
  const { handlers } = agents;
  await expect(handlers['agents.configure']({ name: 'codex', mcp: true }, owner)).rejects.toThrow();
  await expect(handlers['agents.login']({ name: 'codex', key: 'k'.repeat(20) }, owner)).rejects.toThrow();
  expect(await named('codex')).toMatchObject({ mcp: false, keyVariable: null });
  expect(await named('a')).toBeUndefined();
});

test('a key that is kept goes to that agent alone, and no state, event or record shows it', async () => {
  const key = 'sk-very-private-0123456789';
  const { add, agents, audit, bin, db, events, kept, named } = bench();
  program(bin, 'codex-acp', 'env');
  await add('other', ['/bin/sh', '-c', 'env']);
  const after = await agents.handlers['agents.login']({ name: 'codex', key }, owner);
  expect(after).toMatchObject({ keyVariable: 'OPENAI_API_KEY', login: 'yes' });
  const outputs = await Promise.all(
    ['codex', 'other'].map(async (name) =>
      everythingPrinted(await agents.launch(name, { cwd: '/', label: 'test' })),
    ),
  );
  expect(outputs[0]).toContain(`OPENAI_API_KEY=${key}`);
  expect(outputs[1]).not.toContain(key);
  expect(kept).toContain(key);
  const everything = JSON.stringify([
    ...[events, audit.entries, await agents.list()],
    ...[db.all('SELECT body FROM agents'), db.all('SELECT body FROM agent_settings')],
  ]);
  expect(everything).not.toContain(key);
  await agents.handlers['agents.logout']({ name: 'codex' }, owner);
  expect(await named('codex')).toMatchObject({ keyVariable: null, login: 'no' });
  const last = await everythingPrinted(await agents.launch('codex', { cwd: '/', label: 'test' }));
  expect(last).not.toContain('OPENAI_API_KEY');
});

test('a key and the bridge that a found agent was given do not pass to another program of its name', async () => {
  const secrets = memorySecrets();
  const { add, agents, bin } = bench({ secrets });
  program(bin, 'codex-acp');
  await agents.handlers['agents.login']({ name: 'codex', key: 'k'.repeat(20) }, owner);
  await agents.handlers['agents.configure']({ name: 'codex', mcp: true }, owner);
  expect(await add('codex', ['/bin/sh'])).toMatchObject({ keyVariable: null, mcp: false });
  expect(await secrets.get('agent-key-codex')).toBeNull();
});

test('a key is refused for the demo, for an unknown variable, for one that is set, and where it loads code', async () => {
  const { add, agents, bin } = bench();
  const key = 'k'.repeat(20);
  program(bin, 'opencode');
  await add('mine', ['/bin/sh'], { env: { MY_KEY: 'set-already' } });
  const login = async (input: { name: string; variable?: string }) =>
    agents.handlers['agents.login']({ ...input, key }, owner);
  await expect(login({ name: 'demo' })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(login({ name: 'opencode' })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(login({ name: 'mine', variable: 'MY_KEY' })).rejects.toMatchObject({ code: 'conflict' });
  await expect(login({ name: 'mine', variable: 'LD_PRELOAD' })).rejects.toMatchObject({
    code: 'not_permitted',
  });
  await expect(login({ name: 'opencode', variable: 'OPENROUTER_API_KEY' })).resolves.toMatchObject({
    keyVariable: 'OPENROUTER_API_KEY',
  });
  await expect(agents.handlers['agents.logout']({ name: 'mine' }, owner)).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('the bridge is handed to an agent only after the owner said so, with a token for that work alone', async () => {
  const { agents, bin, handed } = bench();
  program(bin, 'codex-acp');
  const request = { agent: 'codex', workspaceId: 'w1' as never, label: 'task t1', scope: 'exec' } as const;
  expect(agents.bridgeFor(request)).toBeNull();
  await agents.handlers['agents.configure']({ name: 'codex', mcp: true }, owner);
  const first = agents.bridgeFor(request);
  const second = agents.bridgeFor({ ...request, label: 'task t2', scope: 'read' });
  expect(first).toMatchObject({ url: 'http://127.0.0.1:1/mcp', token: 'token-t1' });
  expect([...handed.values()]).toEqual([
    { agent: 'codex', name: 'agent codex, task t1', scope: 'exec', workspaceId: 'w1' },
    { agent: 'codex', name: 'agent codex, task t2', scope: 'read', workspaceId: 'w1' },
  ]);
  first?.release();
  first?.release();
  expect([...handed.keys()]).toEqual(['t2']);
  second?.release();
  expect(handed.size).toBe(0);
});

test('a program beyond PATH is started with its folder and that of Node behind PATH', async () => {
  const { agents, home, named } = bench();
  const folder = join(home, '.npm-global/bin');
  mkdirSync(folder, { recursive: true });
  const found = program(folder, 'gemini', 'echo "$PATH" "$GEMINI_CLI_NO_RELAUNCH"');
  expect(await named('gemini')).toMatchObject({ argv: [found, '--acp'] });
  const output = await everythingPrinted(await agents.launch('gemini', { cwd: '/', label: 'test' }));
  expect(output).toMatch(/:\/usr\/bin:\/bin:.*\.npm-global\/bin/);
  expect(output.trim().endsWith('true')).toBe(true);
});

test('a definition from before this version is still read', async () => {
  const { agents, db } = bench();
  db.run(
    'INSERT INTO agents (name, body) VALUES (?, ?)',
    'old',
    '{"name":"old","title":"Old","argv":["/bin/sh"],"env":{}}',
  );
  expect((await agents.list()).find(({ name }) => name === 'old')).toMatchObject({
    inherits: [],
    mcp: false,
  });
});
