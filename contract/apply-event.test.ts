import { expect, test } from 'vitest';
import { applyEvent, emptyHostState } from './apply-event.ts';
import { commandNames } from './command-names.ts';
import { commands } from './commands.ts';
import { HostState } from './host-state.ts';
import { Task } from './tasks.ts';

function task(index: number, state: 'queued' | 'cancelled'): Task {
  const createdAt = new Date(Date.UTC(2026, 0, 1) + index * 1000).toISOString();
  const shared = {
    id: `t${index}` as Task['id'],
    agent: 'demo',
    workspaceId: 'w' as Task['workspaceId'],
    mode: 'ask',
    text: 'x',
    submittedBy: 'owner:cli',
    createdAt,
    revision: 0,
  } as const;
  return Task.parse(
    state === 'queued' ? { ...shared, state } : { ...shared, state, sessionId: null, endedAt: createdAt },
  );
}

test('the empty state is a valid state', () => {
  expect(HostState.parse(emptyHostState)).toEqual(emptyHostState);
});

test('the state stays small: of many ended tasks the newest are kept, and none that is still open is dropped', () => {
  let state = applyEvent(emptyHostState, { type: 'task.changed', task: task(0, 'queued') });
  for (let i = 1; i <= 500; i += 1)
    state = applyEvent(state, { type: 'task.changed', task: task(i, 'cancelled') });
  expect(Object.keys(state.tasks)).toHaveLength(100);
  expect(state.tasks['t0']?.state).toBe('queued');
  expect(state.tasks['t500']).toBeDefined();
  expect(state.tasks['t1']).toBeUndefined();
});

test('an event never changes the state that it was applied to', () => {
  const before = structuredClone(emptyHostState);
  applyEvent(emptyHostState, { type: 'task.changed', task: task(1, 'queued') });
  expect(emptyHostState).toEqual(before);
});

test('the names that the preload knows are the names of the table', () => {
  expect(Object.keys(commandNames).sort()).toEqual(Object.keys(commands).sort());
});

test('every command that only a device or a client may reach is told by its capability', () => {
  const tools = Object.entries(commands).filter(([, spec]) => spec.capability.startsWith('tool-'));
  expect(tools.map(([name]) => name).every((name) => name.startsWith('bridge.'))).toBe(true);
  const highRisk = Object.entries(commands).filter(([, spec]) => spec.risk === 'high');
  // A phone of scope `manage` signs the rule that it adds, and may add none that opens wide.
  const notOwn = highRisk.filter(([, spec]) => spec.capability !== 'own').map(([name]) => name);
  expect(notOwn).toEqual(['approvals.addRule']);
});
