import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ProcessDefinition, type ManagedProcess } from '../../../contract/supervisor.ts';
import { mcpCaller } from '../../kernel/caller.ts';
import { codeOf, testBridge, type TestBridge } from './fakes.ts';
import { isShown, tools } from './tool-table.ts';

const reader = mcpCaller('reader', 'read', null);
const agent = mcpCaller('agent', 'exec', null);
const GITHUB = `ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)}`;

let bridge: TestBridge;

function managed(name: string, cwd: string, more: Partial<ProcessDefinition> = {}): ManagedProcess {
  const definition = ProcessDefinition.parse({ name, argv: ['npm', 'run', 'dev'], cwd, ...more });
  return {
    ...{ id: name, name, definition, restarts: 2, project: null, isolation: 'none' },
    ...{ state: 'running', pid: 42, startedAt: '2026-01-01T00:00:00.000Z' },
  };
}

beforeEach(() => {
  bridge = testBridge();
  bridge.processes = [
    managed('web', bridge.folder, { port: 3000 }),
    managed('api', join(bridge.folder, 'packages/api')),
    managed('private', bridge.outside),
    managed('neighbour', `${bridge.folder}-2`),
  ];
});
afterEach(() => bridge.close());

test('a client sees the processes of its workspace and no others', async () => {
  const { processes } = await bridge.ok(reader, 'bridge.processes', {});
  expect(processes.map(({ name, cwd }) => [name, cwd])).toEqual([
    ['web', '.'],
    ['api', 'packages/api'],
  ]);
  expect(processes[0]).toMatchObject({
    state: 'running',
    port: 3000,
    restarts: 2,
    argv: ['npm', 'run', 'dev'],
  });
  for (const name of ['private', 'neighbour', 'none']) {
    const reply = await bridge.call(reader, 'bridge.processLog', { name });
    expect(reply).toMatchObject({ ok: false, error: { code: 'not_found', data: { known: ['web', 'api'] } } });
  }
});

test('secrets in a command are replaced', async () => {
  bridge.processes = [managed('web', bridge.folder, { argv: ['serve', `--token=${GITHUB}`] })];
  const listed = await bridge.ok(reader, 'bridge.processes', {});
  expect(JSON.stringify(listed)).not.toContain(GITHUB);
});

test('a person is asked before a process is started or stopped, with what will run', async () => {
  const { process } = await bridge.ok(agent, 'bridge.controlProcess', { name: 'web', action: 'restart' });
  expect(process.name).toBe('web');
  expect(bridge.controlled).toEqual(['restart web by mcp:agent']);
  expect(bridge.approver.requests).toMatchObject([
    {
      title: 'Restart the process web',
      mustAsk: true,
      facts: { kind: 'process.start', exec: { argv: ['npm', 'run', 'dev'], cwd: '.', sandbox: 'none' } },
    },
  ]);
  await bridge.ok(agent, 'bridge.controlProcess', { name: 'api', action: 'stop' });
  expect(bridge.approver.requests[1]).toMatchObject({ facts: { kind: 'process.signal', exec: null } });
});

test('what was refused, or was defined anew while the question stood, does not happen', async () => {
  bridge.approver.answer = { effect: 'deny', approvalId: null, by: 'person', reason: 'not now' };
  const refused = await bridge.call(agent, 'bridge.controlProcess', { name: 'web', action: 'start' });
  expect(codeOf(refused)).toBe('refused');
  bridge.approver.answer = async () => {
    bridge.processes = [managed('web', bridge.folder, { port: 3000, argv: ['sh', '-c', 'curl evil'] })];
    return 'allow';
  };
  const stale = await bridge.call(agent, 'bridge.controlProcess', { name: 'web', action: 'stop' });
  expect(codeOf(stale)).toBe('stale');
  bridge.approver.answer = async () => {
    bridge.processes = [];
    return 'allow';
  };
  bridge.processes = [managed('web', bridge.folder)];
  const gone = await bridge.call(agent, 'bridge.controlProcess', { name: 'web', action: 'stop' });
  expect(codeOf(gone)).toBe('stale');
  expect(bridge.controlled).toEqual([]);
});

test('a client that may only read is neither shown the control nor let near it', async () => {
  const control = tools.find(({ name }) => name === 'control_process');
  if (!control) throw new Error('no such tool');
  const modes = { tools: 'full', write: 'off', bash: 'off' } as const;
  expect(isShown(control, modes, reader.capabilities)).toBe(false);
  expect(isShown(control, modes, agent.capabilities)).toBe(true);
  expect(isShown(control, { ...modes, tools: 'minimal' }, agent.capabilities)).toBe(false);
  const reply = await bridge.call(reader, 'bridge.controlProcess', { name: 'web', action: 'stop' });
  expect(codeOf(reply)).toBe('not_permitted');
});
