import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect } from 'vitest';
import { openTimelineWriter, recoverTimeline } from '../services/sessions/timeline-file.ts';
import { readAfter, readBefore } from '../services/sessions/timeline-page.ts';

const at = '2027-01-01T00:00:00.000Z';
const entry = (seq: number, text: string) => ({ seq, at, kind: 'user', text }) as const;
const lineOf = (seq: number, text: string) => `${JSON.stringify(entry(seq, text))}\n`;

function fileOf(folder: string, bytes: Buffer): string {
  const file = join(folder, 't.jsonl');
  writeFileSync(file, bytes);
  return file;
}

/** A timeline cut at every byte: whole entries before the cut stay, the rest is kept aside. Returns how many cuts. */
export function cutEverywhere(folder: string): number {
  const lines = [lineOf(0, 'a'), lineOf(1, 'ü€😀'), lineOf(2, 'c'.repeat(300))];
  const whole = Buffer.from(lines.join(''));
  const ends: number[] = [];
  for (const line of lines) ends.push((ends.at(-1) ?? 0) + Buffer.byteLength(line));
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const file = fileOf(folder, whole.subarray(0, cut));
    const aside = join(folder, `tail-${cut}`);
    const kept = ends.filter((end) => end <= cut).length;
    const end = recoverTimeline(file, () => aside);
    expect(end.lastSeq).toBe(kept - 1);
    const rest = end.dropped === 0 ? Buffer.alloc(0) : readFileSync(aside);
    expect(Buffer.concat([readFileSync(file), rest]).equals(whole.subarray(0, cut))).toBe(true);
    appendOne(file, end.lastSeq + 1);
    const seqs = Array.from({ length: kept + 1 }, (_, seq) => seq);
    expect(readAfter(file, -1, 10).entries.map(({ seq }) => seq)).toEqual(seqs);
  }
  return whole.length + 1;
}

const end = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc.nat({ max: 5000 }).map((length) => Buffer.alloc(length)),
  fc
    .constantFrom('{"seq":', '\n\n\n', '{"seq":-1}\n', '{"seq":"0"}\n', 'null\n', '[]\n')
    .map((text) => Buffer.from(text)),
);

/** Whatever a crash leaves at the end: entries before it stay, and what is written next can be read. */
export function damagedEnds(folder: string, numRuns: number): void {
  let count = 0;
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 6 }), end, (texts, rest) => {
      count += 1;
      const lines = texts.map((text, seq) => lineOf(seq, text)).join('');
      const file = fileOf(folder, Buffer.concat([Buffer.from(lines), rest]));
      const { lastSeq } = recoverTimeline(file, () => join(folder, `aside-${count}`));
      expect(lastSeq).toBeGreaterThanOrEqual(texts.length - 1);
      appendOne(file, lastSeq + 1);
      const { entries } = readAfter(file, -1, 100);
      expect(entries.slice(0, texts.length)).toEqual(
        texts.map((text, seq) => JSON.parse(JSON.stringify(entry(seq, text))) as unknown),
      );
      expect(entries.at(-1)).toMatchObject({ seq: lastSeq + 1, text: 'after' });
    }),
    { numRuns },
  );
}

const line = fc.oneof(
  { weight: 5, arbitrary: fc.string({ maxLength: 40_000, size: 'max' }) },
  { weight: 1, arbitrary: fc.constant(null) },
);

/** Any page of any timeline is a part of the whole, in both directions, damaged lines or not. */
export function anyPage(folder: string, numRuns: number): void {
  const place = fc.integer({ min: -1, max: 45 });
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 40 }),
      place,
      fc.integer({ min: 1, max: 50 }),
      (lines, seq, limit) => {
        const text = lines.map((one, n) => (one === null ? '{"broken\n' : lineOf(n, one))).join('');
        const file = fileOf(folder, Buffer.from(text));
        const seqs = lines.flatMap((one, n) => (one === null ? [] : [n]));
        const after = readAfter(file, seq, limit);
        const later = seqs.filter((one) => one > seq);
        const got = after.entries.map((one) => one.seq);
        expect(got).toEqual(later.slice(0, got.length));
        expect(after.more).toBe(got.length < later.length);
        expect(got.length).toBeGreaterThanOrEqual(Math.min(1, later.length));

        const before = readBefore(file, seq + 1, limit);
        const earlier = seqs.filter((one) => one <= seq);
        const found = before.entries.map((one) => one.seq);
        expect(found).toEqual(earlier.slice(earlier.length - found.length));
        expect(before.more).toBe(found.length < earlier.length);
        expect(found.length).toBeGreaterThanOrEqual(Math.min(1, earlier.length));
      },
    ),
    { numRuns },
  );
}

function appendOne(file: string, seq: number): void {
  const writer = openTimelineWriter(file);
  writer.append(entry(seq, 'after'));
  writer.close();
}
