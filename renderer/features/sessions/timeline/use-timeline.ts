import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WireError } from '../../../../contract/errors.ts';
import type { SessionId } from '../../../../contract/ids.ts';
import type { TimelineEntry } from '../../../../contract/sessions.ts';
import { useFollow } from '../../../host/use-follow.ts';
import { useHost, useHostState, useOnline } from '../../../host/use-host.tsx';
import { createEntryReader, emptyTimeline, foldEntries, type Timeline } from './timeline-model.ts';

const PAGE = 500;
/** As many as the host gives at once: whoever goes back or searches wants them all. */
const OLDER = 1000;
const OVERLAP_BYTES = 65_536;

export interface TimelineFeed {
  readonly timeline: Timeline;
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: WireError | null;
  /** There are older entries that are not loaded yet. */
  readonly hasOlder: boolean;
  readonly loadingOlder: boolean;
  /** Damaged lines that were left out. */
  readonly unreadable: number;
  /** One page more; false when there is none, or it could not be had. */
  loadOlder(): Promise<boolean>;
  /** Loads the newest page again. */
  again(): void;
}

interface Held {
  readonly epoch: string;
  readonly entries: readonly TimelineEntry[];
  readonly timeline: Timeline;
  readonly hasOlder: boolean;
  readonly unreadable: number;
}

const NOTHING: Held = { epoch: '', entries: [], timeline: emptyTimeline, hasOlder: false, unreadable: 0 };

/**
 * A timeline from its newest page on: older pages when they are asked for, and what is appended as it happens. A change
 * of the epoch, or a piece that does not go on where the last one ended, makes it begin again.
 */
export function useTimeline(sessionId: SessionId): TimelineFeed {
  const { client } = useHost();
  const online = useOnline();
  const liveEpoch = useHostState((state) => state.sessions[sessionId]?.epoch ?? '');
  const [held, setHeld] = useState<Held>(NOTHING);
  const [state, setState] = useState<TimelineFeed['state']>('loading');
  const [error, setError] = useState<WireError | null>(null);
  const [loadingOlder, setLoadingOlder] = useState(false);
  const [round, setRound] = useState(0);
  // What is held, ahead of what is drawn: the next page is asked for before this one is on the screen.
  const latest = useRef(held);
  const change = useCallback((next: (before: Held) => Held) => {
    latest.current = next(latest.current);
    setHeld(latest.current);
  }, []);
  const asking = useRef<Promise<boolean> | null>(null);
  const again = useCallback(() => setRound((before) => before + 1), []);

  useEffect(() => {
    if (!online) return;
    let wanted = true;
    void client.call('sessions.timeline', { sessionId, newest: true, limit: PAGE }).then((result) => {
      if (!wanted) return;
      setState(result.ok ? 'ready' : 'failed');
      setError(result.ok ? null : result.error);
      if (!result.ok) return;
      const { entries, more, epoch, unreadable } = result.value;
      const timeline = foldEntries(emptyTimeline, entries);
      change(() => ({ epoch, entries, hasOlder: more, unreadable, timeline }));
    });
    return () => {
      wanted = false;
    };
  }, [client, sessionId, online, round, liveEpoch, change]);

  const append = useCallback(
    (fresh: readonly TimelineEntry[]) => {
      const { timeline } = latest.current;
      const next = fresh.find(({ seq }) => seq > timeline.lastSeq);
      if (!next) return;
      // Something in between was missed: reading the newest page again is the quickest way to all of it.
      if (next.seq > timeline.lastSeq + 1) return again();
      change((before) => ({
        ...before,
        entries: [...before.entries, ...fresh.filter(({ seq }) => seq > before.timeline.lastSeq)],
        timeline: foldEntries(before.timeline, fresh),
      }));
    },
    [again, change],
  );
  useLive(state === 'ready' ? sessionId : null, append);

  const askOlder = useCallback(async (): Promise<boolean> => {
    const { entries, epoch, hasOlder } = latest.current;
    const beforeSeq = entries[0]?.seq;
    if (!hasOlder || beforeSeq === undefined) return false;
    const result = await client.call('sessions.timeline', { sessionId, epoch, beforeSeq, limit: OLDER });
    if (!result.ok) {
      setError(result.error);
      return false;
    }
    if (result.value.reset) {
      again();
      return false;
    }
    const older = result.value;
    change((before) => {
      // It began again meanwhile: this page belongs to what is gone.
      if (before.epoch !== epoch || before.entries[0]?.seq !== beforeSeq) return before;
      const all = [...older.entries, ...before.entries];
      return {
        ...before,
        entries: all,
        hasOlder: older.more,
        unreadable: before.unreadable + older.unreadable,
        timeline: foldEntries(emptyTimeline, all),
      };
    });
    return latest.current.hasOlder;
  }, [client, sessionId, again, change]);

  const loadOlder = useCallback((): Promise<boolean> => {
    setLoadingOlder(true);
    asking.current ??= askOlder().finally(() => {
      asking.current = null;
      setLoadingOlder(false);
    });
    return asking.current;
  }, [askOlder]);

  return {
    ...{ state, error, loadingOlder, loadOlder, again },
    ...{ timeline: held.timeline, hasOlder: held.hasOlder, unreadable: held.unreadable },
  };
}

/** What is appended from now on. A session that is only in a store of its agent has no stream: nothing comes then. */
function useLive(sessionId: SessionId | null, append: (entries: readonly TimelineEntry[]) => void): void {
  const reader = useRef(createEntryReader());
  const source = useMemo(
    () => (sessionId === null ? null : ({ kind: 'timeline', sessionId } as const)),
    [sessionId],
  );
  // From a little before the end: what was appended while the page was on its way is in there, and nothing counts twice.
  useFollow(source, -OVERLAP_BYTES, {
    chunk(chunk, restarted) {
      if (restarted) reader.current = createEntryReader();
      // A start in the middle of the file is most likely the middle of a line as well.
      const cut = restarted && chunk.offset > 0 ? chunk.text.indexOf('\n') + 1 : 0;
      const entries = reader.current.push(chunk.text.slice(cut));
      if (entries.length > 0) append(entries);
    },
    ended() {},
  });
}
