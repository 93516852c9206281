import { createHash } from 'node:crypto';
import type { FileFormat } from './file-format.ts';
import type { OwnReader } from './own-session.ts';
import type { NumberedEntry } from './backend.ts';
import { storeLines, type StoreFile } from './store-files.ts';

/** Entries between two places from where reading can begin. */
const STEP = 200;
/** So much of one file is read; what is behind is left out, and said to be. */
export const MAX_READ_BYTES = 256 * 1024 * 1024;
const MAX_FILES = 16;

interface Mark {
  readonly offset: number;
  readonly seq: number;
  readonly reader: OwnReader;
}

interface Index {
  readonly ino: number;
  readonly generation: number;
  readonly marks: Mark[];
  end: Mark;
}

/**
 * Where the entries of session files begin, so that a page in the middle of a long one costs a part of it. A file that
 * grew is read on from its end, one that was replaced or cut is another one.
 */
export function createSessionIndex(format: FileFormat) {
  const indexes = new Map<string, Index>();
  const running = new Map<string, Promise<Index>>();
  let generations = 0;

  function current({ path, ino, size }: StoreFile): Index {
    const known = indexes.get(path);
    if (known && known.ino === ino && size >= known.end.offset) return known;
    const start: Mark = { offset: 0, seq: 0, reader: format.reader() };
    const fresh: Index = { ino, generation: known ? (generations += 1) : 0, marks: [start], end: start };
    indexes.delete(path);
    indexes.set(path, fresh);
    const oldest = indexes.keys().next();
    if (indexes.size > MAX_FILES && !oldest.done) indexes.delete(oldest.value);
    return fresh;
  }

  async function extend(file: StoreFile): Promise<Index> {
    const index = current(file);
    const reader = index.end.reader.copy();
    let { seq, offset } = index.end;
    for await (const line of storeLines(file.path, offset, Math.min(file.size, MAX_READ_BYTES))) {
      seq += reader.push(line.value).length;
      offset = line.end;
      const last = index.marks.at(-1);
      if (seq - (last?.seq ?? 0) >= STEP) index.marks.push({ offset, seq, reader: reader.copy() });
    }
    index.end = { offset, seq, reader };
    return index;
  }

  /** Two that ask for the same file at once wait for one reading of it. */
  function indexed(file: StoreFile): Promise<Index> {
    const key = `${file.path}\0${file.size}\0${file.ino}`;
    const begun = running.get(key);
    if (begun) return begun;
    // Behind another reading of the same file, which may be of an older size.
    const before = [...running.entries()].filter(([other]) => other.startsWith(`${file.path}\0`));
    const reading = Promise.allSettled(before.map(([, one]) => one))
      .then(() => extend(file))
      .finally(() => running.delete(key));
    running.set(key, reading);
    return reading;
  }

  return {
    async length(file: StoreFile): Promise<number> {
      return (await indexed(file)).end.seq;
    },
    epoch(file: StoreFile): string {
      const { ino, generation } = current(file);
      const facts = `${file.path}\0${ino}\0${file.birthtimeMs}\0${generation}`;
      return createHash('sha256').update(facts).digest('base64url').slice(0, 22);
    },
    async *entries(file: StoreFile, from: number, damaged: () => void): AsyncGenerator<NumberedEntry> {
      const { marks } = await indexed(file);
      const mark = marks.findLast(({ seq }) => seq <= from) ?? marks[0];
      if (!mark) return;
      const reader = mark.reader.copy();
      let { seq } = mark;
      for await (const line of storeLines(file.path, mark.offset, Math.min(file.size, MAX_READ_BYTES))) {
        if (line.value === undefined) damaged();
        for (const entry of reader.push(line.value)) {
          if (seq >= from) yield { ...entry, seq };
          seq += 1;
        }
      }
    },
  };
}
