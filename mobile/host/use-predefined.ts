import { useCallback, useEffect, useRef, useState } from 'react';
import { useConnection } from './connection.tsx';
import type { LogSourceAnswer, PredefinedAnswer, RunFeed, RunView } from './predefined-views.ts';
import { useAnswer } from './use-answer.ts';

/** What the owner of a host has written down to be run and read. */
export function usePredefined(hostId: string, online: boolean) {
  const connection = useConnection();
  const ask = useCallback(
    (): Promise<PredefinedAnswer> => connection?.predefined(hostId) ?? new Promise(() => undefined),
    [connection, hostId],
  );
  return useAnswer(online ? ask : undefined);
}

/** The last lines of a log source. */
export function useLogSource(hostId: string, name: string, tail: number, online: boolean) {
  const connection = useConnection();
  const ask = useCallback(
    (): Promise<LogSourceAnswer> => connection?.logSource(hostId, name, tail) ?? new Promise(() => undefined),
    [connection, hostId, name, tail],
  );
  return useAnswer(online ? ask : undefined);
}

const LOADING: RunView = { state: 'loading', why: '', run: null, text: '', incomplete: false };

/** A run of a predefined command while its screen is there; read on when the host comes back. */
export function useActionRun(hostId: string, runId: string, online: boolean) {
  const connection = useConnection();
  const [shown, setShown] = useState(LOADING);
  const feed = useRef<RunFeed>(undefined);
  useEffect(() => {
    if (!connection) return undefined;
    const opened = connection.actionRun(hostId, runId, setShown);
    feed.current = opened;
    return () => {
      opened.close();
      feed.current = undefined;
    };
  }, [connection, hostId, runId]);
  useEffect(() => {
    if (online) feed.current?.again();
  }, [online]);
  return { shown, again: () => feed.current?.again() };
}
