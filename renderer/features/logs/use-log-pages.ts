import { useEffect, useReducer, useState } from 'react';
import { useHost, useOnline } from '../../host/use-host.tsx';
import { createLogPages, type LogPages, type Streams } from './log-pages.ts';

/** Ten looks a second while the newest lines are on the screen, two otherwise. */
const FOLLOWING_MS = 100;
const AWAY_MS = 500;

/** The lines of a log while the component is there; they stay while there is no connection. Null: none was made yet. */
export function useLogPages(name: string, streams: Streams): LogPages | null {
  const { client } = useHost();
  const online = useOnline();
  const [, changed] = useReducer((before: number) => before + 1, 0);
  const [held, setHeld] = useState<{ streams: Streams; pages: LogPages } | null>(null);
  useEffect(() => {
    const pages = createLogPages(name, streams, {
      client,
      changed,
      pause: (following) =>
        new Promise((resolve) => {
          window.setTimeout(
            () => window.requestAnimationFrame(() => resolve()),
            following ? FOLLOWING_MS : AWAY_MS,
          );
        }),
    });
    setHeld({ streams, pages });
    return () => pages.close();
  }, [client, name, streams]);
  useEffect(() => {
    if (online && held?.pages.error()) held.pages.again();
  }, [online, held]);
  return held?.streams === streams ? held.pages : null;
}
