import { expect, test } from 'vitest';
import type { ClientMessage, HostMessage } from '../../contract/wire.ts';
import type { LinkState } from './link.ts';
import { createSocketLink, type SocketEvents } from './socket-link.ts';

function scripted(probe: 'not-admitted' | 'other' = 'other') {
  const sockets: { events: SocketEvents; sent: ClientMessage[]; say(message: HostMessage): void }[] = [];
  const timers: { run: () => void; ms: number }[] = [];
  const states: LinkState[] = [];
  const link = createSocketLink({
    openSocket(events) {
      const sent: ClientMessage[] = [];
      sockets.push({ events, sent, say: (message) => events.text(JSON.stringify(message)) });
      return {
        send: (text) => void sent.push(JSON.parse(text) as ClientMessage),
        close: () => events.closed(1000),
      };
    },
    probe: async () => probe,
    setTimer(run, ms) {
      timers.push({ run, ms });
      return () => {};
    },
    random: () => 1,
    newCommandId: () => 'AAAAAAAAAAAAAAAAAAAAAA',
  });
  link.watch((state) => states.push(state));
  return { link, sockets, timers, kinds: () => states.map((state) => state.kind) };
}

test('a call goes out with its command id and its answer comes back', async () => {
  const { link, sockets } = scripted();
  sockets[0]!.events.opened();
  const reply = link.client.call('host.doctor', {});
  await expect.poll(() => sockets[0]!.sent.length).toBe(1);
  expect(sockets[0]!.sent[0]).toMatchObject({
    type: 'call',
    name: 'host.doctor',
    commandId: 'AAAAAAAAAAAAAAAAAAAAAA',
  });
  sockets[0]!.say({ type: 'reply', id: 0, reply: { ok: true, value: { checks: [] } } });
  expect(await reply).toEqual({ ok: true, value: { checks: [] } });
});

test('a lost connection answers what waits, says so, and comes back', async () => {
  const { link, sockets, timers, kinds } = scripted();
  sockets[0]!.events.opened();
  const reply = link.client.call('host.pause', {});
  await expect.poll(() => sockets[0]!.sent.length).toBe(1);
  sockets[0]!.events.closed(1006);
  expect(await reply).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  await expect.poll(() => timers.length).toBe(1);
  expect(timers[0]!.ms).toBe(500);
  timers[0]!.run();
  sockets[1]!.events.opened();
  expect(kinds()).toEqual(['connecting', 'offline', 'online'].toSpliced(1, 0, 'online'));
});

test('waits grow while the host stays away', async () => {
  const { sockets, timers } = scripted();
  for (let i = 0; i < 3; i++) {
    sockets[i]!.events.closed(1006);
    await expect.poll(() => timers.length).toBe(i + 1);
    timers[i]!.run();
  }
  expect(timers.map((timer) => timer.ms)).toEqual([500, 1000, 2000]);
});

test('a browser that is not admitted stops trying until it is told to', async () => {
  const { link, sockets, timers, kinds } = scripted('not-admitted');
  sockets[0]!.events.closed(1006);
  await expect.poll(() => kinds().at(-1)).toBe('not-admitted');
  expect(timers).toHaveLength(0);
  link.retry();
  expect(sockets).toHaveLength(2);
});

test('close code 4401 in the middle of a session means the same', async () => {
  const { sockets, kinds } = scripted();
  sockets[0]!.events.opened();
  sockets[0]!.events.closed(4401);
  await expect.poll(() => kinds().at(-1)).toBe('not-admitted');
});

test('without a connection a call is answered and a stream ends, nothing throws', async () => {
  const { link } = scripted();
  const ends: string[] = [];
  expect(await link.client.call('host.doctor', {})).toMatchObject({
    ok: false,
    error: { code: 'unavailable' },
  });
  link.client.subscribe(null, () => {})();
  link.client.follow(
    { kind: 'log', name: 'web', stream: 'stdout' },
    0,
    () => {},
    (reason) => ends.push(reason),
  )();
  expect(ends).toHaveLength(1);
});

test('a peer that does not speak the protocol is hung up on', async () => {
  const { sockets, kinds } = scripted();
  sockets[0]!.events.opened();
  sockets[0]!.events.text('<html>');
  await expect.poll(() => kinds().at(-1)).toBe('offline');
});
