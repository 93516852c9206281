import { expect, test } from 'vitest';
import { emptyHostState } from './apply-event.ts';
import { emptyReliableRecord } from './reliable-record.ts';
import type { StreamFrame } from './stream.ts';
import type { HostMessage } from './wire.ts';
import { settle, welcome, rename, fakeChannel, setUp } from '../main/testing/channel/reliable-bench.ts';

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
