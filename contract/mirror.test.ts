import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { emptyMirror, foldFrame, type Mirror } from './mirror.ts';
import { StreamFrame } from './stream.ts';

const golden = JSON.parse(readFileSync(new URL('./fixtures/frames.json', import.meta.url), 'utf8')) as {
  frames: unknown[];
  expected: Mirror;
};
const frames = golden.frames.map((frame) => StreamFrame.parse(frame));
const fold = (from: Mirror, some: readonly StreamFrame[]) =>
  some.reduce<Mirror | null>((mirror, frame) => mirror && foldFrame(mirror, frame), from);

test('the golden frames fold to the golden state', () => {
  expect(fold(emptyMirror, frames)).toEqual(golden.expected);
});

test('a frame that was seen already changes nothing', () => {
  const mirror = fold(emptyMirror, frames);
  expect(mirror && fold(mirror, frames.slice(1))).toBe(mirror);
});

test('a gap is told, never papered over', () => {
  for (let left = 1; left < frames.length - 1; left += 1) {
    const missing = frames.filter((_, index) => index !== left);
    const doubled =
      frames[left]?.cursor.seq === frames[left + 1]?.cursor.seq ||
      frames[left]?.cursor.seq === frames[left - 1]?.cursor.seq;
    const result = fold(emptyMirror, missing);
    if (doubled) expect(result).toEqual(golden.expected);
    else expect(result).toBeNull();
  }
});

test('frames of another epoch do not fit', () => {
  const mirror = fold(emptyMirror, frames.slice(0, 2));
  const other = StreamFrame.parse({ kind: 'hidden', cursor: { epoch: 'e2', seq: 2 } });
  expect(mirror && foldFrame(mirror, other)).toBeNull();
});
