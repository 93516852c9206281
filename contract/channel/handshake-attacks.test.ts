import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat } from './bytes.ts';
import { initiate, respond } from './channel-handshake.ts';
import { generateDhKey, type DhKey } from './dh-key.ts';
import { createPipePair, type Relay } from './fakes.ts';
import {
  random,
  settle,
  hostKey,
  deviceKey,
  pairPsk,
  createHost,
  pairing,
  outcome,
  ok,
} from '../../main/testing/channel/handshake-bench.ts';

test('no bit of the handshake can be altered on the way', async () => {
  const place = fc.record({ frame: fc.nat(3), bit: fc.nat(50_000) });
  await fc.assert(
    fc.asyncProperty(place, async ({ frame: target, bit }) => {
      // frames in order: hello, message 1, message 2 (from the host), message 3
      const pipes = createPipePair((frame, direction, index) => {
        const position = direction === 'to-left' ? 2 : [0, 1, 3][index];
        if (position !== target) return [frame];
        const at = bit % (frame.length * 8);
        const altered = frame.slice();
        altered[at >> 3] = (altered[at >> 3] ?? 0) ^ (1 << (at & 7));
        return [altered];
      });
      const host = createHost(pipes);
      const [answer, phone] = await Promise.all([
        outcome(respond(host.options), host.time),
        outcome(initiate(pairing(pipes))),
      ]);
      expect(answer.ok).toBe(false);
      expect(host.openings).toEqual([]);
      expect(phone.ok).toBe(target === 3); // the phone has spoken last and learns it from the closed pipe
    }),
    { numRuns: 120 },
  );
}, 60_000);

const disorders: readonly (readonly [string, Relay])[] = [
  ['doubled', (frame) => [frame, frame]],
  ['doubled from the second on', (frame, _, index) => (index === 0 ? [frame] : [frame, frame])],
  ['dropped once', (frame, direction, index) => (direction === 'to-right' && index === 1 ? [] : [frame])],
  ['cut short', (frame) => [frame.slice(0, -1)]],
  ['followed by a byte', (frame) => [concat(frame, Uint8Array.of(0))]],
];

for (const [name, relay] of disorders) {
  test(`handshake frames that are ${name} never lead to a verified device`, async () => {
    const pipes = createPipePair(relay);
    const host = createHost(pipes);
    const responding = respond(host.options);
    const phone = outcome(initiate(pairing(pipes)), host.time).catch(() => undefined);
    await settle();
    host.time.advance(5000);
    expect((await outcome(responding, host.time)).ok).toBe(false);
    await phone;
    expect(host.openings).toEqual([]);
  });
}

test("a host's own frames sent back to it are refused", async () => {
  const pipes = createPipePair();
  const host = createHost(pipes);
  const responding = outcome(respond(host.options), host.time);
  const phone = initiate(pairing(pipes));
  phone.catch(() => undefined);
  await settle();
  const mirror = createPipePair();
  const other = createHost(mirror);
  const reflecting = outcome(respond(other.options), other.time);
  for (const frame of [pipes.left.sent[0], pipes.left.sent[1], pipes.right.sent[0]]) {
    mirror.right.inject(frame ?? new Uint8Array(0));
  }
  expect((await reflecting).ok).toBe(false);
  expect(other.openings).toEqual([]);
  expect((await responding).ok).toBe(true);
});

test('a recorded handshake is worthless the second time', async () => {
  const pipes = createPipePair();
  const host = createHost(pipes);
  const responding = outcome(respond(host.options), host.time);
  ok(await outcome(initiate(pairing(pipes))));
  ok(await responding);
  const replay = createPipePair();
  const later = createHost(replay);
  const replaying = outcome(respond(later.options), later.time);
  for (const frame of pipes.left.sent) replay.left.send(frame);
  expect((await replaying).ok).toBe(false);
  expect(later.openings).toEqual([]);
});

test('two phones race for one invitation, however they interleave: exactly one wins', async () => {
  const slow = (key: DhKey, ticks: () => number): DhKey => ({
    publicKey: key.publicKey,
    dh: async (remote) => {
      for (let left = ticks(); left > 0; left--) await Promise.resolve();
      return key.dh(remote);
    },
  });
  const phones = [deviceKey, generateDhKey(random)];
  let both = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(12), { minLength: 1, maxLength: 12 }), async (delays) => {
      let next = 0;
      const ticks = (): number => delays[next++ % delays.length] ?? 0;
      const invitation: { boundKey?: Uint8Array } = {};
      let looked = 0;
      const attempts = phones.map((key) => {
        const pipes = createPipePair();
        const host = createHost(pipes, {
          hostKey: slow(hostKey, ticks),
          lookup: async () => {
            if (invitation.boundKey === undefined) looked += 1;
            for (let left = ticks(); left > 0; left--) await Promise.resolve();
            return pairPsk;
          },
          onVerified: ({ remoteStatic }) => {
            if (invitation.boundKey !== undefined) throw new Error('consumed');
            invitation.boundKey = remoteStatic;
          },
        });
        const responding = outcome(respond(host.options), host.time);
        void outcome(initiate({ ...pairing(pipes), deviceKey: slow(key, ticks) }));
        return responding;
      });
      const results = await Promise.all(attempts);
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      if (looked === 2) both += 1;
    }),
    { numRuns: 200 },
  );
  // the race is real: in many runs both had looked the invitation up before either was verified
  expect(both).toBeGreaterThan(10);
}, 120_000);
