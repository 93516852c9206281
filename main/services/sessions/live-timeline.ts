import type { TimelineEntry } from '../../../contract/sessions.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import { cutPoint } from './message-buffer.ts';

const FLUSH_MS = 100;
const MAX_TEXT = 65_536;
const MAX_FILE_BYTES = 64 * 1024 * 1024;

type WithoutPlace<T> = T extends unknown ? Omit<T, 'seq' | 'at'> : never;
/** An entry before it has a place in the timeline. */
export type NewTimelineEntry = WithoutPlace<TimelineEntry>;

export interface LiveTimeline {
  append(entry: NewTimelineEntry): void;
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
}): LiveTimeline {
  const { clock, sanitize, write } = deps;
  let seq = 0;
  let bytes = 0;
  let full = false;
  let held: { kind: 'message' | 'thought'; text: string } | null = null;
  let cancelTimer: (() => void) | null = null;

  function put(entry: NewTimelineEntry): void {
    if (full) return;
    if (bytes > MAX_FILE_BYTES) {
      full = true;
      entry = {
        kind: 'state',
        state: 'truncated',
        detail: 'the timeline reached 64 MiB; nothing more is kept',
      };
    }
    const place = { seq: seq++, at: instant(clock.now()) };
    bytes += write({ ...clean(entry, sanitize), ...place });
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
    append(entry) {
      if (entry.kind !== 'message' && entry.kind !== 'thought') {
        flush();
        put(entry);
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
function clean(entry: NewTimelineEntry, sanitize: (text: string) => string): NewTimelineEntry {
  const text = (value: string) => {
    const safe = sanitize(value);
    return safe.length > MAX_TEXT ? `${safe.slice(0, MAX_TEXT)}\n… cut here` : safe;
  };
  switch (entry.kind) {
    case 'user':
    case 'message':
    case 'thought':
      return { ...entry, text: text(entry.text) };
    case 'tool':
      return {
        ...entry,
        title: text(entry.title),
        output: text(entry.output),
        paths: entry.paths.slice(0, 256).map(text),
      };
    case 'plan':
      return {
        ...entry,
        entries: entry.entries.map((step) => ({ ...step, text: text(step.text).slice(0, 2048) })),
      };
    case 'permission':
      return { ...entry, title: text(entry.title) };
    case 'file':
      return { ...entry, path: text(entry.path), diff: text(entry.diff) };
    case 'state':
      return { ...entry, detail: text(entry.detail) };
  }
}
