import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventReader } from './sse.ts';

function read(chunks: readonly Buffer[], maxBytes = 1_000_000): { data: string[]; tooLong: number } {
  const data: string[] = [];
  let tooLong = 0;
  const take = createEventReader({
    maxBytes,
    onData: (event) => data.push(event.toString()),
    onTooLong: () => (tooLong += 1),
  });
  for (const chunk of chunks) take(chunk);
  return { data, tooLong };
}

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0, n = 0; at < bytes.length; n += 1) {
    const size = 1 + (sizes[n % sizes.length] ?? 0);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

test('events are the same however the bytes are divided and lines are ended', () => {
  const Text = fc.json().filter((text) => text !== '');
  fc.assert(
    fc.property(
      fc.array(Text),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat(20), { minLength: 1 }),
      fc.boolean(),
      (texts, end, sizes, noise) => {
        const extra = noise ? `: keep-alive${end}id: 7${end}event: message${end}` : '';
        const stream = texts.map((text) => `${extra}data: ${text}${end}${end}`).join('');
        expect(read(cut(Buffer.from(stream), sizes))).toEqual({ data: texts, tooLong: 0 });
      },
    ),
  );
});

test('several lines of data are one message, and comments alone are none', () => {
  expect(read([Buffer.from('data: {\ndata:"a": 1\ndata: }\n\n:\n\n\ndatax: no\n\ndata\n\n')]).data).toEqual([
    '{ "a": 1 }',
  ]);
  // Not ended: not an event.
  expect(read([Buffer.from('data: 1\n\ndata: 2')]).data).toEqual(['1']);
});

test('an event that is too long is given up once, and comments without end are no event', () => {
  const long = Buffer.from(`data: ${'x'.repeat(100)}`);
  expect(read([long, long, Buffer.from('\n\ndata: 1\n\n')], 150)).toEqual({ data: [], tooLong: 1 });
  const comments = Buffer.from(':\n\n'.repeat(1000));
  expect(read([comments, Buffer.from(': note\n'.repeat(1000)), Buffer.from('data: 1\n\n')], 150)).toEqual({
    data: ['1'],
    tooLong: 0,
  });
});
