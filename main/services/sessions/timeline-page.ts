import { constants } from 'node:fs';
import type { TimelineEntry } from '../../../contract/sessions.ts';
import { linesBefore, linesFrom, withPlainFile, type FileLine } from './file-lines.ts';
import { entryOf, LONGEST_LINE, seqOf } from './timeline-file.ts';

/** So much text a page may hold beside its limit of entries: a message on the wire stays small. One entry always fits. */
const PAGE_BYTES = 512 * 1024;
/** From here on reading line by line is quicker than searching on. */
const NEAR = 65_536;

export interface TimelinePage {
  /** Oldest first. */
  readonly entries: TimelineEntry[];
  /** There are others in the direction of reading. */
  readonly more: boolean;
  /** Lines between them that are damaged, or of a newer version. */
  readonly unreadable: number;
}

export type PageAsk =
  | { readonly from: 'after'; readonly seq: number; readonly limit: number }
  /** `null`: from the end. */
  | { readonly from: 'before'; readonly seq: number | null; readonly limit: number };

const NOTHING: TimelinePage = { entries: [], more: false, unreadable: 0 };

/** The first `limit` entries behind a number; -1 for the beginning. */
export function readAfter(file: string, afterSeq: number, limit: number): TimelinePage {
  return (
    withPlainFile(file, constants.O_RDONLY, (descriptor, size) => {
      const from = startAfter(descriptor, size, afterSeq);
      return collect(linesFrom(descriptor, from, size, LONGEST_LINE), limit, (seq) => seq > afterSeq);
    }) ?? NOTHING
  );
}

/** The last `limit` entries before a number; `null` for those at the end. */
export function readBefore(file: string, beforeSeq: number | null, limit: number): TimelinePage {
  return (
    withPlainFile(file, constants.O_RDONLY, (descriptor, size) => {
      const until = beforeSeq === null ? size : startAfter(descriptor, size, beforeSeq - 1);
      const page = collect(linesBefore(descriptor, until, LONGEST_LINE), limit, () => true);
      return { ...page, entries: page.entries.reverse() };
    }) ?? NOTHING
  );
}

function collect(lines: Iterable<FileLine>, limit: number, isWanted: (seq: number) => boolean): TimelinePage {
  const entries: TimelineEntry[] = [];
  let unreadable = 0;
  let bytes = 0;
  for (const line of lines) {
    const entry = entryOf(line.bytes);
    if (entry === null) {
      unreadable += 1;
      continue;
    }
    if (!isWanted(entry.seq)) continue;
    bytes += line.end - line.start;
    if (entries.length === limit || (entries.length > 0 && bytes > PAGE_BYTES))
      return { entries, more: true, unreadable };
    entries.push(entry);
  }
  return { entries, more: false, unreadable };
}

/**
 * Where the first line begins whose number is above `seq`, or a little before. Numbers grow from line to line, so the
 * place is found by halving and a long timeline costs no more than a short one.
 */
function startAfter(descriptor: number, size: number, seq: number): number {
  if (seq < 0) return 0;
  let low = 0;
  let high = size;
  while (high - low > NEAR) {
    const middle = low + Math.floor((high - low) / 2);
    const line = firstEntryFrom(descriptor, middle, high);
    if (line === null || line.seq > seq) high = middle;
    else low = line.end;
  }
  for (const line of linesFrom(descriptor, low, size, LONGEST_LINE)) {
    const found = seqOf(line.bytes);
    if (found !== null && found > seq) return line.start;
    low = line.end;
  }
  return low;
}

/** The first whole entry that begins behind an offset in the middle of a line, and before `high`. */
function firstEntryFrom(
  descriptor: number,
  offset: number,
  high: number,
): { seq: number; end: number } | null {
  let isRest = true;
  for (const line of linesFrom(descriptor, offset, high, LONGEST_LINE)) {
    const seq = isRest ? null : seqOf(line.bytes);
    isRest = false;
    if (seq !== null) return { seq, end: line.end };
  }
  return null;
}
