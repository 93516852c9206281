import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, equal, toHex } from './bytes.ts';
import type { Relay } from './fakes.ts';
import { encodeFrame, MAX_BODY } from './frame-codec.ts';
import { MAX_MESSAGE } from './reassembly.ts';
import {
  NONE,
  bytes,
  text,
  keyed,
  type Link,
  connect,
  settle,
  reasons,
} from '../../main/testing/channel/secure-bench.ts';

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
