import { hkdfSync, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, equal, toHex, utf8 } from './bytes.ts';
import { createCipherState, type CipherState } from './cipher-state.ts';
import { createPipePair, type PipePair, type Relay } from './fakes.ts';
import { encodeFrame, FRAME_SIZES, MAX_BODY } from './frame-codec.ts';
import { MAX_MESSAGE } from './reassembly.ts';
import { createRekeyingCipher, REKEY_BYTES, REKEY_FRAMES } from './rekeying-cipher.ts';
import { createSecureChannel, sasCode, type ChannelEnd, type SecureChannel } from './secure-channel.ts';

const NONE = new Uint8Array(0);
const bytes = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
const text = (value: string): Uint8Array => utf8(value);

function keyed(key: Uint8Array): CipherState {
  const state = createCipherState();
  state.initializeKey(key);
  return state;
}

/** What one side of a test has seen. */
interface End {
  readonly channel: SecureChannel;
  readonly messages: Uint8Array[];
  readonly streams: number[];
  readonly ends: ChannelEnd[];
}

interface Link {
  readonly pipes: PipePair;
  readonly left: End;
  readonly right: End;
  /** Keys for a hand that forges frames: from left to right, and back. */
  readonly keys: readonly [Uint8Array, Uint8Array];
}

function connect(relay?: Relay): Link {
  const pipes = createPipePair(relay);
  const keys = [bytes(32), bytes(32)] as const;
  const handshakeHash = Uint8Array.from(bytes(32));
  const end = (pipe: PipePair['left'], send: Uint8Array, receive: Uint8Array): End => {
    const channel = createSecureChannel({
      pipe,
      send: keyed(send),
      receive: keyed(receive),
      handshakeHash,
      early: [],
    });
    const seen: End = { channel, messages: [], streams: [], ends: [] };
    channel.onMessage((message, stream) => {
      seen.messages.push(message);
      seen.streams.push(stream);
    });
    channel.onClose((how) => seen.ends.push(how));
    return seen;
  };
  return { pipes, keys, left: end(pipes.left, keys[0], keys[1]), right: end(pipes.right, keys[1], keys[0]) };
}

/** Lets everything that is already under way arrive. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const reasons = (end: End): string[] => end.ends.map(({ reason }) => reason);

test('messages of any length arrive unchanged and in order, on frames of five sizes only', async () => {
  const edges = FRAME_SIZES.flatMap((size) => [size - 22, size - 21, size - 20]);
  const lengths = [0, 1, ...edges, 2 * MAX_BODY, 2 * MAX_BODY + 1, 200_000];
  const { left, right, pipes } = connect();
  const sent = lengths.map(bytes);
  for (const message of sent) left.channel.send(message);
  await settle();
  expect(right.messages.map(toHex)).toEqual(sent.map(toHex));
  const sizes = new Set(pipes.left.sent.map(({ length }) => length));
  expect([...sizes].sort((a, b) => a - b)).toEqual(FRAME_SIZES);
});

test('the size on the wire is the smallest bucket that fits, whatever the content', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 70_000 }), fc.nat(255), (length, fill) => {
      const { left, pipes } = connect();
      left.channel.send(new Uint8Array(length).fill(fill));
      const wire = pipes.left.sent.map((frame) => frame.length);
      expect(wire.every((size) => FRAME_SIZES.includes(size))).toBe(true);
      const last = length <= MAX_BODY ? length : length - MAX_BODY;
      expect(wire.at(-1)).toBe(FRAME_SIZES.find((size) => last + 21 <= size));
      expect(wire).toHaveLength(length <= MAX_BODY ? 1 : 2);
    }),
    { numRuns: 60 },
  );
});

test('a message of 1 MiB makes the round trip, and 8 MiB is the limit', async () => {
  const { left, right } = connect();
  const big = bytes(1024 * 1024);
  right.channel.onMessage((message, stream) => {
    right.channel.send(message, stream);
  });
  left.channel.send(big, 3);
  await settle();
  expect(equal(left.messages[0] ?? NONE, big)).toBe(true);
  expect(left.streams).toEqual([3]);
  left.channel.send(new Uint8Array(MAX_MESSAGE));
  expect(() => {
    left.channel.send(new Uint8Array(MAX_MESSAGE + 1));
  }).toThrow(expect.objectContaining({ code: 'misuse' }));
  for (const stream of [-1, 4, 0.5, Number.NaN]) {
    expect(() => {
      left.channel.send(NONE, stream);
    }).toThrow(expect.objectContaining({ code: 'misuse' }));
  }
  await settle();
  expect(left.messages[1]).toHaveLength(MAX_MESSAGE);
  expect(left.ends).toEqual([]);
});

const flipBit = (frame: Uint8Array, bit: number): Uint8Array => {
  const flipped = frame.slice();
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
};

const attacks: readonly (readonly [string, Relay])[] = [
  ['replayed', (frame, _, index) => (index === 1 ? [frame, frame] : [frame])],
  ['dropped', (frame, _, index) => (index === 1 ? [] : [frame])],
  ['cut short', (frame, _, index) => (index === 1 ? [frame.slice(0, -1)] : [frame])],
  ['cut to a smaller size', (frame, _, index) => (index === 1 ? [frame.slice(0, 256)] : [frame])],
  ['lengthened', (frame, _, index) => (index === 1 ? [concat(frame, Uint8Array.of(0))] : [frame])],
  ['empty', (frame, _, index) => (index === 1 ? [NONE] : [frame])],
  ['preceded by noise', (frame, _, index) => (index === 1 ? [bytes(256), frame] : [frame])],
];

for (const [name, relay] of attacks) {
  test(`a frame that is ${name} ends the channel, and nothing after it is delivered`, async () => {
    const { left, right, pipes } = connect(relay);
    const sent = [text('one'), bytes(500), text('three')];
    for (const message of sent) left.channel.send(message);
    await settle();
    const accepted = name === 'replayed' ? 2 : 1;
    expect(right.messages.map(toHex)).toEqual(sent.slice(0, accepted).map(toHex));
    expect(reasons(right)).toEqual(['violation']);
    expect(pipes.right.endCode()).toBe(4400);
    expect(reasons(left)).toEqual(['lost']);
    expect(() => {
      right.channel.send(NONE);
    }).toThrow(expect.objectContaining({ code: 'closed' }));
  });
}

test('swapped frames are refused', async () => {
  let held: Uint8Array | undefined;
  const { left, right } = connect((frame, _, index) => {
    if (index === 0) held = frame;
    return index === 0 ? [] : [frame, held ?? NONE];
  });
  left.channel.send(text('one'));
  left.channel.send(text('two'));
  await settle();
  expect(right.messages).toEqual([]);
  expect(reasons(right)).toEqual(['violation']);
});

test('a frame reflected to its sender is refused', async () => {
  const { left, pipes } = connect();
  left.channel.send(text('mine'));
  pipes.left.inject(pipes.left.sent[0] ?? NONE);
  await settle();
  expect(left.messages).toEqual([]);
  expect(reasons(left)).toEqual(['violation']);
});

test('a frame of another session is refused', async () => {
  const other = connect();
  other.left.channel.send(text('from elsewhere'));
  const { right, pipes } = connect();
  pipes.right.inject(other.pipes.left.sent[0] ?? NONE);
  await settle();
  expect(right.messages).toEqual([]);
  expect(reasons(right)).toEqual(['violation']);
});

test('every single-bit flip of a transport frame is refused', async () => {
  const { left, pipes, keys } = connect();
  left.channel.send(text('pay 1'));
  const frame = pipes.left.sent[0] ?? NONE;
  for (let bit = 0; bit < frame.length * 8; bit++) {
    const receiver = keyed(keys[0]);
    expect(() => receiver.decrypt(NONE, flipBit(frame, bit))).toThrow('authentication');
  }
  await settle();
});

test('whatever a relay does to a stream of frames, only a prefix of the truth arrives', async () => {
  const step = fc.constantFrom('pass', 'pass', 'pass', 'drop', 'double', 'flip', 'cut', 'noise', 'old');
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 6 }), fc.nat(2047), async (plan, bit) => {
      const seen: Uint8Array[] = [];
      /** What arrives, in order: the number of a whole frame, or null for what is none. */
      const arrived: (number | null)[] = [];
      const { left, right } = connect((frame, _, index) => {
        seen.push(frame);
        const moves: Readonly<Record<string, readonly [number | null, Uint8Array][]>> = {
          drop: [],
          double: [
            [index, frame],
            [index, frame],
          ],
          flip: [[null, flipBit(frame, bit)]],
          cut: [[null, frame.subarray(0, bit % frame.length)]],
          noise: [[null, bytes(256)]],
          old: [
            [0, seen[0] ?? frame],
            [index, frame],
          ],
        };
        const delivered = moves[plan[index] ?? 'pass'] ?? [[index, frame]];
        arrived.push(...delivered.map(([number]) => number));
        return delivered.map(([, content]) => content);
      });
      const sent = plan.map((_, index) => text(`message ${String(index)}`));
      for (const message of sent) left.channel.send(message);
      await settle();
      expect(right.messages.map(toHex)).toEqual(sent.slice(0, right.messages.length).map(toHex));
      // A frame that comes late but in its turn is a delay, which no receiver can tell from a slow network.
      const foreign = arrived.findIndex((number, turn) => number !== turn);
      expect(right.messages).toHaveLength(foreign < 0 ? arrived.length : foreign);
      expect(reasons(right).includes('violation')).toBe(foreign >= 0);
    }),
    { numRuns: 150 },
  );
});

test('an honest end is told apart from a cut connection', async () => {
  const honest = connect();
  honest.left.channel.send(text('bye'));
  honest.left.channel.close();
  honest.left.channel.close();
  await settle();
  expect(honest.right.messages).toHaveLength(1);
  expect([reasons(honest.left), reasons(honest.right)]).toEqual([['local'], ['peer']]);
  expect(honest.pipes.right.endCode()).toBe(1000);

  const severed = connect();
  severed.pipes.cut();
  await settle();
  expect([reasons(severed.left), reasons(severed.right)]).toEqual([['lost'], ['lost']]);

  const swallowed = connect((frame, _, index) => (index === 1 ? [] : [frame]));
  swallowed.left.channel.send(text('bye'));
  swallowed.left.channel.close();
  await settle();
  expect(reasons(swallowed.right)).toEqual(['lost']);
});

/** A peer that holds the right keys but does not keep to the format. */
async function speak(...plaintexts: readonly Uint8Array[]): Promise<Link> {
  const link = connect();
  const rogue = keyed(link.keys[0]);
  for (const plaintext of plaintexts) link.pipes.right.inject(rogue.encrypt(NONE, plaintext));
  await settle();
  return link;
}

test('authentic frames that are not well formed end the channel', async () => {
  const good = encodeFrame({ type: 'data', stream: 1, more: false, body: text('ok') });
  const change = (position: number, value: number): Uint8Array => {
    const changed = good.slice();
    changed[position] = value;
    return changed;
  };
  expect((await speak(good)).right.streams).toEqual([1]);
  const closeWithBody = change(0, 2);
  const bad = [
    new Uint8Array(240),
    new Uint8Array(240).fill(0x80, 3, 4),
    change(0, 0),
    change(0, 3),
    closeWithBody,
    change(1, 1),
    change(2, 4),
    change(3, 2),
    change(3, 1), // "more" on a fragment that is not full
    change(239, 1),
    change(239, 0x81),
    good.slice(0, 200),
  ];
  for (const plaintext of bad) expect(reasons((await speak(plaintext)).right)).toEqual(['violation']);
});

test('fragments of several streams may mix, and a stream that never ends is stopped at 8 MiB', async () => {
  const part = (stream: number, more: boolean, body: Uint8Array) =>
    encodeFrame({ type: 'data', stream, more, body });
  const full = bytes(MAX_BODY);
  const { right } = await speak(part(0, true, full), part(1, false, text('b')), part(0, false, text('a')));
  expect(right.streams).toEqual([1, 0]);
  expect(equal(right.messages[1] ?? NONE, concat(full, text('a')))).toBe(true);

  const endless = Array.from({ length: Math.ceil(MAX_MESSAGE / MAX_BODY) + 1 }, () => part(0, true, full));
  expect(reasons((await speak(...endless)).right)).toEqual(['violation']);
});

test('a handler that throws ends its channel and nothing else', async () => {
  const { left, right } = connect();
  const failure = new Error('handler failed');
  right.channel.onMessage(() => {
    throw failure;
  });
  left.channel.send(NONE);
  await settle();
  expect(right.ends).toEqual([{ reason: 'handler', error: failure }]);
  expect(reasons(left)).toEqual(['lost']);
});

test('a pipe that fails to send ends the channel, and late listeners hear of it', () => {
  const { channel } = connect().left;
  const pipe = createPipePair().left;
  const broken = createSecureChannel({
    pipe: {
      ...pipe,
      send: () => {
        throw new Error('socket gone');
      },
    },
    send: keyed(bytes(32)),
    receive: keyed(bytes(32)),
    handshakeHash: Uint8Array.from(channel.handshakeHash),
    early: [],
  });
  expect(() => {
    broken.send(NONE);
  }).toThrow('socket gone');
  const ends: ChannelEnd[] = [];
  broken.onClose((how) => ends.push(how));
  expect(ends).toMatchObject([{ reason: 'lost' }]);
});

test('messages wait for the first listener, up to 8 MiB, then the channel gives up', async () => {
  const pipes = createPipePair();
  const [forth, back] = [bytes(32), bytes(32)];
  const handshakeHash = Uint8Array.from(bytes(32));
  const left = createSecureChannel({
    pipe: pipes.left,
    send: keyed(forth),
    receive: keyed(back),
    handshakeHash,
    early: [],
  });
  const open = () =>
    createSecureChannel({
      pipe: pipes.right,
      send: keyed(back),
      receive: keyed(forth),
      handshakeHash,
      early: [],
    });
  const right = open();
  left.send(text('early'));
  await settle();
  const messages: Uint8Array[] = [];
  right.onMessage((message) => messages.push(message));
  left.send(text('late'));
  await settle();
  expect(messages).toEqual([text('early'), text('late')]);

  const deaf = connect();
  const silent = createSecureChannel({
    pipe: deaf.pipes.right,
    send: keyed(deaf.keys[1]),
    receive: keyed(deaf.keys[0]),
    handshakeHash,
    early: [],
  });
  for (let sent = 0; sent < 3; sent++) deaf.left.channel.send(new Uint8Array(4 * 1024 * 1024));
  await settle();
  const ends: ChannelEnd[] = [];
  silent.onClose((how) => ends.push(how));
  expect(ends).toMatchObject([{ reason: 'violation' }]);
});

test('both directions rekey after 2^14 frames, exactly there, and the channel carries on', async () => {
  const { left, right, pipes, keys } = connect();
  for (let frame = 0; frame < REKEY_FRAMES + 2; frame++) left.channel.send(NONE);
  right.channel.send(text('the other direction has its own count'));
  await settle();
  expect(right.messages).toHaveLength(REKEY_FRAMES + 2);
  expect(left.messages).toHaveLength(1);
  expect([left.ends, right.ends]).toEqual([[], []]);

  const observer = keyed(keys[0]);
  const frames = pipes.left.sent;
  for (const frame of frames.slice(0, REKEY_FRAMES)) observer.decrypt(NONE, frame);
  expect(() => observer.decrypt(NONE, frames[REKEY_FRAMES] ?? NONE)).toThrow('authentication');
  observer.rekey();
  expect(observer.decrypt(NONE, frames[REKEY_FRAMES] ?? NONE)).toHaveLength(240);
}, 60_000);

test('a direction rekeys after 64 MiB on the wire, before its frame count does', () => {
  const key = bytes(32);
  const [sender, receiver, observer] = [
    createRekeyingCipher(keyed(key)),
    createRekeyingCipher(keyed(key)),
    keyed(key),
  ];
  const plaintext = new Uint8Array(65535 - 16);
  const untilRekey = Math.ceil(REKEY_BYTES / 65535);
  for (let frame = 0; frame < untilRekey; frame++) {
    const wire = sender.seal(plaintext);
    receiver.open(wire);
    if (frame === untilRekey - 1) {
      observer.setNonce(frame);
      observer.decrypt(NONE, wire);
    }
  }
  const next = sender.seal(plaintext);
  expect(() => observer.decrypt(NONE, next)).toThrow('authentication');
  observer.rekey();
  expect(observer.decrypt(NONE, next)).toHaveLength(plaintext.length);
  expect(receiver.open(next)).toHaveLength(plaintext.length);
}, 60_000);

test('the same message twice shares no block of ciphertext', () => {
  const { left, pipes } = connect();
  const again = connect();
  for (const end of [left, left, again.left]) end.channel.send(new Uint8Array(100));
  const blocks = [...pipes.left.sent, ...again.pipes.left.sent].flatMap((frame) =>
    Array.from({ length: 16 }, (_, i) => toHex(frame.subarray(16 * i, 16 * i + 16))),
  );
  expect(new Set(blocks).size).toBe(blocks.length);
});

test('the six digits are HKDF-SHA256 of the handshake hash, modulo a million', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (hash) => {
      const reference = Buffer.from(hkdfSync('sha256', hash, '', 'signalbox/sas/v1', 4)).readUInt32BE();
      expect(sasCode(Uint8Array.from(hash))).toBe(String(reference % 1_000_000).padStart(6, '0'));
    }),
  );
});
