import { expect, test } from 'vitest';
import { settle, welcome, rename, setUp } from '../main/testing/channel/reliable-bench.ts';

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

test('closing answers everybody and leaves the outbox on the disk', async () => {
  const { client, submit, disk } = setUp();
  const { result } = submit('a');
  await settle();
  client.close();
  expect(await result).toMatchObject({ error: { code: 'unavailable' } });
  expect(disk.record?.outbox).toHaveLength(1);
  expect(await client.call('tasks.list', {})).toMatchObject({ error: { code: 'unavailable' } });
});
