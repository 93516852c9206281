import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { mcpCaller } from './kernel/caller.ts';
import { allow, invite, pair, recordsOf, value } from './testing/journey.ts';
import { connectClient, startTestHost, temporaryRepository } from './testing/test-host.ts';
import { pairTestPhone } from './testing/test-phone.ts';

/** Each attack is tried as an attacker would; what counts is what it got, and what stands on record of it. */
const refused: string[] = [];
afterAll(
  () => void process.stdout.write(`attacks: ${refused.length} tried and refused: ${refused.join(', ')}\n`),
);

test('a phone that was revoked keeps nothing: not its connection, not its keys, not its signature', async () => {
  const host = await startTestHost();
  const repository = temporaryRepository({ 'a.txt': 'one\n' });
  value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const { phone, deviceId } = await pair(host);
  const session = await phone.connect();
  const submit = { agent: 'demo', workspace: 'demo', text: 'In a.txt replace "one" with "two"' } as const;
  value(await session.client.call('tasks.submit', { ...submit, idempotencyKey: 'revoked-0001' }));
  const { answer } = await allow(session);
  value(await host.owner.call('identity.revokeDevice', { deviceId }));
  const late = session.client.call('approvals.decide', answer);
  await session.closed;
  expect((await late).ok).toBe(false);
  const again = await phone.connect();
  expect(await again.closed).toBe('lost');
  expect((await again.client.call('approvals.decide', answer)).ok).toBe(false);
  // What its task had asked for is wanted no longer.
  await expect.poll(() => host.host.store.state.approvals[answer.approvalId]?.state).toBe('cancelled');
  expect(readFileSync(join(repository, 'a.txt'), 'utf8')).toBe('one\n');
  expect(await recordsOf(host, 'device.revoked')).toMatchObject([{ object: deviceId }]);
  await expect.poll(() => recordsOf(host, 'device.refused')).not.toHaveLength(0);
  refused.push('revoked phone');
});

test('a photographed code is worth nothing, to a thief who is slower and to one who is faster', async () => {
  const host = await startTestHost();
  const { text } = await pair(host);
  const slower = await pairTestPhone(text, { name: 'Slow thief' });
  await expect(slower.decided).rejects.toThrow('ended');
  await expect.poll(() => recordsOf(host, 'pairing.reused')).toHaveLength(1);

  const second = await invite(host);
  const faster = await pairTestPhone(second.text, { name: 'Fast thief' });
  const thief = await host.until(({ devices }) =>
    Object.values(devices).find((device) => device.state === 'pending'),
  );
  const answer = faster.decided.catch(() => null);
  const own = await pairTestPhone(second.text, { name: 'Own phone' });
  await expect(own.decided).rejects.toThrow('ended');
  await expect.poll(() => recordsOf(host, 'pairing.reused')).toHaveLength(2);
  expect(host.host.store.state.alerts.some((alert) => alert.kind === 'pairing-reused')).toBe(true);
  // The owner types what the own phone shows: the digits of another handshake.
  expect(own.checkCode).not.toBe(faster.checkCode);
  expect(
    await host.owner.call('identity.approveDevice', { deviceId: thief.id, code: own.checkCode }),
  ).toMatchObject({ ok: false, error: { code: 'refused' } });
  value(await host.owner.call('identity.refuseDevice', { deviceId: thief.id }));
  expect(await answer).toMatchObject({ type: 'refused' });
  const { devices } = value(await host.owner.call('identity.listDevices', {}));
  expect(devices.map(({ name }) => name)).toEqual(['Test phone']);
  refused.push('photographed code');
});

test('a recorded answer opens nothing a second time, for this question or another', async () => {
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
      idempotencyKey: `replayed-${file.replace('.', '-')}`,
    });
  value(await submit('a.txt'));
  const first = await allow(session);
  value(await session.client.call('approvals.decide', first.answer));
  await host.until(({ tasks }) => Object.values(tasks).every((task) => task.state === 'done'));
  value(await submit('b.txt'));
  const next = await allow(session, 2);
  for (const attempt of [
    first.answer,
    { ...next.answer, proof: first.answer.proof },
    { ...first.answer, approvalId: next.approval.id },
    { ...first.answer, approvalId: next.approval.id, actionHash: next.approval.actionHash },
  ]) {
    expect((await session.client.call('approvals.decide', attempt)).ok).toBe(false);
  }
  expect(host.host.store.state.approvals[next.approval.id]?.state).toBe('pending');
  expect(readFileSync(join(repository, 'b.txt'), 'utf8')).toBe('one\n');
  const records = await recordsOf(host, 'command.failed');
  expect(records.filter(({ object }) => object === 'approvals.decide').length).toBeGreaterThanOrEqual(4);
  refused.push('replayed approval');
});

test('a program that was swapped after it was allowed is not run', async () => {
  const host = await startTestHost({ config: 'bridge:\n  bash: full\n' });
  const repository = temporaryRepository({ 'README.md': 'hello\n' });
  const program = join(repository, 'tool');
  writeFileSync(program, '#!/bin/sh\necho good > effect.txt\n', { mode: 0o755 });
  const workspace = value(await host.owner.call('workspaces.add', { path: repository, name: 'demo' }));
  const client = connectClient(host.host, mcpCaller('attacker', 'exec', workspace.id));
  const running = client.call('bridge.bash', { workspace: workspace.id, command: './tool' });
  const approval = await host.until(({ approvals }) =>
    Object.values(approvals).find((one) => one.state === 'pending'),
  );
  const other = join(repository, 'other');
  writeFileSync(other, '#!/bin/sh\necho evil > effect.txt\n', { mode: 0o755 });
  renameSync(other, program);
  const detail = await host.owner.call('approvals.detail', { approvalId: approval.id });
  expect(detail.ok).toBe(true);
  value(
    await host.owner.call('approvals.decide', {
      approvalId: approval.id,
      actionHash: approval.actionHash,
      decision: 'allow',
    }),
  );
  expect(await running).toMatchObject({ ok: false, error: { code: 'stale' } });
  expect(existsSync(join(repository, 'effect.txt'))).toBe(false);
  expect(host.host.store.state.approvals[approval.id]?.state).toBe('stale');
  expect(await recordsOf(host, 'approval.stale')).toMatchObject([{ object: approval.id }]);
  refused.push('renamed binary');
});

/** What another user of this machine can try, from a process of its own; prints what it got. */
const OTHER_USER = `
const net = require('node:net'); const fs = require('node:fs'); const http = require('node:http');
const { root, socket, mcp, token } = JSON.parse(process.argv[1]);
const got = {};
for (const name of ['state.db', 'audit', 'secrets', 'config.yaml', 'run']) {
  try { fs.statSync(root + '/' + name); fs.readFileSync(root + '/' + name); got[name] = 'read'; } catch (error) { got[name] = error.code; }
}
const connect = new Promise((done) => net.connect(socket).on('connect', () => done('connected')).on('error', (error) => done(error.code)));
const post = new Promise((done) => {
  const request = http.request(mcp, { method: 'POST', headers: { authorization: 'Bearer ' + token, 'content-type': 'application/json' } }, (reply) => done(reply.statusCode));
  request.on('error', (error) => done(error.code)); request.end('{}');
});
Promise.all([connect, post]).then(([c, p]) => { got.socket = c; got.mcp = p; process.stdout.write(JSON.stringify({ uid: process.getuid(), ...got })); process.exit(); });
`;

test.runIf(process.getuid?.() === 0)(
  'a second user of this machine gets neither files nor socket nor tools',
  async () => {
    const host = await startTestHost();
    const listeners = await host.until((state) => (state.listeners.mcp === null ? null : state.listeners));
    const facts = {
      root: host.root,
      socket: join(host.root, 'run', 'control.sock'),
      mcp: listeners.mcp,
      token: `signalbox_mcp_00000000_${'A'.repeat(43)}`,
    };
    expect(existsSync(facts.socket)).toBe(true);
    const child = spawn(process.execPath, ['-e', OTHER_USER, JSON.stringify(facts)], {
      uid: 65_534,
      gid: 65_534,
      cwd: '/',
      env: {},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (printed += text));
    await new Promise((resolve) => child.once('close', resolve));
    const got = JSON.parse(printed) as Record<string, unknown>;
    expect(got).toEqual({
      uid: 65_534,
      'state.db': 'EACCES',
      audit: 'EACCES',
      secrets: 'EACCES',
      'config.yaml': 'EACCES',
      run: 'EACCES',
      socket: 'EACCES',
      mcp: 401,
    });
    await expect
      .poll(() => recordsOf(host, 'token.refused'))
      .toMatchObject([{ actor: 'unknown', object: 'mcp' }]);
    refused.push('second local user');
  },
);

test('a state directory that was put back does not bring a revoked phone back', async () => {
  const host = await startTestHost();
  const { phone, deviceId } = await pair(host);
  const before = await phone.connect();
  const epoch = (await before.welcome).epoch;
  const restarted = await host.restart();
  const backup = mkdtempSync(join(tmpdir(), 'backup-'));
  onTestFinished(() => rmSync(backup, { recursive: true, force: true }));
  const later = await restarted.restart();
  expect((await (await phone.connect()).welcome).epoch).toBeGreaterThan(epoch);
  copyHome(later.root, backup);
  value(await later.owner.call('identity.revokeDevice', { deviceId }));
  const last = await later.restart();
  expect(last.host.store.state.devices[deviceId]?.state).toBe('revoked');
  await last.host.stop();

  copyHome(backup, last.root);
  const putBack = await last.restart();
  expect(putBack.host.store.state.devices[deviceId]?.state).toBe('active');
  expect(putBack.host.store.state.host.mode).toBe('locked-down');
  expect(putBack.host.store.state.alerts.map(({ kind }) => kind)).toContain('state-rolled-back');
  const thief = await phone.connect();
  expect(await thief.closed).toBe('lost');
  expect(await recordsOf(putBack, 'host.locked-down')).toMatchObject([{ actor: 'host' }]);
  expect(await putBack.owner.call('identity.createInvitation', { scope: 'view' })).toMatchObject({
    ok: false,
    error: { code: 'locked_down' },
  });
  // It says so once; the owner looks, revokes again, and opens it.
  value(await putBack.owner.call('identity.revokeDevice', { deviceId }));
  value(await putBack.owner.call('host.resume', {}));
  const sound = await putBack.restart();
  expect(sound.host.store.state.host.mode).toBe('running');
  refused.push('rolled-back state');
});

/** The home as a backup has it: without what stands outside of it. */
function copyHome(from: string, to: string): void {
  for (const name of ['state.db', 'state.db-wal', 'state.db-shm', 'audit', 'secrets', 'config.yaml']) {
    rmSync(join(to, name), { recursive: true, force: true });
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name), { recursive: true });
  }
}
