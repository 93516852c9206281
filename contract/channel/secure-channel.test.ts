import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equal, toHex } from './bytes.ts';
import { createPipePair } from './fakes.ts';
import { FRAME_SIZES, MAX_BODY } from './frame-codec.ts';
import { MAX_MESSAGE } from './reassembly.ts';
import { createRekeyingCipher, REKEY_BYTES, REKEY_FRAMES } from './rekeying-cipher.ts';
import { createSecureChannel, sasCode, type ChannelEnd } from './secure-channel.ts';
import {
  NONE,
  bytes,
  text,
  keyed,
  connect,
  settle,
  reasons,
} from '../../main/testing/channel/secure-bench.ts';

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
