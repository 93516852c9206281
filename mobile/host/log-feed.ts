import type { Schedule } from '../../contract/channel/channel-handshake.ts';
import type { OutputOf } from '../../contract/commands.ts';
import type { HostLink } from './host-link.ts';
import { appended, endOf, firstOf, NO_LINES, prepended, withExtent } from './log-lines.ts';
import type { LogFeed, LogView, LogWanted } from './process-views.ts';

/** Lines that are asked for at once. */
export const PAGE = 200;
/** Lines that a phone holds; the others stay on the host. */
const MOST_LINES = 3000;
/** How long the host waits for news before it answers that there is none, milliseconds. */
const WAIT = 10_000;
/** Between an answer and the next question: a log that grows faster than that is skipped through, never queued. */
const LOOK_AGAIN = 250;

type Page = OutputOf<'supervisor.readLines'>;

export interface LogFeedDeps {
  readonly link: Pick<HostLink, 'call'>;
  readonly schedule: Schedule;
  /** What is said when the host does not answer. */
  readonly unknown: string;
  readonly changed: (view: LogView) => void;
}

/**
 * The lines of a log around where somebody looks, and what is written meanwhile: shown as it comes while it is followed,
 * else only counted. Lines are as the host gives them out, redacted there.
 */
export function openLogFeed(wanted: LogWanted, deps: LogFeedDeps): LogFeed {
  const { name, streams, line } = wanted;
  const { changed, link, schedule, unknown } = deps;
  let held = NO_LINES;
  let state: LogView['state'] = 'loading';
  let why = '';
  let following = line === undefined;
  let over = false;
  let busy = false;
  /** Which course of questions is the one that counts. */
  let course = 0;
  let cancel = (): void => undefined;

  function tell(): void {
    if (over) return;
    const end = held.extent?.end ?? 0;
    const hasLines = held.lines.length > 0;
    changed({
      ...{ state, why, following, lines: held.lines },
      hasEarlier: hasLines && firstOf(held) > (held.extent?.first ?? 0),
      newer: hasLines ? Math.max(0, end - endOf(held)) : end,
    });
  }

  async function ask(input: {
    from: number;
    count: number;
    wait?: { epoch: string; end: number; ms: number };
  }): Promise<Page | undefined> {
    const answer = await link.call('supervisor.readLines', { name, streams, ...input });
    if (over) return undefined;
    if (answer.kind === 'done') {
      held = withExtent(held, answer.value);
      why = '';
      return answer.value;
    }
    state = 'failed';
    why = answer.kind === 'refused' ? answer.why : unknown;
    return undefined;
  }

  /** The newest lines: those that are missing where that is few, else only the last page. */
  function tail(): { from: number; count: number } {
    const { epoch, end = 0 } = held.extent ?? {};
    const mine = endOf(held);
    if (epoch === undefined || mine < 0 || end - mine > PAGE) return { from: -PAGE, count: PAGE };
    // The last line again: it may not have ended yet.
    return { from: Math.max(0, mine - 1), count: PAGE };
  }

  /** Whether the host has newer lines than those that are held. */
  function isMissing(): boolean {
    const { end = 0, first = 0 } = held.extent ?? {};
    return held.lines.length > 0 ? endOf(held) < end : first < end;
  }

  async function look(mine: number): Promise<void> {
    const { extent } = held;
    const isBehind = following && isMissing();
    const wait = extent && !isBehind ? { wait: { epoch: extent.epoch, end: extent.end, ms: WAIT } } : {};
    const page = await ask({ ...(following ? tail() : { from: -1, count: 0 }), ...wait });
    if (over || mine !== course) return;
    if (page) {
      state = 'ready';
      if (following) held = appended(held, page.lines, MOST_LINES);
      cancel = schedule(LOOK_AGAIN, () => void look(mine));
    }
    tell();
  }

  /** Begins a course of looks; the one before is of no interest any more. */
  function watch(): void {
    cancel();
    course += 1;
    void look(course);
  }

  async function openAt(number: number): Promise<void> {
    const page = await ask({ from: Math.max(0, number - PAGE / 2), count: PAGE });
    if (over || following) return;
    if (page) {
      held = { ...held, lines: page.lines };
      state = 'ready';
      watch();
    }
    tell();
  }

  /** One question at a time for lines that somebody wants to see beside those that are held. */
  async function more(from: number, count: number, take: (page: Page) => void): Promise<void> {
    if (busy || count <= 0) return;
    busy = true;
    const { epoch } = held.extent ?? {};
    const page = await ask({ from, count });
    busy = false;
    if (page && page.epoch === epoch) take(page);
    tell();
  }

  /** A page whose lines are long comes in parts: the part next to what is held is the one that counts. */
  async function earlier(): Promise<void> {
    const end = firstOf(held);
    following = false;
    for (const count of [PAGE, 20, 1]) {
      const from = Math.max(held.extent?.first ?? 0, end - count);
      await more(from, end - from, ({ lines }) => (held = prepended(held, lines, MOST_LINES)));
      if (over || firstOf(held) < end || state === 'failed') return;
    }
  }

  /** To the end at once: the look that goes on may wait for news for long. */
  async function catchUp(): Promise<void> {
    const page = await ask(tail());
    if (over || !following) return;
    if (page) held = appended(held, page.lines, MOST_LINES);
    tell();
  }

  function resume(): void {
    state = held.lines.length > 0 ? 'ready' : 'loading';
    why = '';
    tell();
    if (line !== undefined && !following && held.lines.length === 0) void openAt(line);
    else watch();
  }

  if (line === undefined) watch();
  else void openAt(line);

  return {
    earlier: () => void earlier(),
    later() {
      const from = endOf(held);
      void more(from, from < 0 ? 0 : PAGE, ({ lines }) => (held = appended(held, lines, MOST_LINES)));
    },
    pause() {
      following = false;
      tell();
    },
    follow() {
      following = true;
      tell();
      if (state === 'failed') resume();
      else void catchUp();
    },
    again() {
      if (state === 'failed') resume();
    },
    close() {
      over = true;
      cancel();
    },
  };
}
