import type { TimelineEntry } from '../../../contract/sessions.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import { cutPoint } from './message-buffer.ts';

const FLUSH_MS = 100;
const MAX_TEXT = 65_536;
const MAX_TITLE = 2048;
const MAX_PATH = 4096;
/** What a timeline may grow to, in bytes. */
export const MAX_TIMELINE_BYTES = 64 * 1024 * 1024;

type WithoutPlace<T> = T extends unknown ? Omit<T, 'seq' | 'at'> : never;
/** An entry before it has a place in the timeline. */
export type NewTimelineEntry = WithoutPlace<TimelineEntry>;

export interface LiveTimeline {
  /** @param at when it happened, in milliseconds, if that was not now: such an entry is whole and is not joined. */
  append(entry: NewTimelineEntry, at?: number): void;
  /** Writes what is held back of a message. */
  flush(): void;
}

/**
 * Numbers entries and joins the chunks of a message: agents send a few letters at a time, a reader wants paragraphs.
 * Held text is written after 100 ms up to the last white space, and whole when anything else comes.
 */
export function createLiveTimeline(deps: {
  clock: Clock;
  sanitize: (text: string) => string;
  write: (entry: TimelineEntry) => number;
  /** What is there already: the timeline goes on behind it. */
  from?: { readonly lastSeq: number; readonly bytes: number };
  maxBytes?: number;
}): LiveTimeline {
  const { clock, sanitize, write, from = { lastSeq: -1, bytes: 0 }, maxBytes = MAX_TIMELINE_BYTES } = deps;
  let seq = from.lastSeq + 1;
  let { bytes } = from;
  // One that was full when it was last written to says so already.
  let full = bytes > maxBytes;
  let held: { kind: 'message' | 'thought'; text: string } | null = null;
  let cancelTimer: (() => void) | null = null;

  function put(entry: NewTimelineEntry, time = clock.now()): void {
    if (full) return;
    writeOne(entry, time);
    full = bytes > maxBytes;
    if (!full) return;
    const size = `${Math.round(maxBytes / 1024)} KiB`;
    writeOne(
      { kind: 'state', state: 'truncated', detail: `the timeline reached ${size}; nothing more is kept` },
      time,
    );
  }

  function writeOne(entry: NewTimelineEntry, time: number): void {
    const written = write({ ...clean(entry, sanitize), seq, at: instant(time) });
    // What could not be written leaves no gap in the numbers.
    if (written > 0) seq += 1;
    bytes += written;
  }

  function release(text: string): void {
    if (held && text !== '') put({ kind: held.kind, text });
  }

  function flush(): void {
    cancelTimer?.();
    cancelTimer = null;
    release(held?.text ?? '');
    held = null;
  }

  function flushPart(): void {
    cancelTimer = null;
    if (!held) return;
    const cut = cutPoint(held.text);
    release(held.text.slice(0, cut));
    held = { kind: held.kind, text: held.text.slice(cut) };
  }

  return {
    flush,
    append(entry, at) {
      if (at !== undefined || (entry.kind !== 'message' && entry.kind !== 'thought')) {
        flush();
        put(entry, at);
        return;
      }
      if (held && held.kind !== entry.kind) flush();
      held = { kind: entry.kind, text: (held?.text ?? '') + entry.text };
      if (held.text.length > MAX_TEXT) flushPart();
      cancelTimer ??= clock.after(FLUSH_MS, flushPart);
    },
  };
}

/** Every text of an entry, redacted and of bounded length. */
export function clean(entry: NewTimelineEntry, sanitize: (text: string) => string): NewTimelineEntry {
  const text = (value: string) => {
    const safe = sanitize(value);
    return safe.length > MAX_TEXT ? `${safe.slice(0, MAX_TEXT)}\n… cut here` : safe;
  };
  const short = (value: string, most: number) => sanitize(value).slice(0, most);
  switch (entry.kind) {
    case 'user':
    case 'message':
    case 'thought':
      return { ...entry, text: text(entry.text) };
    case 'tool':
      return {
        ...entry,
        title: short(entry.title, MAX_TITLE),
        output: text(entry.output),
        paths: entry.paths.slice(0, 256).map((path) => short(path, MAX_PATH)),
      };
    case 'plan':
      return {
        ...entry,
        entries: entry.entries.map((step) => ({ ...step, text: short(step.text, 2048) })),
      };
    case 'permission':
      return { ...entry, title: short(entry.title, MAX_TITLE) };
    case 'file':
      return { ...entry, path: short(entry.path, MAX_PATH), diff: text(entry.diff) };
    case 'state':
      return { ...entry, detail: text(entry.detail) };
  }
}
