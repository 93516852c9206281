import { expect, test } from 'vitest';
import type { SecureChannel } from '../contract/channel/secure-channel.ts';
import { createReliableClient } from '../contract/reliable-client.ts';
import { nodeClock, nodeRandom } from './ports.node.ts';
import { aMoment } from './testing/real-processes.ts';
import { startTestHost, temporaryRepository, waitFor } from './testing/test-host.ts';
import { pairTestPhone } from './testing/test-phone.ts';

test('a phone whose connection is cut over and over, over a restart of the host, commands each thing once', async () => {
  const first = await startTestHost();
  const repository = temporaryRepository({ 'a.txt': 'one\n' });
  await first.owner.call('workspaces.add', { path: repository, name: 'demo' });
  const invitation = await first.owner.call('identity.createInvitation', { scope: 'submit' });
  if (!invitation.ok) throw new Error(invitation.error.message);
  const phone = await pairTestPhone(invitation.value.text);
  const pending = await first.until(({ devices }) =>
    Object.values(devices).find((device) => device.state === 'pending'),
  );
  await first.owner.call('identity.approveDevice', { deviceId: pending.id, code: phone.checkCode });
  await phone.decided;

  const client = createReliableClient({
    random: (count) => nodeRandom.bytes(count),
    ...{ schedule: nodeClock.after, record: null, save: () => Promise.resolve() },
  });
  let channel: SecureChannel | null = null;
  let over = false;
  let connections = 0;
  let dialling = false;
  const connect = async () => {
    if (over || dialling) return;
    dialling = true;
    connections += 1;
    channel = await phone.dial().catch(() => null);
    dialling = false;
    if (channel) client.attach(channel);
    else void aMoment().then(connect);
  };
  client.watch(({ kind }) => {
    if (kind === 'offline') void connect();
  });
  const seqs: string[] = [];
  client.subscribe(null, ({ kind, cursor }) => seqs.push(`${kind} ${cursor.epoch} ${String(cursor.seq)}`));
  void connect();

  // A pause of the agents, so that tasks are taken and none runs: what counts is how often each was taken.
  await first.owner.call('host.pause', {});
  const answers = Array.from({ length: 12 }, (_, i) => {
    const text = 'In a.txt replace "one" with "two"';
    const input = { agent: 'demo', workspace: 'demo', text, idempotencyKey: `reconnect-${String(i)}` };
    return client.submit('tasks.submit', input).result;
  });
  const cut = () => channel?.close();
  for (let cuts = 0; cuts < 4; cuts += 1) {
    await waitFor(client, ({ host }) => host.name === 'test-host');
    cut();
  }
  const second = await first.restart();
  const settled = await Promise.all(answers);
  const { tasks } = second.host.store.state;
  const taken = settled.map((reply) => (reply.ok ? (reply.value as { id: string }).id : reply.error.message));
  expect(new Set(taken).size).toBe(12);
  expect(Object.keys(tasks).sort()).toEqual([...taken].sort());
  expect(new Set(seqs).size).toBe(seqs.length);
  process.stdout.write(`real host, ${connections} connections over a restart: 12 commands, 12 tasks\n`);
  over = true;
  client.close();
});
