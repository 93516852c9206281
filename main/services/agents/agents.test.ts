import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HostEvent } from '../../../contract/host-state.ts';
import { ownerCaller } from '../../kernel/caller.ts';
import { openDatabase } from '../../kernel/database.ts';
import { createProcessGroups } from '../../kernel/process-groups.ts';
import type { Clock } from '../../kernel/ports.ts';
import { createAgents } from './agents.ts';
import { findProgram } from './program-lookup.ts';

const owner = ownerCaller('cli');
const log = { info() {}, warn() {}, error() {} };
const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

function bench(env: Record<string, string> = {}) {
  const bin = mkdtempSync(join(tmpdir(), 'signalbox-agents-'));
  const db = openDatabase(':memory:');
  const events: HostEvent[] = [];
  const secrets: string[] = [];
  const records: unknown[] = [];
  const agents = createAgents({
    db,
    publish: (event) => void events.push(event),
    audit: { append: async (entry) => void records.push(entry) },
    processGroups: createProcessGroups({ db, clock, log }),
    log,
    hostEnv: { PATH: `${bin}:/usr/bin:/bin`, HOME: '/nonexistent', OPENAI_API_KEY: 'of-the-host', ...env },
    builtIn: { demoArgv: [process.execPath, '/demo.mjs'] },
    onSecrets: (values) => void secrets.push(...values),
  });
  const add = async (name: string, argv: string[], more: Record<string, string> = {}) =>
    agents.handlers['agents.add']({ name, argv, env: more }, owner);
  return { agents, bin, db, events, secrets, records, add };
}

function program(folder: string, name: string): string {
  const file = join(folder, name);
  writeFileSync(file, '#!/bin/sh\n', { mode: 0o700 });
  return file;
}

test('the demo agent is built in, programs on PATH are found, and none of them is started', async () => {
  const { agents, bin, events } = bench();
  const codex = program(bin, 'codex-acp');
  program(bin, 'claude-code-acp');
  await agents.start();
  expect(await agents.list()).toMatchObject([
    { name: 'demo', source: 'built-in', state: 'available' },
    { name: 'codex', source: 'detected', state: 'available', argv: [codex] },
    { name: 'claude', source: 'detected' },
  ]);
  expect(events.map((event) => event.type)).toEqual(['agent.changed', 'agent.changed', 'agent.changed']);
});

test('an agent that vanished from PATH is taken out of the state', async () => {
  const { agents, bin, events } = bench();
  chmodSync(program(bin, 'gemini'), 0o700);
  await agents.start();
  chmodSync(join(bin, 'gemini'), 0o600);
  await agents.list();
  expect(events.at(-1)).toEqual({ type: 'agent.removed', name: 'gemini' });
});

test('values of the environment stay in the database: no state, event or record carries them', async () => {
  const { add, agents, events, records } = bench();
  const added = await add('mine', ['/bin/sh', '-c', 'true'], { MY_API_KEY: 'very-secret-value' });
  expect(added).toMatchObject({ name: 'mine', source: 'user', state: 'available', envNames: ['MY_API_KEY'] });
  expect(JSON.stringify([added, events, records, await agents.list()])).not.toContain('very-secret-value');
});

test('a started agent gets a small environment and its own, and the secrets go to the gate', async () => {
  const { add, agents, secrets } = bench();
  await add('mine', ['/bin/sh', '-c', 'env; exit 0'], { MY_API_KEY: 'very-secret-value' });
  const running = await agents.launch('mine', { cwd: '/', label: 'test' });
  let output = '';
  running.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await running.exited;
  await expect.poll(() => output).toContain('MY_API_KEY=very-secret-value');
  expect(output).not.toContain('OPENAI_API_KEY');
  expect(secrets).toContain('very-secret-value');
});

test('names that make programs load code, relative programs and taken names are refused', async () => {
  const { add } = bench();
  await expect(add('a', ['/bin/sh'], { LD_PRELOAD: '/x.so' })).rejects.toMatchObject({
    code: 'not_permitted',
  });
  await expect(add('a', ['./agent'])).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(add('demo', ['/bin/sh'])).rejects.toMatchObject({ code: 'conflict' });
  await add('a', ['/bin/sh']);
  await expect(add('a', ['/bin/sh'])).rejects.toMatchObject({ code: 'conflict' });
});

test('only added agents can be removed; an added one goes before a detected one of that name', async () => {
  const { add, agents, bin } = bench();
  program(bin, 'codex-acp');
  await add('codex', ['/bin/sh']);
  expect((await agents.list()).find((agent) => agent.name === 'codex')).toMatchObject({ source: 'user' });
  await agents.handlers['agents.remove']({ name: 'codex' }, owner);
  expect((await agents.list()).find((agent) => agent.name === 'codex')).toMatchObject({ source: 'detected' });
  await expect(
    Promise.resolve().then(() => agents.handlers['agents.remove']({ name: 'codex' }, owner)),
  ).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a missing program and an unknown agent are refused when they are to be started', async () => {
  const { add, agents } = bench();
  expect(await add('lost', ['no-such-program-anywhere'])).toMatchObject({ state: 'missing' });
  await expect(agents.launch('lost', { cwd: '/', label: 'x' })).rejects.toMatchObject({
    code: 'unavailable',
  });
  await expect(agents.launch('nobody', { cwd: '/', label: 'x' })).rejects.toMatchObject({
    code: 'not_found',
  });
});

test('a relative entry of PATH is never searched, so that a workspace cannot bring its own programs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-path-'));
  mkdirSync(join(folder, 'bin'));
  program(join(folder, 'bin'), 'tool');
  expect(await findProgram('tool', { PATH: 'bin:.:' })).toBeNull();
  expect(await findProgram('tool', { PATH: join(folder, 'bin') })).toBe(join(folder, 'bin', 'tool'));
  expect(await findProgram('bin/tool', { PATH: folder })).toBeNull();
});
