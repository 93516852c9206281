import { useFocusEffect } from 'expo-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useConnection } from './connection.tsx';
import type { LogFeed, LogStreams, LogView } from './process-views.ts';

const LOADING: LogView = {
  ...{ state: 'loading', why: '', lines: [], following: true, hasEarlier: false, newer: 0 },
};

/**
 * The log of a process while its screen is looked at. One that could not be read is read on when the host comes back.
 * @param line where it is opened; without it at the end
 */
export function useLog(wanted: {
  readonly hostId: string;
  readonly name: string;
  readonly streams: LogStreams;
  readonly line: number | undefined;
  readonly online: boolean;
}): { readonly log: LogView; readonly feed: Omit<LogFeed, 'close'> } {
  const { hostId, line, name, online, streams } = wanted;
  const connection = useConnection();
  const [log, setLog] = useState(LOADING);
  const opened = useRef<LogFeed>(undefined);
  useFocusEffect(
    useCallback(() => {
      if (!connection) return undefined;
      setLog((before) => ({ ...LOADING, lines: before.lines }));
      const feed = connection.log(
        hostId,
        { name, streams, ...(line !== undefined && { line }) },
        // What was read before is left in sight until there is something else to see.
        (next) => {
          setLog((before) =>
            next.state === 'ready' || next.lines.length > 0 ? next : { ...next, lines: before.lines },
          );
        },
      );
      opened.current = feed;
      return () => {
        feed.close();
        opened.current = undefined;
      };
    }, [connection, hostId, line, name, streams]),
  );
  useEffect(() => {
    if (online) opened.current?.again();
  }, [online]);
  const [feed] = useState(() => ({
    earlier: () => opened.current?.earlier(),
    later: () => opened.current?.later(),
    pause: () => opened.current?.pause(),
    follow: () => opened.current?.follow(),
    again: () => opened.current?.again(),
  }));
  return { log, feed };
}
