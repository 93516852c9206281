import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sha256Hex } from '../contract/action.ts';
import { ownerCaller } from './kernel/caller.ts';
import { allow, invite, pair, value } from './testing/journey.ts';
import { startTestHost, temporaryRepository, waitFor } from './testing/test-host.ts';
import { pairTestPhone, type TestPhone } from './testing/test-phone.ts';
import { temporaryFolder } from './testing/temporary.ts';
import { verifyExport } from './services/audit/verify-export.ts';

test('the journey: pair, submit, approve from the phone, the file is changed and the record verifies', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'README.md': '# Hello\n\nold words\n' });
  value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const { phone } = await pair(host);
  const session = await phone.connect();

  const task = value(
    await session.client.call('tasks.submit', {
      agent: 'demo',
      workspace: 'demo',
      text: 'In README.md replace "old words" with "new words"',
      idempotencyKey: 'journey-0001',
    }),
  );
  const { approval, answer } = await allow(session);
  expect(approval.action.writes).toMatchObject([
    { path: 'README.md', newSha256: sha256Hex('# Hello\n\nnew words\n') },
  ]);
  const detail = value(await session.client.call('approvals.detail', { approvalId: approval.id }));
  expect(sha256Hex(detail.detail.diffs[0]?.newText ?? '')).toBe(approval.action.writes[0]?.newSha256);
  expect(readFileSync(join(repository, 'README.md'), 'utf8')).toContain('old words');
  value(await session.client.call('approvals.decide', answer));

  const done = await waitFor(session.client, ({ tasks }) => {
    const now = tasks[task.id];
    return now && ['done', 'failed', 'cancelled'].includes(now.state) ? now : null;
  });
  expect(done).toMatchObject({ state: 'done', changedFiles: ['README.md'] });
  expect(readFileSync(join(repository, 'README.md'), 'utf8')).toBe('# Hello\n\nnew words\n');
  expect(execFileSync('git', ['status', '--short'], { cwd: repository, encoding: 'utf8' })).toBe(
    ' M README.md\n',
  );
  await host.until(({ approvals }) => approvals[approval.id]?.state === 'done');

  const file = join(temporaryFolder(), 'audit.txt');
  value(await host.owner.call('audit.export', { file }));
  const record = readFileSync(file, 'utf8');
  expect(verifyExport(record)).toMatchObject({ verdict: 'ok' });
  for (const type of ['device.paired', 'approval.requested', 'approval.approved', 'approval.executing']) {
    expect(record).toContain(`"${type}"`);
  }
});

test('a denied task changes nothing, and says so', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'README.md': 'old words\n' });
  value(await host.owner.call('workspaces.add', { path: repository }));
  const task = value(
    await host.owner.call('tasks.submit', {
      agent: 'demo',
      workspace: repository,
      text: 'In README.md replace "old words" with "new words"',
      idempotencyKey: 'denied-0001',
    }),
  );
  const approval = await host.until(({ approvals }) =>
    Object.values(approvals).find((one) => one.state === 'pending'),
  );
  value(
    await host.owner.call('approvals.decide', {
      approvalId: approval.id,
      actionHash: approval.actionHash,
      decision: 'deny',
    }),
  );
  await host.until(({ tasks }) => ['done', 'failed', 'cancelled'].includes(tasks[task.id]?.state ?? ''));
  expect(readFileSync(join(repository, 'README.md'), 'utf8')).toBe('old words\n');
});

test('a second phone with the same code is refused and reported', async () => {
  const host = await startTestHost();
  const { text } = await pair(host);
  const second = await pairTestPhone(text, { name: 'Thief' });
  await expect(second.decided).rejects.toThrow('ended');
  await host.until(({ alerts }) => alerts.some((alert) => alert.kind === 'pairing-reused'));
  const devices = value(await host.owner.call('identity.listDevices', {})).devices;
  expect(devices.map((device) => device.name)).toEqual(['Test phone']);
});

test('a wrong check code admits nobody, and three of them end the request', async () => {
  const host = await startTestHost();
  const phone: TestPhone = await pairTestPhone((await invite(host)).text);
  const refused = phone.decided.catch(() => null);
  const pending = await host.until(({ devices }) =>
    Object.values(devices).find((device) => device.state === 'pending'),
  );
  const wrong = phone.checkCode === '000000' ? '000001' : '000000';
  for (let i = 0; i < 3; i += 1) {
    const reply = await host.owner.call('identity.approveDevice', { deviceId: pending.id, code: wrong });
    expect(reply).toMatchObject({ ok: false, error: { code: 'refused' } });
  }
  expect(
    await host.owner.call('identity.approveDevice', { deviceId: pending.id, code: phone.checkCode }),
  ).toMatchObject({
    ok: false,
    error: { code: 'not_found' },
  });
  expect(await refused).toMatchObject({ type: 'refused', reason: 'declined' });
});

test('a revoked device is cut off at once and cannot come back', async () => {
  const host = await startTestHost();
  const { phone, deviceId } = await pair(host);
  const session = await phone.connect();
  await waitFor(session.client, ({ host: info }) => info.name === 'test-host');
  value(await host.owner.call('identity.revokeDevice', { deviceId }));
  expect([await session.closed, await session.goodbye]).toEqual(['peer', 'revoked']);
  const again = await phone.connect();
  expect(await again.closed).toBe('lost');
});

test('a phone holds only what its scope gives, and sees no other identity', async () => {
  const host = await startTestHost();
  value(await host.owner.call('gateway.createToken', { kind: 'mcp' }));
  const { phone, deviceId } = await pair(host, 'view');
  const { client } = await phone.connect();
  const state = await waitFor(client, (seen) => seen);
  expect(Object.keys(state.devices)).toEqual([deviceId]);
  expect(state.tokens).toEqual({});
  expect(state.listeners.mcp).toBeNull();
  expect(
    await client.call('tasks.submit', {
      agent: 'demo',
      workspace: 'x',
      text: 'y',
      idempotencyKey: 'abcdefgh',
    }),
  ).toMatchObject({
    error: { code: 'not_permitted' },
  });
  expect(await client.call('gateway.createToken', { kind: 'mcp' })).toMatchObject({
    error: { code: 'not_permitted' },
  });
});

test('an unsigned, a wrongly signed and a replayed answer are refused', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'a.txt': 'one\n', 'b.txt': 'one\n' });
  value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const { phone } = await pair(host);
  const session = await phone.connect();
  const submit = (file: string) =>
    session.client.call('tasks.submit', {
      agent: 'demo',
      workspace: 'demo',
      text: `In ${file} replace "one" with "two"`,
      idempotencyKey: `replay-${file.replace('.', '-')}`,
    });
  value(await submit('a.txt'));
  const { answer } = await allow(session, 7);
  const { proof: _proof, ...unsigned } = answer;
  expect(await session.client.call('approvals.decide', unsigned)).toMatchObject({
    error: { code: 'not_permitted' },
  });
  expect(await session.client.call('approvals.decide', { ...answer, decision: 'deny' })).toMatchObject({
    error: { code: 'not_permitted' },
  });
  value(await session.client.call('approvals.decide', answer));
  expect(await session.client.call('approvals.decide', answer)).toMatchObject({
    error: { code: 'conflict' },
  });
  await host.until(({ tasks }) => Object.values(tasks).every((task) => task.state === 'done'));
  value(await submit('b.txt'));
  const next = await allow(session, 7);
  expect(await session.client.call('approvals.decide', next.answer)).toMatchObject({
    error: { code: 'conflict' },
  });
  expect(readFileSync(join(repository, 'b.txt'), 'utf8')).toBe('one\n');
});

test('a lock-down ends agents, devices and approvals, and outlives a restart', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'a.txt': 'one\n' });
  value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const { phone } = await pair(host);
  const session = await phone.connect();
  const submit = { agent: 'demo', workspace: 'demo', text: 'In a.txt replace "one" with "two"' } as const;
  value(await session.client.call('tasks.submit', { ...submit, idempotencyKey: 'lockdown-1' }));
  await host.until(({ approvals }) => Object.values(approvals).some((one) => one.state === 'pending'));
  value(await host.owner.call('host.lockDown', {}));
  await session.closed;
  const state = host.host.store.state;
  expect(Object.values(state.approvals).map((one) => one.state)).toEqual(['denied']);
  expect(Object.values(state.tasks).every((task) => task.state === 'cancelled')).toBe(true);
  const again = await host.restart();
  expect(again.host.store.state.host.mode).toBe('locked-down');
  expect(await again.owner.call('tasks.submit', { ...submit, idempotencyKey: 'lockdown-2' })).toMatchObject({
    error: { code: 'locked_down' },
  });
  value(await again.owner.call('host.resume', {}));
  expect(again.host.store.state.host.mode).toBe('running');
  expect(readFileSync(join(repository, 'a.txt'), 'utf8')).toBe('one\n');
});

test('nothing that was answered is lost by a restart', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'a.txt': 'one\n' });
  const workspace = value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const { info } = value(await host.owner.call('gateway.createToken', { kind: 'mcp', workspace: 'demo' }));
  const { deviceId } = await pair(host);
  const again = await host.restart();
  const { workspaces, tokens, devices } = again.host.store.state;
  expect(workspaces[workspace.id]).toEqual(workspace);
  expect(tokens[info.id]).toEqual(info);
  expect(devices[deviceId]).toMatchObject({ state: 'active', connected: false });
});

test('a phone finds the host where it was after a restart, and works on', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'a.txt': 'one\n' });
  value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const { phone } = await pair(host);
  const before = await phone.connect();
  await waitFor(before.client, ({ host: info }) => info.name === 'test-host');
  const again = await host.restart();
  expect([await before.closed, await before.goodbye]).toEqual(['peer', 'stopping']);
  const session = await phone.connect();
  value(
    await session.client.call('tasks.submit', {
      agent: 'demo',
      workspace: 'demo',
      text: 'In a.txt replace "one" with "two"',
      idempotencyKey: 'restart-0001',
    }),
  );
  const { answer } = await allow(session);
  value(await session.client.call('approvals.decide', answer));
  await again.until(({ tasks }) => Object.values(tasks).some((task) => task.state === 'done'));
  expect(readFileSync(join(repository, 'a.txt'), 'utf8')).toBe('two\n');
});

test('the door refuses unknown, forbidden and malformed commands, prototype names too', async () => {
  const { host } = await startTestHost();
  const owner = ownerCaller('cli');
  const code = async (name: string, input: unknown) => {
    const reply = await host.call(owner, name, input, undefined);
    return reply.ok ? 'ok' : reply.error.code;
  };
  expect(await code('nope', {})).toBe('unknown_command');
  expect(await code('__proto__', {})).toBe('unknown_command');
  expect(await code('constructor', {})).toBe('unknown_command');
  expect(await code('tasks.get', { taskId: '../x' })).toBe('invalid_input');
  expect(await code('tasks.list', { limit: 5, extra: 1 })).toBe('invalid_input');
  expect(await code('tasks.list', {})).toBe('ok');
});
