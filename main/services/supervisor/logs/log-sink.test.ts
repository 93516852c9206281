import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../testing/temporary.ts';
import { createLogMap } from './log-map.ts';
import { decodeMarks, encodeMark, MARK_BYTES } from './log-marks.ts';
import { createLogSink, logPath, marksPath } from './log-sink.ts';
import { readLines } from './read-lines.ts';

const plain = (text: string, from: number, to: number) => text.slice(from, to);
let epochs = 0;
const newEpoch = () => `epoch-${(epochs += 1)}`;

async function linesIn(folder: string, streams: 'both' | 'stdout' | 'stderr' = 'both') {
  const map = createLogMap(folder, newEpoch);
  await map.refresh();
  const { end, first } = map.extent(streams);
  const lines = [];
  for (let from = first; from < end;) {
    const page = await readLines(map, { name: 'web', streams, from, count: 7 }, plain);
    lines.push(...page.lines);
    from = (page.lines.at(-1)?.number ?? end) + 1;
  }
  const extent = map.extent(streams);
  await map.close();
  return { lines, extent };
}

test('a log is set aside when it is full, five times and no more', () => {
  const folder = join(temporaryFolder(), 'web');
  const sink = createLogSink(folder, 4);
  for (const text of 'abcdefghijkl') sink.append('stdout', Buffer.from(`${text}${text}${text}\n`), 0);
  sink.close();
  const read = (number: number) => readFileSync(logPath(folder, 'stdout', number), 'utf8');
  // The line that did not fit any more is the last of the old file: no line is in two files.
  expect([0, 1, 2, 3, 4, 5].map(read)).toEqual([
    '',
    'kkk\nlll\n',
    'iii\njjj\n',
    'ggg\nhhh\n',
    'eee\nfff\n',
    'ccc\nddd\n',
  ]);
  expect(() => read(6)).toThrow();
});

test('a log that cannot be written loses output, says how much, and goes on', () => {
  const folder = join(temporaryFolder(), 'web');
  writeFileSync(folder, 'a file where the folder should be');
  const sink = createLogSink(folder);
  sink.append('stdout', Buffer.from('lost!'), 0);
  expect(sink.lost()).toBe(5);
  rmSync(folder);
  sink.append('stdout', Buffer.from('kept'), 0);
  sink.close();
  expect(readFileSync(logPath(folder, 'stdout'), 'utf8')).toBe(
    '\n[signalbox] 5 bytes could not be written here\nkept',
  );
});

const piece = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  bytes: fc.uint8Array({ maxLength: 24 }).map((bytes) => bytes.map((one) => (one < 60 ? 10 : one))),
  later: fc.integer({ min: 0, max: 40 }),
});

/** The lines as they ought to be: each belongs where its first byte was read. */
function expectedLines(pieces: readonly { stream: 'stdout' | 'stderr'; bytes: Uint8Array }[]) {
  const lines: { stream: string; bytes: number[] }[] = [];
  const open: Record<string, { stream: string; bytes: number[] } | null> = { stdout: null, stderr: null };
  for (const { stream, bytes } of pieces) {
    for (const byte of bytes) {
      let line = open[stream] ?? null;
      if (!line) lines.push((line = { stream, bytes: [] }));
      open[stream] = byte === 10 ? null : line;
      if (byte !== 10) line.bytes.push(byte);
    }
  }
  return lines.map((line) => ({
    stream: line.stream,
    text: Buffer.from(line.bytes).toString('utf8').replace(/\r$/, ''),
  }));
}

test('any bytes in any pieces come out as they went in, in order over both streams, and every line has its number', async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 40 }),
      fc.integer({ min: 0, max: 39 }),
      async (pieces, stopAt) => {
        runs += 1;
        const folder = join(temporaryFolder(), 'web');
        let at = 1_700_000_000_000;
        let sink = createLogSink(folder);
        for (const [index, { stream, bytes, later }] of pieces.entries()) {
          // Whoever writes may be killed and begin again at any piece.
          if (index === stopAt) {
            sink.close();
            sink = createLogSink(folder);
          }
          sink.append(stream, bytes, (at += later));
        }
        sink.close();
        for (const stream of ['stdout', 'stderr'] as const) {
          const wanted = Buffer.concat(
            pieces.filter((one) => one.stream === stream).map(({ bytes }) => bytes),
          );
          const written = pieces.some((one) => one.stream === stream)
            ? readFileSync(logPath(folder, stream))
            : Buffer.alloc(0);
          expect(written.equals(wanted)).toBe(true);
        }
        const wanted = expectedLines(pieces);
        const { lines } = await linesIn(folder);
        expect(lines.map(({ stream, text }) => ({ stream, text }))).toEqual(wanted);
        expect(lines.map(({ number }) => number)).toEqual(wanted.map((_, index) => index));
        const errors = await linesIn(folder, 'stderr');
        expect(errors.lines.map(({ text }) => text)).toEqual(
          wanted.filter(({ stream }) => stream === 'stderr').map(({ text }) => text),
        );
      },
    ),
    { numRuns: 150 },
  );
  process.stdout.write(`logs: ${runs} sequences of pieces, 0 lines lost, doubled or out of order\n`);
});

test('a reader that looks between any two pieces sees the lines grow and never change their numbers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 25 }), async (pieces) => {
      const folder = join(temporaryFolder(), 'web');
      const sink = createLogSink(folder);
      const map = createLogMap(folder, newEpoch);
      const seen: string[] = [];
      let at = 1_700_000_000_000;
      for (const [index, { stream, bytes, later }] of pieces.entries()) {
        sink.append(stream, bytes, (at += later));
        await map.refresh();
        const wanted = expectedLines(pieces.slice(0, index + 1));
        const { end } = map.extent('both');
        expect(end).toBe(wanted.length);
        const { lines } = await readLines(map, { name: 'web', streams: 'both', from: 0, count: 1000 }, plain);
        expect(lines.map(({ text }) => text)).toEqual(wanted.map(({ text }) => text));
        seen.push(map.extent('both').epoch);
      }
      expect(new Set(seen).size).toBeLessThanOrEqual(1);
      sink.close();
      await map.close();
    }),
    { numRuns: 60 },
  );
});

test('wherever the writing of the marks was cut off, every line is there with its number', async () => {
  const folder = join(temporaryFolder(), 'web');
  const sink = createLogSink(folder);
  for (let index = 0; index < 12; index += 1) {
    sink.append(index % 3 === 0 ? 'stderr' : 'stdout', Buffer.from(`line ${index}\nand more\n`), index * 30);
  }
  sink.close();
  const whole = await linesIn(folder, 'stdout');
  const { size } = statSync(marksPath(folder, 'stdout'));
  const marks = readFileSync(marksPath(folder, 'stdout'));
  for (let cut = size; cut >= 0; cut -= 1) {
    writeFileSync(marksPath(folder, 'stdout'), marks.subarray(0, cut));
    const { lines } = await linesIn(folder, 'stdout');
    expect(lines.map(({ number, text }) => [number, text])).toEqual(
      whole.lines.map(({ number, text }) => [number, text]),
    );
  }
  process.stdout.write(`logs: marks cut off at ${size + 1} places, all lines found each time\n`);
});

test('marks that were torn are mended by the next writer, and what it writes comes last', async () => {
  const folder = join(temporaryFolder(), 'web');
  for (let cut = 1; cut < MARK_BYTES; cut += 1) {
    const before = createLogSink(folder);
    before.append('stdout', Buffer.from(`before ${cut}\n`), cut);
    before.close();
    truncateSync(marksPath(folder, 'stdout'), statSync(marksPath(folder, 'stdout')).size - cut);
    const after = createLogSink(folder);
    after.append('stdout', Buffer.from(`after ${cut}\n`), cut);
    after.close();
    const { lines } = await linesIn(folder);
    expect(lines.slice(-2).map(({ text }) => text)).toEqual([`before ${cut}`, `after ${cut}`]);
  }
});

test('marks whose log was set aside without them are found again', async () => {
  const folder = join(temporaryFolder(), 'web');
  const sink = createLogSink(folder);
  sink.append('stdout', Buffer.from('old\n'), 5);
  sink.close();
  // Killed between the two renames.
  renameSync(logPath(folder, 'stdout'), logPath(folder, 'stdout', 1));
  const next = createLogSink(folder);
  next.append('stdout', Buffer.from('new\n'), 9);
  next.close();
  const { lines } = await linesIn(folder);
  expect(lines.map(({ text, at }) => [text, Date.parse(at)])).toEqual([
    ['old', 5],
    ['new', 9],
  ]);
});

test('a new run begins a new file; its first line is known, and lines of earlier runs stay', async () => {
  const folder = join(temporaryFolder(), 'web');
  const sink = createLogSink(folder);
  sink.startRun(0);
  sink.append('stdout', Buffer.from('one\nunfinished'), 0);
  sink.startRun(100);
  sink.append('stderr', Buffer.from('two\n'), 100);
  sink.close();
  const { lines, extent } = await linesIn(folder);
  expect(lines.map(({ text }) => text)).toEqual(['one', 'unfinished', 'two']);
  expect(extent).toMatchObject({ first: 0, end: 3, runStart: 2 });
  sink.startRun(200);
  sink.close();
  expect((await linesIn(folder)).extent).toMatchObject({ end: 3, runStart: 3 });
});

test('lines of files that were dropped are gone, and the others keep their numbers', async () => {
  const folder = join(temporaryFolder(), 'web');
  const sink = createLogSink(folder, 40);
  const map = createLogMap(folder, newEpoch);
  for (let index = 0; index < 100; index += 1) {
    sink.append('stdout', Buffer.from(`line ${index}\n`), index);
    await map.refresh();
  }
  const { first, end } = map.extent('both');
  expect(end).toBe(100);
  expect(first).toBeGreaterThan(60);
  const { lines } = await readLines(map, { name: 'web', streams: 'both', from: 0, count: 1000 }, plain);
  expect(lines[0]).toMatchObject({ number: first, text: `line ${first}` });
  expect(lines).toHaveLength(100 - first);
  sink.close();
  await map.close();
});

test('a line of 100 MB is shown by its beginning, in bounded memory, and the next line is found', async () => {
  const folder = join(temporaryFolder(), 'web');
  const sink = createLogSink(folder, 300_000_000);
  const block = Buffer.alloc(1_000_000, 'x');
  for (let count = 0; count < 100; count += 1) sink.append('stdout', block, count);
  sink.append('stdout', Buffer.from('\nnext\n'), 101);
  sink.close();
  const before = process.memoryUsage();
  const { lines } = await linesIn(folder);
  const after = process.memoryUsage();
  const grown = Math.max(0, after.rss - before.rss) / 1e6;
  expect(lines.map(({ text, cut }) => [text.length, cut ?? false])).toEqual([
    [8192, true],
    [4, false],
  ]);
  expect(grown).toBeLessThan(60);
  process.stdout.write(`logs: a line of 100 MB read with ${grown.toFixed(0)} MB more memory\n`);
});

test('a mark survives its encoding, and a damaged one is passed over', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 47 }),
      fc.integer({ min: 0, max: 2 ** 47 }),
      fc.integer({ min: 0, max: MARK_BYTES - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (offset, order, place, change) => {
        const bytes = encodeMark({ offset, order, at: 7, run: true });
        expect(decodeMarks(bytes)).toEqual([{ offset, order, at: 7, run: true }]);
        bytes[place] = (bytes[place] ?? 0) ^ change;
        expect(decodeMarks(bytes)).toEqual([]);
      },
    ),
  );
});
