import { useCallback, useRef, useState } from 'react';
import { useConnection } from './connection.tsx';
import type { Delivery, HostAction } from './views.ts';

/** Carries out actions of one screen and holds what became of the last one. */
export function useAction(): {
  delivery: Delivery | undefined;
  act: (action: HostAction) => void;
  busy: boolean;
  /** What became of the last one is of no interest any more. */
  forget: () => void;
} {
  const connection = useConnection();
  const [delivery, setDelivery] = useState<Delivery>();
  const last = useRef(0);
  const act = useCallback(
    (action: HostAction) => {
      if (!connection) return;
      last.current += 1;
      const mine = last.current;
      setDelivery({ kind: 'sending' });
      void connection.act(action, (step) => {
        if (mine === last.current) setDelivery(step);
      });
    },
    [connection],
  );
  const forget = useCallback(() => {
    last.current += 1;
    setDelivery(undefined);
  }, []);
  const kind = delivery?.kind;
  return { delivery, act, forget, busy: kind === 'sending' || kind === 'queued' || kind === 'sent' };
}
