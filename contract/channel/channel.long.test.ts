import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBase64Url, toHex, utf8 } from './bytes.ts';
import { initiate, respond, type RespondOptions } from './channel-handshake.ts';
import { generateDhKey, type DhKey } from './dh-key.ts';
import { createFakeSchedule, createPipePair, type PipePair, type Relay } from './fakes.ts';
import { createCipherState, type CipherState } from './cipher-state.ts';
import type { FramePipe } from './frame-pipe.ts';
import { createSecureChannel, type SecureChannel } from './secure-channel.ts';

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const hostKey = generateDhKey(random);
const phones = [generateDhKey(random), generateDhKey(random)];
const psk = random(32);

/** Starts both ends of a pairing on these pipes; each promise gives undefined if its side was refused. */
function pair(
  pipes: PipePair,
  deviceKey: DhKey,
  host: Pick<RespondOptions, 'hostKey' | 'lookup' | 'onVerified'>,
) {
  const time = createFakeSchedule();
  const responding = respond({ pipe: pipes.right, random, schedule: time.schedule, ...host });
  const initiating = initiate({
    pipe: pipes.left,
    random,
    schedule: time.schedule,
    deviceKey,
    hostPublicKey: hostKey.publicKey,
    mode: 'pair',
    pairId: new Uint8Array(8).fill(7),
    psk,
    payload: {
      deviceName: 'Phone',
      platform: 'ios',
      app: 'signalbox 0.1.0',
      approvalKey: toBase64Url(Uint8Array.from([4, ...random(64)])),
    },
  });
  const finish = async <T>(promise: Promise<T>): Promise<T | undefined> => {
    let result: { readonly value: T | undefined } | undefined;
    promise.then(
      (value) => (result = { value }),
      () => (result = { value: undefined }),
    );
    for (let turn = 0; result === undefined; turn++) {
      await settle();
      if (turn > 20) time.advance(turn > 40 ? 5000 : 10);
      if (turn > 100) throw new Error('the handshake hangs');
    }
    return result.value;
  };
  return { host: finish(responding.then(({ channel }) => channel)), phone: finish(initiating) };
}

test('two phones race for one invitation in 2,000 interleavings: exactly one wins, always', async () => {
  const slow = (key: DhKey, ticks: () => number): DhKey => ({
    publicKey: key.publicKey,
    dh: async (remote) => {
      for (let left = ticks(); left > 0; left--) await Promise.resolve();
      return key.dh(remote);
    },
  });
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(12), { minLength: 1, maxLength: 12 }), async (delays) => {
      let next = 0;
      const ticks = (): number => delays[next++ % delays.length] ?? 0;
      let winner: Uint8Array | undefined;
      const races = phones.map((key) =>
        pair(createPipePair(), slow(key, ticks), {
          hostKey: slow(hostKey, ticks),
          lookup: async () => {
            for (let left = ticks(); left > 0; left--) await Promise.resolve();
            return psk;
          },
          onVerified: ({ remoteStatic }) => {
            if (winner !== undefined) throw new Error('consumed');
            winner = remoteStatic;
          },
        }),
      );
      const channels = await Promise.all(races.map(({ host }) => host));
      expect(channels.filter((channel) => channel !== undefined)).toHaveLength(1);
    }),
    { numRuns: 2000 },
  );
});

/** A relay that damages one frame in `rate`, in any of the ways a relay can. */
function hostileRelay(rate: number, count: { damaged: number }): Relay {
  const history: Uint8Array[] = [];
  let held: Uint8Array | undefined;
  return (frame) => {
    const [dice = 0, kind = 0, low = 0, high = 0] = randomBytes(4);
    history.push(frame);
    const release = held === undefined ? [] : [held];
    held = undefined;
    if (dice % rate !== 0) return [frame, ...release];
    count.damaged += 1;
    const bit = (low * 256 + high) % (frame.length * 8);
    const altered = frame.slice();
    altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    switch (kind % 6) {
      case 0:
        return [altered];
      case 1:
        return [frame.subarray(0, bit % frame.length)];
      case 2:
        return [frame, frame];
      case 3:
        return [history[low % history.length] ?? frame, frame];
      case 4:
        return [new Uint8Array(randomBytes(frame.length))];
      default:
        held = frame;
        return [];
    }
  };
}

test('2,000 sessions through a hostile relay, from the first byte on: no damaged frame is accepted', async () => {
  const count = { damaged: 0 };
  for (let sessions = 0; sessions < 2000; sessions++) {
    const pipes = createPipePair(hostileRelay(8, count));
    const ends = pair(pipes, phones[0] ?? hostKey, {
      hostKey,
      lookup: () => psk,
      onVerified: () => undefined,
    });
    const [host, phone] = await Promise.all([ends.host, ends.phone]);
    if (host !== undefined && phone !== undefined) await chatter(host, phone);
  }
  console.info(`hostile relay, whole sessions: ${String(count.damaged)} frames damaged`);
});

test('100,000 transport frames damaged by a hostile relay: not one is accepted', async () => {
  const count = { damaged: 0 };
  const keyed = (key: Uint8Array): CipherState => {
    const state = createCipherState();
    state.initializeKey(key);
    return state;
  };
  const handshakeHash = new Uint8Array(32);
  while (count.damaged < 100_000) {
    const pipes = createPipePair(hostileRelay(3, count));
    const [forth, back] = [random(32), random(32)];
    const end = (pipe: FramePipe, send: Uint8Array, receive: Uint8Array): SecureChannel =>
      createSecureChannel({ pipe, send: keyed(send), receive: keyed(receive), handshakeHash, early: [] });
    await chatter(end(pipes.right, back, forth), end(pipes.left, forth, back));
  }
  console.info(`hostile relay, transport: ${String(count.damaged)} frames damaged`);
});

/** Both sides talk until the channel dies; what arrives must be a prefix of what was sent. */
async function chatter(host: SecureChannel, phone: SecureChannel): Promise<void> {
  const received: string[] = [];
  let ended = 0;
  host.onMessage((message) => received.push(toHex(message)));
  for (const channel of [host, phone]) channel.onClose(() => (ended += 1));
  const sent: string[] = [];
  for (let turn = 0; ended === 0 && turn < 200; turn++) {
    const message = utf8(`message ${String(turn)}`);
    sent.push(toHex(message));
    phone.send(message);
    await settle();
  }
  expect(received).toEqual(sent.slice(0, received.length));
  phone.close();
  host.close();
}
