import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { emptyHostState } from './apply-event.ts';
import { fromUtf8, utf8 } from './channel/bytes.ts';
import { createFakeSchedule } from './channel/fakes.ts';
import type { Carrier } from './live-connection.ts';
import { createReliableClient, type ReliableClientDeps } from './reliable-client.ts';
import { emptyReliableRecord, ReliableRecord } from './reliable-record.ts';
import type { StreamFrame } from './stream.ts';
import type { ClientMessage, HostMessage, Welcome } from './wire.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const welcome: Welcome = {
  ...{ type: 'welcome', hostId: 'h', hostName: 'Studio', epoch: 5, counter: 0, minVersion: 1 },
};
const snapshot = (seq: number, epoch = 'e'): HostMessage => ({
  type: 'frame',
  frame: { kind: 'snapshot', cursor: { epoch, seq }, state: emptyHostState },
});
const grown = (seq: number, epoch = 'e'): HostMessage => ({
  type: 'frame',
  frame: {
    ...{ kind: 'event', cursor: { epoch, seq } },
    event: { type: 'audit.grown', audit: { ...emptyHostState.audit, records: seq } },
  },
});
const rename = (key: string) => ({ deviceId: 'd1', name: key });

/** The other end of one channel, in the hands of the test. */
function fakeChannel() {
  const said: ClientMessage[] = [];
  let onMessage: (bytes: Uint8Array) => void = () => {};
  let onClose: () => void = () => {};
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    onClose();
  };
  const carrier: Carrier = {
    send: (bytes) => {
      if (!open) throw new Error('closed');
      said.push(JSON.parse(fromUtf8(bytes)) as ClientMessage);
    },
    onMessage: (handler) => void (onMessage = (bytes) => handler(bytes, 0)),
    onClose: (handler) => void (onClose = () => handler({ reason: 'lost' })),
    close,
  };
  const calls = () => said.flatMap((message) => (message.type === 'call' ? [message] : []));
  return {
    ...{ carrier, said, calls, close },
    isOpen: () => open,
    say: (message: HostMessage) => onMessage(utf8(JSON.stringify(message))),
    answer(at = 0, value: unknown = {}) {
      const call = calls()[at];
      if (!call) throw new Error('there is no such call');
      onMessage(utf8(JSON.stringify({ type: 'reply', id: call.id, reply: { ok: true, value } })));
    },
  };
}

function setUp(options: Partial<ReliableClientDeps> = {}) {
  const time = createFakeSchedule();
  const disk: { record: ReliableRecord | null; writes: number; broken: boolean } = {
    ...{ record: options.record ?? null, writes: 0, broken: false },
  };
  const client = createReliableClient({
    random: (count) => new Uint8Array(randomBytes(count)),
    schedule: time.schedule,
    save: (record) => {
      if (disk.broken) return Promise.reject(new Error('full'));
      disk.writes += 1;
      disk.record = ReliableRecord.parse(JSON.parse(JSON.stringify(record)));
      return Promise.resolve();
    },
    record: null,
    ...options,
  });
  const connect = async (greeting: Welcome = welcome) => {
    const channel = fakeChannel();
    client.attach(channel.carrier);
    channel.say(greeting);
    await settle();
    return channel;
  };
  const submit = (key: string) => {
    const steps: string[] = [];
    const { commandId, result } = client.submit('identity.renameDevice', rename(key), (step) =>
      steps.push(step),
    );
    return { steps, commandId, result };
  };
  return { time, disk, client, connect, submit };
}

test('a command waits without a connection, is numbered and stored before it is sent, and is answered once', async () => {
  const { connect, submit, disk, client } = setUp();
  const { steps, result } = submit('a');
  await settle();
  expect(steps).toEqual(['queued']);
  expect(disk.record).toMatchObject({ counter: 0, outbox: [{ counter: null }] });
  const channel = await connect();
  expect(steps).toEqual(['queued', 'sent']);
  expect(channel.calls()).toMatchObject([{ name: 'identity.renameDevice', counter: 1 }]);
  expect(disk.record).toMatchObject({ counter: 1, epoch: 5, outbox: [{ counter: 1 }] });
  channel.answer(0, { ok: 1 });
  expect(await result).toEqual({ ok: true, value: { ok: 1 } });
  await settle();
  expect(steps).toEqual(['queued', 'sent', 'answered']);
  expect(disk.record).toMatchObject({ counter: 1, answered: 1, outbox: [] });
  expect(client.outbox()).toEqual([]);
});

test('what was sent and not answered is sent again with the same id and number, on each connection once', async () => {
  const { connect, submit } = setUp();
  const first = await connect();
  const { steps, result } = submit('a');
  await settle();
  first.close();
  const second = await connect();
  expect(second.calls()).toHaveLength(1);
  expect(second.calls()[0]).toMatchObject({
    commandId: first.calls()[0]?.commandId,
    counter: first.calls()[0]?.counter,
  });
  second.answer();
  await result;
  expect(steps).toEqual(['queued', 'sent', 'answered']);
});

test('an app that was killed sends its outbox after the next start, with the same id and number', async () => {
  const before = setUp();
  const first = await before.connect();
  before.submit('a');
  await settle();
  const settled: string[] = [];
  const after = setUp({
    record: before.disk.record,
    settled: ({ commandId }, result) => settled.push(`${commandId} ${String(result.ok)}`),
  });
  expect(after.client.outbox()).toMatchObject([{ state: 'sent', input: rename('a') }]);
  const second = await after.connect({ ...welcome, counter: 1 });
  const [call] = first.calls();
  expect(second.calls()[0]).toMatchObject({ commandId: call?.commandId, counter: 1 });
  second.answer();
  await settle();
  expect(settled).toEqual([`${String(call?.commandId)} true`]);
});

test('numbers never fall below what the host has seen, also on a phone that was put back', async () => {
  const { connect, submit } = setUp();
  const channel = await connect({ ...welcome, counter: 900 });
  submit('a');
  await settle();
  expect(channel.calls()[0]?.counter).toBe(901);
});

test('what cannot be stored is not sent, and the asker is told', async () => {
  const { connect, submit, disk, client } = setUp();
  const channel = await connect();
  disk.broken = true;
  expect(await submit('a').result).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  expect(channel.calls()).toEqual([]);
  expect(client.outbox()).toEqual([]);
});

test('the outbox has an end, and says so', async () => {
  const { submit, client } = setUp();
  for (let i = 0; i < 64; i += 1) submit(`k${i}`);
  const { commandId, result } = submit('one too many');
  expect(commandId).toBeNull();
  expect(await result).toMatchObject({ ok: false, error: { code: 'too_many', data: { limit: 64 } } });
  expect(client.outbox()).toHaveLength(64);
});

test('no more than 32 calls are on their way at once, oldest first; an answer makes room', async () => {
  const { connect, submit } = setUp();
  for (let i = 0; i < 40; i += 1) submit(`k${i}`);
  const channel = await connect();
  expect(channel.calls().map((call) => call.counter)).toEqual(Array.from({ length: 32 }, (_, i) => i + 1));
  channel.answer(0);
  await settle();
  expect(channel.calls()).toHaveLength(33);
});

test('the new connection takes over at its welcome, then the old one is closed, and nothing is done twice', async () => {
  const { client, connect, submit } = setUp();
  const frames: number[] = [];
  client.subscribe(null, (frame: StreamFrame) => frames.push(frame.cursor.seq));
  const first = await connect();
  first.say(snapshot(1));
  const { result } = submit('a');
  await settle();
  const second = fakeChannel();
  client.attach(second.carrier);
  await settle();
  expect(first.isOpen()).toBe(true);
  first.say(grown(2));
  second.say(welcome);
  await settle();
  expect(first.isOpen()).toBe(false);
  expect(second.said.find((message) => message.type === 'subscribe')).toMatchObject({
    from: { epoch: 'e', seq: 2 },
  });
  second.say(grown(2));
  second.say(grown(3));
  second.answer();
  expect(await result).toMatchObject({ ok: true });
  expect(frames).toEqual([1, 2, 3]);
  expect(client.mirror().state.audit.records).toBe(3);
});

test('a gap in the stream, which no honest host leaves, ends in a snapshot', async () => {
  const { client, connect } = setUp();
  const kinds: string[] = [];
  client.subscribe(null, (frame) => kinds.push(frame.kind));
  const channel = await connect();
  channel.say(snapshot(1));
  channel.say(grown(3));
  expect(channel.said.at(-1)).toEqual({ type: 'subscribe', from: null });
  channel.say(snapshot(4));
  expect(kinds).toEqual(['snapshot', 'snapshot']);
});

test('who listens later begins with what is known now', async () => {
  const { client, connect } = setUp();
  client.subscribe(null, () => {});
  const channel = await connect();
  channel.say(snapshot(1));
  channel.say(grown(2));
  const seen: StreamFrame[] = [];
  client.subscribe(null, (frame) => seen.push(frame));
  const fresh: StreamFrame[] = [];
  client.subscribe({ epoch: 'e', seq: 2 }, (frame) => fresh.push(frame));
  channel.say(grown(3));
  expect(seen.map((frame) => [frame.kind, frame.cursor.seq])).toEqual([
    ['snapshot', 2],
    ['event', 3],
  ]);
  expect(fresh.map((frame) => frame.cursor.seq)).toEqual([3]);
});

test('a byte stream is opened again where it stopped, and its end is told once', async () => {
  const { client, connect } = setUp();
  const got: string[] = [];
  const source = { kind: 'timeline', sessionId: 's1' } as never;
  client.follow(
    source,
    0,
    ({ text }) => got.push(text),
    (reason) => got.push(`end: ${reason}`),
  );
  const open = (channel: ReturnType<typeof fakeChannel>) =>
    channel.said.flatMap((message) => (message.type === 'open' ? [message] : []))[0];
  const first = await connect();
  first.say({ type: 'chunk', id: open(first)?.id ?? -1, offset: 0, nextOffset: 5, text: 'hello' });
  first.close();
  const second = await connect();
  expect(open(second)).toMatchObject({ offset: 5 });
  second.say({ type: 'chunk', id: open(second)?.id ?? -1, offset: 5, nextOffset: 6, text: '!' });
  second.say({ type: 'ended', id: open(second)?.id ?? -1, reason: 'gone' });
  second.close();
  expect(got).toEqual(['hello', '!', 'end: gone']);
});

test('a question is asked again on the next connection, and is not kept waiting for ever without one', async () => {
  const { client, connect, time } = setUp();
  const first = await connect();
  const asked = client.call('tasks.list', {});
  await settle();
  expect(first.calls()[0]).not.toHaveProperty('counter');
  first.close();
  const second = await connect();
  second.answer(0, { tasks: [] });
  expect(await asked).toEqual({ ok: true, value: { tasks: [] } });
  second.close();
  const inVain = client.call('tasks.list', {});
  time.advance(10_000);
  expect(await inVain).toMatchObject({ error: { code: 'unavailable' } });
});

test('a host with a smaller epoch is not spoken to until the owner agrees; what it may have done is unknown then', async () => {
  const { client, connect, submit, disk } = setUp();
  const first = await connect();
  const sent = submit('sent');
  await settle();
  first.close();
  const waiting = submit('waiting');
  const back = await connect({ ...welcome, epoch: 4 });
  expect(client.state()).toEqual({ kind: 'rolled-back', seenEpoch: 5, shownEpoch: 4 });
  expect([back.isOpen(), back.calls().length]).toEqual([false, 0]);
  expect(disk.record?.epoch).toBe(5);
  await client.acceptRollback();
  expect(await sent.result).toMatchObject({ error: { code: 'unavailable', data: { unknown: true } } });
  expect(sent.steps.at(-1)).toBe('unknown');
  const again = await connect({ ...welcome, epoch: 4 });
  expect(client.state().kind).toBe('online');
  expect(again.calls()).toMatchObject([{ input: rename('waiting'), counter: 2 }]);
  again.answer();
  expect(await waiting.result).toMatchObject({ ok: true });
});

test('a host that forgot a command which it had confirmed was put back, whatever epoch it shows', async () => {
  const { client, connect } = setUp({
    record: { ...emptyReliableRecord, epoch: 5, counter: 9, answered: 9 },
  });
  await connect({ ...welcome, epoch: 6, counter: 8 });
  expect(client.state()).toMatchObject({ kind: 'rolled-back' });
});

test('versions only rise: less than before is refused, more than we speak too', async () => {
  const seen = { ...emptyReliableRecord, version: 2, minVersion: 2 };
  for (const [version, minVersion, kind] of [
    [2, 1, 'downgraded'],
    [1, 1, 'downgraded'],
    [2, 3, 'outdated'],
    [2, 2, 'online'],
  ] as const) {
    const { client, connect } = setUp({ record: seen, version });
    await connect({ ...welcome, minVersion });
    expect(client.state().kind).toBe(kind);
  }
});

test('a removed device is told so, gives everything up, stores nothing more and connects no more', async () => {
  const { client, connect, submit, disk } = setUp();
  const channel = await connect();
  const { result } = submit('a');
  await settle();
  const { writes } = disk;
  channel.say({ type: 'goodbye', reason: 'revoked' });
  expect(await result).toMatchObject({ error: { data: { unknown: true } } });
  expect(client.state()).toEqual({ kind: 'revoked' });
  await settle();
  expect(disk.writes).toBe(writes);
  const late = fakeChannel();
  client.attach(late.carrier);
  expect(late.isOpen()).toBe(false);
});

test('the reason of a goodbye outlives the connection', async () => {
  const { client, connect } = setUp();
  const channel = await connect();
  channel.say({ type: 'goodbye', reason: 'stopping' });
  channel.close();
  expect(client.state()).toEqual({ kind: 'offline', reason: 'stopping' });
});

test('a host that falls silent is asked, then left; one that answers is kept', async () => {
  const { client, connect, submit, time } = setUp();
  const channel = await connect();
  submit('a');
  await settle();
  time.advance(1_500);
  expect(channel.said.at(-1)).toEqual({ type: 'ping' });
  channel.say({ type: 'pong' });
  time.advance(1_500);
  expect(channel.said.filter((message) => message.type === 'ping')).toHaveLength(2);
  time.advance(3_000);
  expect(channel.isOpen()).toBe(false);
  expect(client.state().kind).toBe('offline');
});

test('nothing but a welcome may come first, and it must come in time', async () => {
  const { client, time } = setUp();
  const wrong = fakeChannel();
  client.attach(wrong.carrier);
  expect(() => wrong.say(snapshot(1))).toThrow('welcome');
  const slow = fakeChannel();
  client.attach(slow.carrier);
  time.advance(5_000);
  expect(slow.isOpen()).toBe(false);
  const renewed = fakeChannel();
  client.attach(renewed.carrier);
  renewed.say({ type: 'renewal', state: 'waiting', expiresInMs: 60_000 });
  expect(client.state()).toEqual({ kind: 'renewal', expiresInMs: 60_000 });
  time.advance(50_000);
  renewed.say(welcome);
  await settle();
  expect(client.state().kind).toBe('online');
});

test('new keys are stored before the host is told that they are', async () => {
  let stored = () => {};
  const { connect } = setUp({ rotate: () => new Promise<void>((resolve) => (stored = resolve)) });
  const channel = await connect();
  const key = 'A'.repeat(43);
  channel.say({ type: 'rotate', hostPublicKey: key, devicePsk: key });
  await settle();
  expect(channel.said).toEqual([]);
  stored();
  await settle();
  expect(channel.said).toEqual([{ type: 'rotated' }]);
});

test('closing answers everybody and leaves the outbox on the disk', async () => {
  const { client, submit, disk } = setUp();
  const { result } = submit('a');
  await settle();
  client.close();
  expect(await result).toMatchObject({ error: { code: 'unavailable' } });
  expect(disk.record?.outbox).toHaveLength(1);
  expect(await client.call('tasks.list', {})).toMatchObject({ error: { code: 'unavailable' } });
});
