import type { TimelineEntry } from '../../../contract/sessions.ts';

type EntryOf<K extends TimelineEntry['kind']> = Extract<TimelineEntry, { kind: K }>;

/** What a timeline shows: pieces of one speech joined, and each tool call, plan and question once, as it stands now. */
export type TimelineItem =
  | {
      readonly kind: 'speech';
      readonly who: 'user' | 'message' | 'thought';
      readonly key: number;
      readonly at: string;
      readonly text: string;
    }
  | { readonly kind: 'tool'; readonly key: number; readonly entry: EntryOf<'tool'> }
  | { readonly kind: 'plan'; readonly key: number; readonly entry: EntryOf<'plan'> }
  | { readonly kind: 'permission'; readonly key: number; readonly entry: EntryOf<'permission'> }
  | { readonly kind: 'file'; readonly key: number; readonly entry: EntryOf<'file'> }
  | { readonly kind: 'state'; readonly key: number; readonly entry: EntryOf<'state'> };

export interface Timeline {
  readonly items: readonly TimelineItem[];
  /** Sequence number of the newest entry; -1 before the first. */
  readonly lastSeq: number;
}

export const emptyTimeline: Timeline = { items: [], lastSeq: -1 };

/** Folds entries in; one that was seen already (a stream that was opened again) changes nothing. */
export function foldEntries(timeline: Timeline, entries: readonly TimelineEntry[]): Timeline {
  const items = [...timeline.items];
  let { lastSeq } = timeline;
  for (const entry of entries) {
    if (entry.seq <= lastSeq) continue;
    lastSeq = entry.seq;
    foldOne(items, entry);
  }
  return { items, lastSeq };
}

function foldOne(items: TimelineItem[], entry: TimelineEntry): void {
  switch (entry.kind) {
    case 'user':
    case 'message':
    case 'thought': {
      const last = items.at(-1);
      if (last?.kind === 'speech' && last.who === entry.kind && entry.kind !== 'user') {
        items[items.length - 1] = { ...last, text: last.text + entry.text };
      } else items.push({ kind: 'speech', who: entry.kind, key: entry.seq, at: entry.at, text: entry.text });
      return;
    }
    case 'tool':
      place(
        items,
        (key) => ({ kind: 'tool', key, entry }),
        entry.seq,
        (item) => {
          return item.kind === 'tool' && item.entry.toolCallId === entry.toolCallId;
        },
      );
      return;
    case 'plan':
      place(
        items,
        (key) => ({ kind: 'plan', key, entry }),
        entry.seq,
        (item) => item.kind === 'plan',
      );
      return;
    case 'permission':
      place(
        items,
        (key) => ({ kind: 'permission', key, entry }),
        entry.seq,
        (item) => {
          return item.kind === 'permission' && item.entry.approvalId === entry.approvalId;
        },
      );
      return;
    case 'file':
      items.push({ kind: 'file', key: entry.seq, entry });
      return;
    case 'state':
      items.push({ kind: 'state', key: entry.seq, entry });
  }
}

/** What is there already is replaced where it stands, so that the order of a timeline is the order of beginnings. */
function place(
  items: TimelineItem[],
  make: (key: number) => TimelineItem,
  seq: number,
  isSame: (item: TimelineItem) => boolean,
): void {
  const index = items.findLastIndex(isSame);
  const found = items[index];
  if (found) items[index] = make(found.key);
  else items.push(make(seq));
}

export interface EntryReader {
  /** The whole entries of the next piece of the stream, cut anywhere. */
  push(text: string): TimelineEntry[];
  /** Lines that were no entry: shown as a number, never guessed at. */
  readonly unreadable: number;
}

const KINDS = new Set(['user', 'message', 'thought', 'tool', 'plan', 'permission', 'file', 'state']);
const LONGEST_LINE = 8_388_608;

export function createEntryReader(): EntryReader {
  let partial = '';
  let unreadable = 0;
  return {
    get unreadable() {
      return unreadable;
    },
    push(text) {
      const lines = (partial + text).split('\n');
      partial = lines.pop() ?? '';
      if (partial.length > LONGEST_LINE) {
        partial = '';
        unreadable += 1;
      }
      return lines.flatMap((line) => {
        if (line.trim() === '') return [];
        const entry = readEntry(line);
        if (!entry) unreadable += 1;
        return entry ? [entry] : [];
      });
    },
  };
}

function readEntry(line: string): TimelineEntry | null {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return null;
    const { seq, kind } = value as { seq?: unknown; kind?: unknown };
    // The host wrote the line from its own schema; this only keeps a damaged line from reaching the screen.
    return Number.isInteger(seq) && typeof kind === 'string' && KINDS.has(kind)
      ? (value as TimelineEntry)
      : null;
  } catch {
    return null;
  }
}
