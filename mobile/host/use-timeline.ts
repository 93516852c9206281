import { useEffect, useRef, useState } from 'react';
import { useConnection } from './connection.tsx';
import type { TimelineFeed, TimelineView } from './task-views.ts';

const LOADING: TimelineView = { state: 'loading', why: '', items: [], more: false, unreadable: 0 };

export interface ShownTimeline {
  readonly timeline: TimelineView;
  earlier(): void;
  again(): void;
}

/**
 * The timeline of a session while its screen is open. One that could not be read is read anew when the host comes back.
 * @param sessionId `null` while there is none yet
 */
export function useTimeline(hostId: string, sessionId: string | null, online: boolean): ShownTimeline {
  const connection = useConnection();
  const [timeline, setTimeline] = useState(LOADING);
  const feed = useRef<TimelineFeed>(undefined);
  useEffect(() => {
    if (!connection || sessionId === null) return undefined;
    setTimeline(LOADING);
    const opened = connection.timeline(hostId, sessionId, setTimeline);
    feed.current = opened;
    return () => {
      opened.close();
      feed.current = undefined;
    };
  }, [connection, hostId, sessionId]);
  useEffect(() => {
    if (online) feed.current?.again();
  }, [online]);
  return {
    timeline,
    earlier: () => feed.current?.earlier(),
    again: () => feed.current?.again(),
  };
}
