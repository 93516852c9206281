import type { TimelineEntry } from '../../../contract/sessions.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import { cutPoint, isOpen } from './message-buffer.ts';

const FLUSH_MS = 100;
/** Agents that stop for so long in the middle of a word are rare. */
const PATIENCE_MS = 1000;
/** Longer than what a secret is told by. */
const CONTEXT = 1024;
/** So many words of something that is open may stand behind what is shown. */
const MAX_TRIES = 32;
const MAX_TEXT = 65_536;
const MAX_TITLE = 2048;
const MAX_PATH = 4096;
/** What a timeline may grow to, in bytes. */
export const MAX_TIMELINE_BYTES = 64 * 1024 * 1024;

type WithoutPlace<T> = T extends unknown ? Omit<T, 'seq' | 'at'> : never;
/** An entry before it has a place in the timeline. */
export type NewTimelineEntry = WithoutPlace<TimelineEntry>;

/** The outbound gate: what is written has passed it. */
export interface TimelineGate {
  sanitize(text: string): string;
  /** Only `[from, to)` of a text, judged by the whole of it. */
  part(text: string, from: number, to: number): string;
  /**
   * Whether a text that goes on may be shown to its end.
   * @param patient it has not grown for a while: only what looks like the beginning of a secret waits on
   */
  settled(text: string, patient: boolean): boolean;
}

interface Held {
  readonly kind: 'message' | 'thought';
  /** The end of what was written of this message: what follows is judged together with it. */
  readonly before: string;
  readonly text: string;
}

export interface LiveTimeline {
  /** @param at when it happened, in milliseconds, if that was not now: such an entry is whole and is not joined. */
  append(entry: NewTimelineEntry, at?: number): void;
  /** Writes what is held back of a message. */
  flush(): void;
}

/**
 * Numbers entries and joins the chunks of a message: agents send a few letters at a time, a reader wants paragraphs.
 * Held text is written after 100 ms, but for a last word that is not plain, which waits for a second; and whole when
 * anything else comes. Until then what looks like the beginning of a secret stays.
 */
export function createLiveTimeline(deps: {
  clock: Clock;
  gate: TimelineGate;
  write: (entry: TimelineEntry) => number;
  /** What is there already: the timeline goes on behind it. */
  from?: { readonly lastSeq: number; readonly bytes: number };
  maxBytes?: number;
}): LiveTimeline {
  const { clock, gate, write, from = { lastSeq: -1, bytes: 0 }, maxBytes = MAX_TIMELINE_BYTES } = deps;
  let seq = from.lastSeq + 1;
  let { bytes } = from;
  // One that was full when it was last written to says so already.
  let full = bytes > maxBytes;
  let held: Held | null = null;
  let cancelTimer: (() => void) | null = null;
  let isPatient = false;

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
    const written = write({ ...clean(entry, gate.sanitize), seq, at: instant(time) });
    // What could not be written leaves no gap in the numbers.
    if (written > 0) seq += 1;
    bytes += written;
  }

  /** Writes the first `length` characters of what is held. */
  function release({ kind, before, text }: Held, length: number): Held {
    if (length === 0) return { kind, before, text };
    const whole = before + text.slice(0, length);
    put({ kind, text: gate.part(whole, before.length, whole.length) });
    return { kind, before: whole.slice(-CONTEXT), text: text.slice(length) };
  }

  function wait(ms: number, patient: boolean): void {
    cancelTimer?.();
    isPatient = patient;
    cancelTimer = clock.after(ms, () => flushPart(patient));
  }

  function flush(): void {
    cancelTimer?.();
    cancelTimer = null;
    if (held) release(held, held.text.length);
    held = null;
  }

  function flushPart(patient: boolean): void {
    cancelTimer = null;
    if (!held) return;
    held = release(held, showable(held, patient));
    if (held.text !== '' && !patient) wait(PATIENCE_MS, true);
  }

  /** How much of what is held may be written while the message goes on. */
  function showable({ before, text }: Held, patient: boolean): number {
    if (!isOpen(text) && gate.settled(before + text, patient)) return text.length;
    let cut = cutPoint(text);
    for (let tries = 0; tries < MAX_TRIES && cut > 0 && text.length <= MAX_TEXT; tries += 1) {
      if (gate.settled(before + text.slice(0, cut), patient)) break;
      cut = cutPoint(text.slice(0, cut).trimEnd());
    }
    return cut;
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
      held = { kind: entry.kind, before: held?.before ?? '', text: (held?.text ?? '') + entry.text };
      if (held.text.length > MAX_TEXT) flushPart(false);
      if (cancelTimer === null || isPatient) wait(FLUSH_MS, false);
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
