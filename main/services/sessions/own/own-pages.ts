import { sep } from 'node:path';
import type { Session, TimelineEntry } from '../../../../contract/sessions.ts';
import { instant } from '../../../kernel/ports.ts';
import { clean, type NewTimelineEntry } from '../live-timeline.ts';
import type { PageAsk, TimelinePage } from '../timeline-page.ts';
import type { Backend, Found, NumberedEntry } from './backend.ts';

const PAGE_BYTES = 512 * 1024;

/** An agent's own session that a person may see, and where it lies. */
export interface OwnSession {
  readonly session: Session;
  /** The folder of its workspace. */
  readonly root: string;
  readonly found: Found;
  readonly backend: Backend;
}

/** A page of an agent's own session, every text redacted and cut like one of ours. */
export async function pageOfOwn(
  own: OwnSession,
  { from, seq, limit }: PageAsk,
  sanitize: (text: string) => string,
): Promise<TimelinePage & { epoch: string }> {
  const { backend, found } = own;
  const length = await backend.length(found);
  const end = from === 'before' ? Math.min(seq ?? length, length) : Number.POSITIVE_INFINITY;
  const start = from === 'before' ? Math.max(0, end - limit) : seq + 1;
  let unreadable = 0;
  const read: TimelineEntry[] = [];
  for await (const one of backend.entries(found, start, () => (unreadable += 1))) {
    if (one.seq >= end || read.length > limit) break;
    read.push(entryOf(own, one, sanitize));
  }
  const wanted = read.slice(0, limit);
  const fitting = withinBytes(from === 'before' ? wanted.toReversed() : wanted);
  const isMore = from === 'before' ? start > 0 : read.length > limit;
  return {
    entries: from === 'before' ? fitting.toReversed() : fitting,
    more: isMore || fitting.length < wanted.length,
    unreadable,
    epoch: await backend.epoch(found),
  };
}

/** Hands on all entries of a session, with their times. */
export async function copyOwn(
  own: OwnSession,
  append: (entry: NewTimelineEntry, at?: number) => void,
): Promise<void> {
  let damaged = 0;
  for await (const { entry, at } of own.backend.entries(own.found, 0, () => (damaged += 1)))
    append(within(own, entry), at ?? Date.parse(own.session.createdAt));
  if (damaged > 0)
    append({ kind: 'state', state: 'unreadable', detail: `${damaged} lines could not be read` });
}

function entryOf(own: OwnSession, one: NumberedEntry, sanitize: (text: string) => string): TimelineEntry {
  const at = one.at === null ? own.session.createdAt : instant(one.at);
  return { ...clean(within(own, one.entry), sanitize), seq: one.seq, at };
}

/**
 * As tasks of this host write it: paths relative to the workspace where they lie in it, and a message ends with a
 * paragraph, for a timeline joins the messages that follow each other.
 */
function within({ root }: OwnSession, entry: NewTimelineEntry): NewTimelineEntry {
  if (entry.kind === 'message' || entry.kind === 'thought')
    return { ...entry, text: `${entry.text.trimEnd()}\n\n` };
  const shorter = (path: string) => (path.startsWith(`${root}${sep}`) ? path.slice(root.length + 1) : path);
  if (entry.kind === 'file') return { ...entry, path: shorter(entry.path) };
  return entry.kind === 'tool' ? { ...entry, paths: entry.paths.map(shorter) } : entry;
}

function withinBytes(entries: readonly TimelineEntry[]): TimelineEntry[] {
  let bytes = 0;
  const stop = entries.findIndex((entry, at) => {
    bytes += JSON.stringify(entry).length;
    return at > 0 && bytes > PAGE_BYTES;
  });
  return stop < 0 ? [...entries] : entries.slice(0, stop);
}
