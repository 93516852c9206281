import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DeviceId } from '../contract/ids.ts';
import { deviceCaller, mcpCaller } from './kernel/caller.ts';
import { call, hostWithPlan, sayYes } from './testing/handoff-host.ts';

test('a handoff that its host left behind is interrupted at the next start and is not run again', async () => {
  const { host, folder, runState } = await hostWithPlan('# Greeting\n\nCreate hello.txt with hi\n');
  const request = { kind: 'run', workspace: folder, agent: 'demo' } as const;
  const { id } = await call(host, 'handoff.start', { request });
  await host.until((state) => Object.values(state.tasks).find((task) => task.state === 'waiting'));
  const next = await host.restart();
  const { handoff } = await call(next, 'handoff.show', { handoffId: id });
  expect(handoff).toMatchObject({ state: 'interrupted', stopReason: 'interrupted' });
  expect(runState()).toMatchObject({ state: 'interrupted', lease: null });
  expect(Object.values(next.host.store.state.tasks).map(({ state }) => state)).toEqual(['interrupted']);
  // The workspace is free again.
  sayYes(next);
  await call(next, 'handoff.start', { request });
  await next.until((state) => Object.values(state.tasks).find((task) => task.state === 'done'));
});

test('a plan that an MCP client writes while the owner watches is a question to the owner, and no work before a yes', async () => {
  const { host, folder, workspace } = await hostWithPlan('# Empty\n');
  rmSync(join(folder, '.handoff/current-plan.md'));
  await call(host, 'bridge.setModes', { write: 'handoff' });
  const request = { kind: 'watch', workspace: folder, agent: 'demo' } as const;
  const { id } = await call(host, 'handoff.start', { request });
  // The owner lets the client write its plan; that is leave to write a file and no more.
  const isWrite = (title: string) => !title.startsWith('Let demo carry out');
  const asked = sayYes(host, isWrite);
  const text = '# From afar\n\nCreate planted.txt with x\n';
  const write = { path: '.handoff/current-plan.md', text, baseSha256: null };
  const client = mcpCaller('client', 'write', workspace.id);
  expect(await host.host.call(client, 'bridge.write', write)).toMatchObject({ ok: true });
  const question = await host.until((state) =>
    Object.values(state.approvals).find(({ title }) => title === 'Let demo carry out the plan: From afar'),
  );
  expect(question).toMatchObject({
    ...{ state: 'pending', scopes: ['once'], mustOpen: expect.any(Boolean) as unknown },
    action: { kind: 'tool', agent: 'demo', requester: ['owner:desktop', `handoff:${id}`] },
  });
  const { detail } = await call(host, 'approvals.detail', { approvalId: question.id });
  expect(detail.diffs).toMatchObject([{ path: '.handoff/current-plan.md', oldText: null, newText: text }]);
  expect(Object.keys(host.host.store.state.tasks)).toEqual([]);
  const { actionHash } = question;
  await call(host, 'approvals.decide', { approvalId: question.id, actionHash, decision: 'allow' });
  await host.until((state) => Object.values(state.tasks).find((task) => task.state === 'done'));
  expect(readFileSync(join(folder, 'planted.txt'), 'utf8')).toBe('x\n');
  expect(asked).toHaveLength(2);
  expect((await call(host, 'handoff.stop', { handoffId: id })).state).toBe('interrupted');
});

test('nobody but the owner starts a handoff, and a lock-down ends it', async () => {
  const { host, folder } = await hostWithPlan('# Greeting\n\nCreate hello.txt with hi\n');
  const request = { kind: 'run', workspace: folder, agent: 'demo' } as const;
  let counter = 0;
  const others = [
    deviceCaller(DeviceId.parse('phone'), 'manage'),
    deviceCaller(DeviceId.parse('phone'), 'submit'),
    mcpCaller('token', 'exec', null),
  ];
  for (const caller of others) {
    for (const name of ['handoff.start', 'handoff.preview'] as const) {
      const answer = await host.host.call(
        caller,
        name,
        { request },
        { commandId: `command-${(counter += 1)}`, counter },
      );
      expect(answer).toMatchObject({ ok: false });
      expect(answer.ok ? '' : answer.error.code).toBe('not_permitted');
    }
  }
  const { id } = await call(host, 'handoff.start', { request });
  await host.until((state) => Object.values(state.tasks).find((task) => task.state === 'waiting'));
  await call(host, 'host.lockDown', {});
  const { handoff } = await call(host, 'handoff.show', { handoffId: id });
  expect(handoff).toMatchObject({ state: 'interrupted', reason: 'the host was locked down' });
});
