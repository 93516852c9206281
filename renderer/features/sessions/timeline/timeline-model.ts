import type { TimelineEntry } from '../../../../contract/sessions.ts';

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
  /** Sequence numbers of the oldest and the newest entry; -1 before the first. */
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Where tool calls, questions and the plan of this turn stand, so that what comes later finds them at once. */
  readonly places: ReadonlyMap<string, number>;
}

export const emptyTimeline: Timeline = { items: [], firstSeq: -1, lastSeq: -1, places: new Map() };

/** Folds entries in; one that was seen already (a stream that was opened again) changes nothing. */
export function foldEntries(timeline: Timeline, entries: readonly TimelineEntry[]): Timeline {
  const fresh = entries.filter(({ seq }) => seq > timeline.lastSeq);
  if (fresh.length === 0) return timeline;
  const items = [...timeline.items];
  const places = new Map(timeline.places);
  let { lastSeq } = timeline;
  for (const entry of fresh) {
    if (entry.seq <= lastSeq) continue;
    lastSeq = entry.seq;
    foldOne(items, places, entry);
  }
  const firstSeq = timeline.firstSeq < 0 ? (fresh[0]?.seq ?? -1) : timeline.firstSeq;
  return { items, places, firstSeq, lastSeq };
}

function foldOne(items: TimelineItem[], places: Map<string, number>, entry: TimelineEntry): void {
  const put = (name: string, make: (key: number) => TimelineItem): void => {
    const index = places.get(name);
    const found = index === undefined ? undefined : items[index];
    // What is there already is replaced where it stands: the order of a timeline is the order of beginnings.
    if (found && index !== undefined) items[index] = make(found.key);
    else places.set(name, items.push(make(entry.seq)) - 1);
  };
  switch (entry.kind) {
    case 'user':
      // Another turn: its plan is another one.
      places.delete(PLAN);
      items.push({ kind: 'speech', who: 'user', key: entry.seq, at: entry.at, text: entry.text });
      return;
    case 'message':
    case 'thought': {
      const last = items.at(-1);
      if (last?.kind === 'speech' && last.who === entry.kind)
        items[items.length - 1] = { ...last, text: last.text + entry.text };
      else items.push({ kind: 'speech', who: entry.kind, key: entry.seq, at: entry.at, text: entry.text });
      return;
    }
    case 'tool':
      return put(`tool ${entry.toolCallId}`, (key) => ({ kind: 'tool', key, entry }));
    case 'plan':
      return put(PLAN, (key) => ({ kind: 'plan', key, entry }));
    case 'permission':
      return put(`permission ${entry.approvalId}`, (key) => ({ kind: 'permission', key, entry }));
    case 'file':
      items.push({ kind: 'file', key: entry.seq, entry });
      return;
    case 'state':
      items.push({ kind: 'state', key: entry.seq, entry });
  }
}

const PLAN = 'plan';

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
