import { useFocusEffect } from 'expo-router';
import { useCallback, useState } from 'react';
import { useConnection } from './connection.tsx';
import { isInFront } from './in-front';
import type { FiguresAnswer } from './process-views.ts';

const EVERY = 2000;

/**
 * What the processes of a host use. No event tells of it, so it is asked for while the screen is looked at, and only
 * then: the host measures nothing otherwise. Undefined before the first answer and while the host is away.
 */
export function useFigures(hostId: string, online: boolean): FiguresAnswer | undefined {
  const connection = useConnection();
  const [figures, setFigures] = useState<FiguresAnswer>();
  useFocusEffect(
    useCallback(() => {
      if (!connection || !online) {
        setFigures(undefined);
        return undefined;
      }
      let over = false;
      let asking = false;
      const look = (): void => {
        if (asking || !isInFront()) return;
        asking = true;
        void connection.figures(hostId).then((answer) => {
          asking = false;
          if (!over) setFigures(answer);
        });
      };
      look();
      const timer = setInterval(look, EVERY);
      return () => {
        over = true;
        clearInterval(timer);
      };
    }, [connection, hostId, online]),
  );
  return figures;
}
