import { expect, test } from 'vitest';
import { pair, value } from './testing/journey.ts';
import { startTestHost, temporaryRepository } from './testing/test-host.ts';
import { program } from './testing/agents-bench.ts';
import { temporaryFolder } from './testing/temporary.ts';

test('an agent at work is a part of the host, measured apart from it, and is seen from the phone too', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'README.md': 'old words\n' });
  value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const { phone } = await pair(host);
  const session = await phone.connect();
  const task = value(
    await host.owner.call('tasks.submit', {
      ...{ agent: 'demo', workspace: 'demo', idempotencyKey: 'parts-0001' },
      text: 'In README.md replace "old words" with "new words"',
    }),
  );
  const approval = await host.until(({ approvals }) =>
    Object.values(approvals).find(({ state }) => state === 'pending'),
  );
  const { parts, supported } = value(await session.client.call('supervisor.figures', {}));
  const [own, agent, ...others] = parts;
  expect(others).toEqual([]);
  expect(own).toMatchObject({ kind: 'host', pid: process.pid });
  expect(agent).toMatchObject({ kind: 'agent', name: 'demo', purpose: `task ${task.id}` });
  if (supported) {
    expect(agent?.processes).toBeGreaterThan(0);
    expect(own?.ports.length).toBeGreaterThan(0);
    expect(agent?.ports).toEqual([]);
  }
  value(
    await host.owner.call('approvals.decide', {
      ...{ approvalId: approval.id, actionHash: approval.actionHash, decision: 'deny' },
    }),
  );
  await host.until(({ tasks }) => ['done', 'failed', 'cancelled'].includes(tasks[task.id]?.state ?? ''));
});

test('why an agent died is read afterwards, by the phone as well, and what it let slip is not in it', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'README.md': 'words\n' });
  value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const token = ['ghp', 'aB3dE5gH7jK9mN1pQ3sT5vX7zB9dF1hJ3lN5'].join('_');
  const broken = program(
    temporaryFolder('broken-agent'),
    'broken',
    `echo "cannot log in with ${token}" >&2; echo "giving up" >&2; exit 3`,
  );
  value(await host.owner.call('agents.add', { name: 'broken', argv: [broken] }));
  // A short look at an agent is no part of the host.
  value(await host.owner.call('agents.check', { name: 'demo', session: false }));
  const { phone } = await pair(host);
  const session = await phone.connect();
  const task = value(
    await host.owner.call('tasks.submit', {
      ...{ agent: 'broken', workspace: 'demo', text: 'anything', idempotencyKey: 'parts-0002' },
    }),
  );
  await host.until(({ tasks }) => tasks[task.id]?.state === 'failed');
  const ended = async () => value(await host.owner.call('supervisor.figures', {})).ended;
  await expect
    .poll(ended, { timeout: 10_000 })
    .toMatchObject([{ kind: 'agent', name: 'broken', purpose: `task ${task.id}`, exitCode: 3 }]);
  const id = (await ended())[0]?.id ?? '';
  for (const client of [host.owner, session.client]) {
    const { missing, text } = value(await client.call('supervisor.readPartOutput', { id }));
    expect(missing).toBe(0);
    expect(text).toMatch(/^cannot log in with .*\ngiving up\n$/);
    expect(text).not.toContain('aB3dE5gH7jK9');
  }
  expect(await host.owner.call('supervisor.readPartOutput', { id: 'host' })).toMatchObject({
    ...{ ok: false, error: { code: 'not_found' } },
  });
});
