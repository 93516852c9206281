import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { STREAM_WINDOW, type ByteChunk } from '../../contract/byte-stream.ts';
import { ProcessName } from '../../contract/process-name.ts';
import { temporaryFolder } from '../testing/temporary.ts';
import { createByteStreams } from './byte-streams.ts';

/** Holds back the last word, as the gate of the product does, and knows one secret. */
const redactor = () => {
  let held = '';
  return {
    push(bytes: Uint8Array) {
      held += Buffer.from(bytes).toString('latin1');
      const cut = Math.max(held.lastIndexOf(' '), held.lastIndexOf('\n')) + 1;
      const text = held.slice(0, cut).replaceAll('zebra-4711-crossing', '[gone]');
      held = held.slice(cut);
      return Buffer.from(text, 'latin1').toString('utf8');
    },
    held: () => held.length,
  };
};
const source = { kind: 'log', name: ProcessName.parse('web'), stream: 'stdout' } as const;

function setUp(content: string) {
  const file = join(temporaryFolder(), 'stdout.log');
  writeFileSync(file, content);
  const streams = createByteStreams({ redactor });
  streams.locate('log', () => file);
  const chunks: ByteChunk[] = [];
  const ends: string[] = [];
  const follow = (offset: number) =>
    streams.follow(source, offset, {
      chunk: (chunk) => void chunks.push(chunk),
      end: (reason) => void ends.push(reason),
    });
  const text = () => chunks.map((chunk) => chunk.text).join('');
  return { file, streams, follow, chunks, ends, text };
}

test('a follower gets what is there and then what comes, told by the writer', async () => {
  const { file, streams, follow, text } = setUp('one\n');
  follow(0);
  await expect.poll(text).toBe('one\n');
  appendFileSync(file, 'two\n');
  streams.grown(file);
  await expect.poll(text).toBe('one\ntwo\n');
});

test('a negative offset counts from the end', async () => {
  const { follow, text } = setUp('0123456 89\n');
  follow(-3);
  await expect.poll(text).toBe('89\n');
});

test('a reader that does not acknowledge is held back, and goes on when it does', async () => {
  const size = STREAM_WINDOW * 3;
  const { follow, chunks } = setUp('x '.repeat(size / 2));
  const reader = follow(0);
  const received = () => chunks.reduce((sum, chunk) => sum + chunk.text.length, 0);
  await expect.poll(received).toBeGreaterThanOrEqual(STREAM_WINDOW);
  const held = received();
  expect(held).toBeLessThan(STREAM_WINDOW + 65_536 + 1);
  reader?.ack(held);
  await expect.poll(received).toBeGreaterThan(held);
  expect(received()).toBeLessThan(size);
});

test('a character that is split over two pieces arrives whole', async () => {
  const { follow, text } = setUp(`${' '.repeat(65_535)}ü!\n`);
  follow(0);
  await expect.poll(() => text().slice(-3)).toBe('ü!\n');
});

test('who comes back where the last chunk ended gets what was held back then, and nothing twice', async () => {
  const { file, streams, follow, chunks, text } = setUp('one two zebra-47');
  const first = follow(0);
  await expect.poll(text).toBe('one two ');
  first?.close();
  appendFileSync(file, '11-crossing four\n');
  streams.grown(file);
  follow(chunks.at(-1)?.nextOffset ?? -1);
  await expect.poll(text).toBe('one two [gone] four\n');
  expect(chunks.map(({ offset, nextOffset }) => [offset, nextOffset])).toEqual([
    [0, 8],
    [8, 33],
  ]);
});

test('a file that was rotated is read from its new beginning', async () => {
  const { file, streams, follow, text } = setUp('a long first content\n');
  follow(0);
  await expect.poll(text).toContain('first');
  writeFileSync(file, 'new\n');
  streams.grown(file);
  await expect.poll(text).toBe('a long first content\nnew\n');
});

test('what leaves has passed the gate, even where a secret is cut in two', async () => {
  const { follow, text } = setUp(`${'x '.repeat(32_764)}zebra-4711-crossing\n`);
  follow(0);
  await expect.poll(() => text().slice(-8)).toMatch(/\]\n$/);
  expect(text()).not.toContain('4711');
});

test('an unknown source ends at once and says so', () => {
  const streams = createByteStreams({ redactor });
  const ends: string[] = [];
  expect(streams.follow(source, 0, { chunk: () => {}, end: (reason) => void ends.push(reason) })).toBeNull();
  expect(ends).toEqual(['not found']);
});
