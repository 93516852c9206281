import { useCallback, useEffect, useRef, useState } from 'react';
import { useConnection } from './connection.tsx';
import type { SessionView } from './task-views.ts';

interface Held {
  readonly state: 'loading' | 'ready' | 'failed';
  readonly why: string;
  readonly sessions: readonly SessionView[];
  readonly notices: readonly string[];
  readonly next: string | null;
}

const NOTHING: Held = { state: 'loading', why: '', sessions: [], notices: [], next: null };

/** The sessions of one agent, also those of its own store, page by page; read anew when the host comes back. */
export function useSessions(hostId: string, agent: string, online: boolean) {
  const connection = useConnection();
  const [held, setHeld] = useState(NOTHING);
  const round = useRef(0);
  const read = useCallback(
    async (cursor: string | null) => {
      if (!connection) return;
      round.current += 1;
      const mine = round.current;
      const answer = await connection.sessions(hostId, agent, cursor);
      if (mine !== round.current) return;
      if (answer.kind === 'failed') {
        setHeld((before) => ({ ...before, state: 'failed', why: answer.why }));
        return;
      }
      const { next, notices, sessions } = answer;
      setHeld((before) => ({
        ...{ state: 'ready', why: '', next, notices },
        sessions: cursor === null ? sessions : [...before.sessions, ...sessions],
      }));
    },
    [agent, connection, hostId],
  );
  useEffect(() => {
    if (online) void read(null);
    return () => {
      round.current += 1;
    };
  }, [online, read]);
  return { ...held, again: () => void read(null), more: () => void read(held.next) };
}
