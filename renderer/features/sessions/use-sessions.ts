import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WireError } from '../../../contract/errors.ts';
import type { Session, SessionNotice } from '../../../contract/sessions.ts';
import { useHost, useHostEvent, useHostState, useOnline } from '../../host/use-host.tsx';
import { askFor, withNews, type News, type SessionFilter } from './session-filter.ts';

const PAGE = 100;

export interface SessionList {
  readonly state: 'loading' | 'ready' | 'failed';
  readonly error: WireError | null;
  readonly sessions: readonly Session[];
  readonly notices: readonly SessionNotice[];
  readonly hasMore: boolean;
  more(): void;
  again(): void;
}

interface Held {
  readonly key: string;
  readonly sessions: readonly Session[];
  readonly notices: readonly SessionNotice[];
  readonly next: string | null;
}

const NOTHING: Held = { key: '', sessions: [], notices: [], next: null };

/** The sessions that fit a filter, page by page, with what happens to them meanwhile. */
export function useSessions(filter: SessionFilter): SessionList {
  const { client } = useHost();
  const online = useOnline();
  const live = useHostState((state) => state.sessions);
  const [held, setHeld] = useState<Held>(NOTHING);
  const [removed, setRemoved] = useState<News['removed']>(new Map());
  const [error, setError] = useState<WireError | null>(null);
  const [round, setRound] = useState(0);
  const key = JSON.stringify(filter);

  const load = useCallback(
    async (cursor: string | null, isWanted: () => boolean) => {
      const wanted = JSON.parse(key) as SessionFilter;
      const input = { ...askFor(wanted, PAGE), ...(cursor !== null && { cursor }) };
      const result = await client.call('sessions.list', input);
      if (!isWanted()) return;
      setError(result.ok ? null : result.error);
      if (!result.ok) return;
      const { sessions, next, notices } = result.value;
      if (cursor === null) setRemoved(new Map());
      setHeld((before) => ({
        ...{ key, next, notices },
        sessions: cursor !== null && before.key === key ? [...before.sessions, ...sessions] : sessions,
      }));
    },
    [client, key],
  );

  // It leaves at once; whether it can still be restored is asked after that.
  useHostEvent((event) => {
    if (event.type !== 'session.removed') return;
    const { sessionId } = event;
    const settle = (session: Session | null) =>
      setRemoved((before) => new Map(before).set(sessionId, session));
    settle(null);
    void client.call('sessions.get', { sessionId }).then((result) => {
      if (result.ok) settle(result.value);
    });
  });

  useEffect(() => {
    if (!online) return;
    let wanted = true;
    void load(null, () => wanted);
    return () => {
      wanted = false;
    };
  }, [load, online, round]);

  // What has left the state was deleted: the list says which ones are left.
  const seen = useRef(live);
  useEffect(() => {
    const isGone = Object.keys(seen.current).some((id) => !live[id]);
    seen.current = live;
    if (isGone) setRound((before) => before + 1);
  }, [live]);

  const isReady = held.key === key;
  const sessions = useMemo(
    () =>
      isReady
        ? withNews(held.sessions, { live, removed }, JSON.parse(key) as SessionFilter, held.next === null)
        : [],
    [isReady, held, live, removed, key],
  );
  return {
    ...{ sessions, error, notices: isReady ? held.notices : [] },
    state: isReady ? 'ready' : error ? 'failed' : 'loading',
    hasMore: isReady && held.next !== null,
    more: () => void load(held.next, () => true),
    again: () => setRound((before) => before + 1),
  };
}
