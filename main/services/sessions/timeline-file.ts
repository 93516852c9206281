import {
  appendFileSync,
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
} from 'node:fs';
import { createInterface } from 'node:readline';
import { TimelineEntry } from '../../../contract/sessions.ts';

const PIECE = 65_536;

/** Appends one line in one write and returns its bytes; the file is made with mode 0600. */
export function appendLine(file: string, entry: TimelineEntry): number {
  const line = Buffer.from(`${JSON.stringify(entry)}\n`);
  appendFileSync(file, line, { mode: 0o600 });
  return line.length;
}

/**
 * Up to `limit` entries after a sequence number. Lines that are no entries (of a newer version, or torn) are left out.
 */
export async function readEntries(
  file: string,
  afterSeq: number,
  limit: number,
): Promise<{ entries: TimelineEntry[]; more: boolean }> {
  const entries: TimelineEntry[] = [];
  if (!existsSync(file)) return { entries, more: false };
  const input = createReadStream(file, 'utf8');
  const lines = createInterface({ input, crlfDelay: Infinity });
  try {
    for await (const line of lines) {
      const entry = parseEntry(line);
      if (entry === null || entry.seq <= afterSeq) continue;
      if (entries.length === limit) return { entries, more: true };
      entries.push(entry);
    }
  } finally {
    lines.close();
    input.destroy();
  }
  return { entries, more: false };
}

function parseEntry(line: string): TimelineEntry | null {
  try {
    return TimelineEntry.parse(JSON.parse(line));
  } catch {
    return null;
  }
}

/**
 * After a crash the last line may be torn. What stands after the last line end is moved to `FILE.torn`, so that
 * followers see whole lines only and nothing is lost. Returns the number of bytes that were set aside.
 */
export function setTornLineAside(file: string): number {
  if (!existsSync(file)) return 0;
  const descriptor = openSync(file, 'r+');
  try {
    const { size } = fstatSync(descriptor);
    const end = endOfLastLine(descriptor, size);
    if (end === size) return 0;
    const torn = Buffer.alloc(size - end);
    readSync(descriptor, torn, 0, torn.length, end);
    appendFileSync(`${file}.torn`, torn, { mode: 0o600 });
    ftruncateSync(descriptor, end);
    return torn.length;
  } finally {
    closeSync(descriptor);
  }
}

function endOfLastLine(descriptor: number, size: number): number {
  const buffer = Buffer.alloc(PIECE);
  for (let stop = size; stop > 0;) {
    const start = Math.max(0, stop - PIECE);
    readSync(descriptor, buffer, 0, stop - start, start);
    const at = buffer.subarray(0, stop - start).lastIndexOf(0x0a);
    if (at >= 0) return start + at + 1;
    stop = start;
  }
  return 0;
}
