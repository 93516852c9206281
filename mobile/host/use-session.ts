import { useCallback, useEffect, useState } from 'react';
import { useConnection } from './connection.tsx';
import type { SessionAnswer } from './task-views.ts';
import type { HostView } from './views.ts';

/** A session: of the state of its host where that has it, else asked for. Undefined while the answer is on its way. */
export function useSession(
  host: HostView | undefined,
  id: string,
): { answer: SessionAnswer | undefined; again: () => void } {
  const connection = useConnection();
  const [asked, setAsked] = useState<SessionAnswer>();
  const known = host?.sessions.find((session) => session.id === id);
  const hostId = host?.id;
  const isKnown = known !== undefined;
  const online = host?.link.kind === 'online';
  const again = useCallback(() => {
    if (!connection || hostId === undefined) return;
    setAsked(undefined);
    void connection.session(hostId, id).then(setAsked);
  }, [connection, hostId, id]);
  useEffect(() => {
    if (!isKnown) again();
    // Asked anew when the host comes back: before, nobody could answer.
  }, [again, isKnown, online]);
  return { answer: known ? { kind: 'ready', session: known } : asked, again };
}
