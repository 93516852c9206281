import { TimelineEntry } from '../../contract/sessions.ts';
import type { SessionId } from '../../contract/ids.ts';
import type { OutputOf } from '../../contract/commands.ts';
import type { HostLink } from './host-link.ts';
import { fold, nothingFolded } from './timeline-fold.ts';
import type { TimelineFeed, TimelineView } from './task-views.ts';

/** Entries that are asked for at once. */
const PAGE = 200;
/** So much of the end of a timeline is followed, to join the page that was read without a gap. */
const TAIL = 131_072;
/** A line longer than this is not one of the host's. */
const LONGEST_LINE = 8_388_608;
/** Entries that a phone keeps; what is older stays on the host. */
const MOST_ENTRIES = 4000;

type Page = OutputOf<'sessions.timeline'>;

/** Reads lines in pieces that end anywhere; those that are not entries are counted, not guessed at. */
export function createLineReader(): { push(text: string): TimelineEntry[]; readonly unreadable: number } {
  let rest = '';
  let unreadable = 0;
  function read(line: string): TimelineEntry[] {
    try {
      return [TimelineEntry.parse(JSON.parse(line))];
    } catch {
      unreadable += 1;
      return [];
    }
  }
  return {
    get unreadable() {
      return unreadable;
    },
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) rest = '';
      return lines.flatMap((line) => (line === '' ? [] : read(line)));
    },
  };
}

/**
 * The newest entries of a timeline, then what is added, as it is added; earlier ones when they are asked for. A long
 * timeline costs no more than a short one.
 * @param unknown what is said when the host does not answer
 */
export function openTimelineFeed(
  link: Pick<HostLink, 'call' | 'follow'>,
  sessionId: SessionId,
  unknown: string,
  changed: (view: TimelineView) => void,
): TimelineFeed {
  let entries: readonly TimelineEntry[] = [];
  let folded = nothingFolded;
  let tail: TimelineEntry[] = [];
  let epoch = '';
  let state: TimelineView['state'] = 'loading';
  let why = '';
  let more = false;
  let unreadable = 0;
  let asking = false;
  let over = false;
  let isFirstLine = true;
  /** The newest page is on its way: what is heard meanwhile is held. */
  let filling = true;
  let reader = createLineReader();

  const leave = link.follow({ kind: 'timeline', sessionId }, heard, -TAIL);
  void begin();

  function tell(): void {
    if (!over) changed({ state, why, items: folded.items, more, unreadable });
  }

  /** The tail may begin in the middle of a line: that line is in the page that was read, or in one before. */
  function heard({ offset, text }: { offset: number; text: string }): void {
    let whole = text;
    if (isFirstLine && offset > 0) {
      const end = text.indexOf('\n');
      if (end < 0) return;
      whole = text.slice(end + 1);
    }
    isFirstLine = false;
    const before = reader.unreadable;
    const fresh = reader.push(whole);
    unreadable += reader.unreadable - before;
    if (filling) tail = [...tail, ...fresh].slice(-MOST_ENTRIES);
    else append(fresh);
  }

  function append(fresh: readonly TimelineEntry[]): void {
    const next = fresh.filter(({ seq }) => seq > folded.lastSeq);
    const [first] = next;
    if (!first) return;
    // More was written between the page and the tail than the tail holds.
    if (folded.lastSeq >= 0 && first.seq > folded.lastSeq + 1) {
      tail = next;
      void begin();
      return;
    }
    entries = [...entries, ...next];
    folded = fold(folded, next);
    if (entries.length > MOST_ENTRIES) replace(entries.slice(-MOST_ENTRIES / 2), true);
    tell();
  }

  function replace(all: readonly TimelineEntry[], hasMore: boolean): void {
    entries = all;
    folded = fold(nothingFolded, all);
    more = hasMore;
  }

  async function ask(
    from: { newest: true } | { epoch: string; beforeSeq: number },
  ): Promise<Page | undefined> {
    const answer = await link.call('sessions.timeline', { sessionId, limit: PAGE, ...from });
    if (over) return undefined;
    if (answer.kind === 'done') return answer.value;
    state = 'failed';
    why = answer.kind === 'refused' ? answer.why : unknown;
    tell();
    return undefined;
  }

  async function begin(): Promise<void> {
    filling = true;
    const page = await ask({ newest: true });
    if (!page) return;
    filling = false;
    ({ epoch } = page);
    unreadable = page.unreadable;
    replace(page.entries, page.more);
    state = 'ready';
    why = '';
    const held = tail;
    tail = [];
    const last = folded.lastSeq;
    append(held.filter(({ seq }) => seq > last));
    tell();
  }

  async function earlier(): Promise<void> {
    const { firstSeq } = folded;
    if (!more || firstSeq < 0 || asking) return;
    asking = true;
    const page = await ask({ epoch, beforeSeq: firstSeq });
    asking = false;
    // The timeline was read anew in the meantime: this page belongs before another one.
    if (!page || folded.firstSeq !== firstSeq) return;
    // Numbers from before belong to another timeline now.
    if (page.reset) {
      reader = createLineReader();
      ({ epoch } = page);
      replace(page.entries, page.more);
    } else replace([...page.entries, ...entries], page.more);
    state = 'ready';
    unreadable += page.unreadable;
    tell();
  }

  return {
    earlier: () => void earlier(),
    again() {
      if (state !== 'failed') return;
      state = folded.items.length > 0 ? 'ready' : 'loading';
      why = '';
      tell();
      void begin();
    },
    close() {
      over = true;
      leave();
    },
  };
}
