import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../../contract/channel/bytes.ts';
import { createPipePair, type Direction, type PipePair } from '../../../contract/channel/fakes.ts';
import type { SecureChannel } from '../../../contract/channel/secure-channel.ts';
import { createReliableClient } from '../../../contract/reliable-client.ts';
import { HostMessage, type ClientMessage } from '../../../contract/wire.ts';
import { COUNTER_WINDOW } from '../../kernel/command-ledger.ts';
import { openDatabase } from '../../kernel/database.ts';
import {
  dialLabHost,
  labClock,
  labKeys,
  labRandom,
  openLabHost,
  type LabHost,
} from '../../testing/device-lab.ts';
import { temporaryFolder } from '../../testing/temporary.ts';

const schedule = labClock.after;
const settle = async () => {
  for (let turns = 0; turns < 10; turns += 1) await new Promise<void>((resolve) => setImmediate(resolve));
};
const submit = (key: string) => ({ agent: 'demo', workspace: 'w', text: 'x', idempotencyKey: key });
const call = (id: number, key: string, counter: number, commandId = `command-id-${key}`): ClientMessage => ({
  ...{ type: 'call', id, name: 'tasks.submit', input: submit(key), commandId, counter },
});

function setUp(folder = temporaryFolder('session')) {
  const keys = labKeys();
  const open = (where = folder) => openLabHost({ folder: where, keys, clock: labClock, schedule });
  return { folder, keys, open };
}

/** A channel in the hands of the test, and everything that came over it. */
async function dial(host: LabHost, keys: ReturnType<typeof labKeys>, pipes: PipePair = createPipePair()) {
  host.accept(pipes.right);
  const channel: SecureChannel = await dialLabHost(pipes.left, keys, schedule);
  const heard: HostMessage[] = [];
  const ends: string[] = [];
  channel.onMessage((bytes) => heard.push(HostMessage.parse(JSON.parse(fromUtf8(bytes)))));
  channel.onClose(({ reason }) => ends.push(reason));
  await settle();
  const say = async (message: ClientMessage) => {
    channel.send(utf8(JSON.stringify(message)));
    await settle();
  };
  const replies = () => heard.flatMap((message) => (message.type === 'reply' ? [message.reply] : []));
  return { pipes, channel, heard, ends, say, replies };
}

test('the first message is the welcome: epoch, highest counter seen, lowest version', async () => {
  const { keys, open } = setUp();
  const host = open();
  const first = await dial(host, keys);
  await first.say(call(0, 'first-command', 41));
  const second = await dial(host, keys);
  expect(first.heard[0]).toMatchObject({ type: 'welcome', epoch: 1, counter: 0, minVersion: 1 });
  expect(second.heard).toMatchObject([{ type: 'welcome', epoch: 1, counter: 41 }]);
  host.kill();
  const again = open();
  expect((await dial(again, keys)).heard).toMatchObject([{ type: 'welcome', epoch: 2, counter: 41 }]);
  again.kill();
});

test('a host that hangs up says why, as the last message', async () => {
  const { keys, open } = setUp();
  for (const reason of ['revoked', 'locked-down', 'stopping', 'scope-changed'] as const) {
    const host = open();
    const phone = await dial(host, keys);
    for (const session of host.sessions) {
      session.hangUp(reason);
      session.hangUp(reason);
    }
    await settle();
    expect(phone.heard.slice(1)).toEqual([{ type: 'goodbye', reason }]);
    expect([phone.ends, host.sessions.size]).toEqual([['peer'], 0]);
    host.kill();
  }
});

test('a message that is not of the contract ends the session and nothing else', async () => {
  const { keys, open } = setUp();
  const host = open();
  const wrong = await dial(host, keys);
  await wrong.say({ type: 'call', id: -1, name: 'tasks.submit' } as ClientMessage);
  expect(wrong.ends).toEqual(['lost']);
  const next = await dial(host, keys);
  await next.say({ type: 'ping' });
  expect(next.heard.at(-1)).toEqual({ type: 'pong' });
  host.kill();
});

test('an answer that is too long for the channel is refused as such, and the session lives on', async () => {
  const { keys, open } = setUp();
  const host = open();
  const phone = await dial(host, keys);
  await phone.say({ type: 'call', id: 0, name: 'tasks.list', input: {} });
  await phone.say(call(1, 'after-that', 1));
  expect(phone.replies()).toMatchObject([{ ok: false, error: { code: 'too_large' } }, { ok: true }]);
  host.kill();
});

test('new keys are told in the session, and the device says when it has stored them', async () => {
  const { keys, open } = setUp();
  const host = open();
  const phone = await dial(host, keys);
  const rotate = { type: 'rotate', hostPublicKey: 'A'.repeat(43), devicePsk: 'B'.repeat(43) } as const;
  for (const session of host.sessions) session.say(rotate);
  await settle();
  expect(phone.heard.at(-1)).toEqual(rotate);
  await phone.say({ type: 'rotated' });
  expect([host.rotated(), phone.ends]).toEqual([1, []]);
  host.kill();
});

test('recorded ciphertext has no effect: not in its own session, not in another, not as a whole session', async () => {
  const { keys, open } = setUp();
  const host = open();
  const recorded: Record<Direction, Uint8Array[]> = { 'to-right': [], 'to-left': [] };
  const victim = createPipePair((frame, direction) => {
    recorded[direction].push(frame);
    return [frame];
  });
  const phone = await dial(host, keys, victim);
  await phone.say(call(0, 'recorded-one', 1));
  expect(host.effects().get('recorded-one')).toBe(1);
  const [sent, before] = [recorded['to-right'].at(-1), host.effects()];
  if (!sent) throw new Error('nothing was recorded');
  phone.pipes.right.inject(sent);
  await settle();
  expect(phone.ends).toEqual(['lost']);
  const other = await dial(host, keys);
  other.pipes.right.inject(sent);
  await settle();
  expect(other.ends).toEqual(['lost']);
  const ghost = createPipePair();
  host.accept(ghost.right);
  for (const frame of recorded['to-right']) ghost.right.inject(frame);
  await new Promise<void>((resolve) => ghost.left.onClose(() => resolve()));
  expect(ghost.left.endCode()).toBe(4400);
  expect(host.effects()).toEqual(before);
  expect(host.sessions.size).toBe(0);
  host.kill();
});

test('recorded commands have no second effect, on any connection and after a restart, and go on record', async () => {
  const { keys, open } = setUp();
  const first = open();
  const phone = await dial(first, keys);
  await phone.say(call(0, 'done-before', 1));
  first.kill();
  const host = open();
  const again = await dial(host, keys);
  await again.say(call(0, 'done-before', 1));
  await again.say(call(1, 'other-request', 1, 'command-id-done-before'));
  await again.say(call(2, 'done-before', 2));
  await again.say(call(3, 'number-reused', 1, 'command-id-another-one'));
  await again.say(call(4, 'far-ahead', COUNTER_WINDOW + 1));
  await again.say(call(5, 'long-ago', 1, 'command-id-long-ago-one'));
  await again.say({ type: 'call', id: 6, name: 'tasks.submit', input: submit('no-stamp') });
  expect(again.replies().map((reply) => (reply.ok ? 'ok' : reply.error.code))).toEqual([
    ...['ok', 'conflict', 'conflict', 'conflict', 'ok', 'conflict', 'invalid_input'],
  ]);
  expect([...host.effects()]).toEqual([
    ['done-before', 1],
    ['far-ahead', 1],
  ]);
  expect(host.auditor.entries.map(({ type, facts }) => `${type} ${String(facts?.['why'])}`)).toEqual([
    'command.replayed other-request',
    'command.replayed other-counter',
    'command.replayed used-counter',
    'command.replayed old-counter',
  ]);
  expect(host.alerts).toEqual(['replay-refused']);
  host.kill();
});

test('1,000 parallel submits of one command over two connections of one device have one effect', async () => {
  const { keys, open } = setUp();
  const host = open();
  const phones = [await dial(host, keys), await dial(host, keys)];
  for (let round = 0; round < 20; round += 1) {
    for (const phone of phones) {
      for (let i = 0; i < 25; i += 1) {
        phone.channel.send(utf8(JSON.stringify(call(round * 25 + i, 'pressed-often', 1))));
      }
    }
    await settle();
  }
  const replies = phones.flatMap((phone) => phone.replies());
  expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
  expect([...host.effects()]).toEqual([['pressed-often', 1]]);
  process.stdout.write(`double submits over two connections: ${replies.length} sent, 1 effect\n`);
  expect(replies).toHaveLength(1_000);
  host.kill();
});

test('a state folder that was put back is noticed by the phone, and nothing is sent to it before it was confirmed', async () => {
  const { folder, keys, open } = setUp();
  const copy = temporaryFolder('copy');
  const early = open();
  early.kill();
  const state = openDatabase(`${folder}/state.db`);
  state.run('VACUUM INTO ?', `${copy}/state.db`);
  state.close();
  for (let starts = 0; starts < 3; starts += 1) open().kill();
  const client = createReliableClient({
    ...{ random: labRandom, schedule, record: null, save: () => Promise.resolve() },
  });
  const attach = async (host: LabHost) => {
    const pipes = createPipePair();
    host.accept(pipes.right);
    client.attach(await dialLabHost(pipes.left, keys, schedule));
    await settle();
  };
  const now = open();
  await attach(now);
  expect(client.state()).toMatchObject({ kind: 'online', welcome: { epoch: 5 } });
  expect((await client.submit('tasks.submit', submit('before-the-copy')).result).ok).toBe(true);
  now.kill();
  await settle();
  const waiting = client.submit('tasks.submit', submit('after-the-copy')).result;
  const old = open(copy);
  await attach(old);
  expect(client.state()).toEqual({ kind: 'rolled-back', seenEpoch: 5, shownEpoch: 2 });
  expect(old.effects().size).toBe(0);
  await client.acceptRollback();
  await attach(old);
  expect((await waiting).ok).toBe(true);
  expect([...old.effects().keys()]).toEqual(['after-the-copy']);
  client.close();
  old.kill();
});

test('a client changes over to a new channel in full flow: each command once, no event missed or doubled', async () => {
  const { keys, open } = setUp();
  const host = open();
  const client = createReliableClient({
    ...{ random: labRandom, schedule, record: null, save: () => Promise.resolve() },
  });
  const attach = async () => {
    const pipes = createPipePair();
    host.accept(pipes.right);
    client.attach(await dialLabHost(pipes.left, keys, schedule));
  };
  const seqs: number[] = [];
  client.subscribe(null, (frame) => seqs.push(frame.cursor.seq));
  const states = new Set<string>();
  await attach();
  await settle();
  client.watch((state) => states.add(state.kind));
  const results: Promise<unknown>[] = [];
  for (let change = 0; change < 30; change += 1) {
    for (let i = 0; i < 5; i += 1) {
      results.push(client.submit('tasks.submit', submit(`flow-${String(change)}-${String(i)}`)).result);
    }
    await attach();
  }
  expect((await Promise.all(results)).every((reply) => (reply as { ok: boolean }).ok)).toBe(true);
  await settle();
  expect([...states]).toEqual(['online']);
  expect(seqs).toEqual(Array.from({ length: 151 }, (_, i) => i));
  expect([host.effects().size, Math.max(...host.effects().values())]).toEqual([150, 1]);
  expect(host.sessions.size).toBe(1);
  client.close();
  host.kill();
});
