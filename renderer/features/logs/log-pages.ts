import type { HostClient } from '../../../contract/client.ts';
import type { OutputOf } from '../../../contract/commands.ts';
import type { WireError } from '../../../contract/errors.ts';
import type { LogExtent, LogLine } from '../../../contract/process-logs.ts';

export type Streams = 'both' | 'stdout' | 'stderr';
type Answer = OutputOf<'supervisor.readLines'>;

/** Lines of one page: more than a window shows. */
const PAGE = 200;
const MAX_PAGES = 64;
const MAX_ASKED = 3;
const WAIT_MS = 20_000;

export interface LogPages {
  /** null until the first answer. */
  extent(): LogExtent | null;
  error(): WireError | null;
  line(number: number): LogLine | undefined;
  /** Asks for what is missing of `[from, to)`. */
  want(from: number, to: number): void;
  /** With it the newest lines come along with every look; without it only their number. */
  setFollowing(following: boolean): void;
  /** Goes on after an error; what was read stays. */
  again(): void;
  close(): void;
}

export interface LogPagesDeps {
  readonly client: Pick<HostClient, 'call'>;
  readonly changed: () => void;
  /** Between two looks at what is new. @param following the newest lines are on the screen */
  readonly pause: (following: boolean) => Promise<void>;
}

/**
 * The lines of a log that are looked at, fetched by their numbers, and a few more: however long the log is, memory
 * holds 64 pages of 200 lines. What is new is asked for once the answer before is on the screen, so a log that grows
 * faster than it can be drawn is skipped through, never queued.
 */
export function createLogPages(name: string, streams: Streams, deps: LogPagesDeps): LogPages {
  const pages = new Map<number, Map<number, LogLine>>();
  const asked = new Set<number>();
  let extent: LogExtent | null = null;
  let error: WireError | null = null;
  let following = true;
  let closed = false;
  let isLooking = false;
  let lookAgain = false;
  const ask = (input: Parameters<typeof readLines>[1]) => readLines(deps.client, { ...input, name, streams });

  function take(answer: Answer): void {
    const { epoch, first, end, runStart, lines } = answer;
    if (extent && extent.epoch !== epoch) pages.clear();
    if (!extent || extent.epoch !== epoch || end >= extent.end) extent = { epoch, first, end, runStart };
    for (const line of lines) {
      const page = Math.floor(line.number / PAGE);
      const held = pages.get(page) ?? new Map<number, LogLine>();
      pages.delete(page);
      pages.set(page, held.set(line.number, line));
    }
    for (const page of pages.keys()) {
      if (pages.size <= MAX_PAGES) break;
      pages.delete(page);
    }
    error = null;
  }

  /** A long answer holds fewer lines than it was asked for: the rest is asked for when it is looked at. */
  async function fetchFrom(page: number, from: number): Promise<void> {
    asked.add(page);
    const answer = await ask({ from, count: (page + 1) * PAGE - from });
    asked.delete(page);
    if (closed) return;
    if (answer.ok) take(answer.value);
    else error = answer.error;
    deps.changed();
  }

  const isClosed = () => closed;
  async function look(): Promise<void> {
    const tail = () => (following ? { from: -PAGE, count: PAGE } : { from: -1, count: 0 });
    for (let first = true; !isClosed(); first = false) {
      const known: LogExtent | null = extent;
      const wait = known && !first ? { epoch: known.epoch, end: known.end, ms: WAIT_MS } : undefined;
      const answer = await ask({ ...tail(), ...(wait && { wait }) });
      if (isClosed()) return;
      if (!answer.ok) {
        error = answer.error;
        deps.changed();
        return;
      }
      take(answer.value);
      deps.changed();
      await deps.pause(following);
    }
  }
  const mustLookAgain = () => lookAgain && !closed;
  async function keepLooking(): Promise<void> {
    isLooking = true;
    do {
      lookAgain = false;
      await look();
    } while (mustLookAgain());
    isLooking = false;
  }
  void keepLooking();

  return {
    extent: () => extent,
    error: () => error,
    line: (number) => pages.get(Math.floor(number / PAGE))?.get(number),
    want(from, to) {
      const { first = 0, end = 0 } = extent ?? {};
      const until = Math.min(to, end);
      for (let number = Math.max(from, first); number < until; number += 1) {
        const page = Math.floor(number / PAGE);
        if (asked.has(page) || asked.size >= MAX_ASKED) number = (page + 1) * PAGE - 1;
        else if (!pages.get(page)?.has(number)) {
          void fetchFrom(page, number);
          number = (page + 1) * PAGE - 1;
        }
      }
    },
    setFollowing(next) {
      following = next;
    },
    again() {
      error = null;
      lookAgain = true;
      if (!isLooking && !closed) void keepLooking();
    },
    close() {
      closed = true;
    },
  };
}

function readLines(
  client: Pick<HostClient, 'call'>,
  input: Omit<Parameters<typeof client.call<'supervisor.readLines'>>[1], 'name'> & { name?: string },
) {
  return client.call('supervisor.readLines', { name: '', ...input });
}
