import { useCallback, useState } from 'react';
import { useConnection } from './connection.tsx';
import type { Delivery, HostAction } from './views.ts';

/** Carries out actions of one screen and holds what became of the last one. */
export function useAction(): {
  delivery: Delivery | undefined;
  act: (action: HostAction) => void;
  busy: boolean;
} {
  const connection = useConnection();
  const [delivery, setDelivery] = useState<Delivery>();
  const act = useCallback(
    (action: HostAction) => {
      if (!connection) return;
      setDelivery({ kind: 'sending' });
      void connection.act(action, setDelivery);
    },
    [connection],
  );
  const kind = delivery?.kind;
  return {
    delivery,
    act,
    busy: kind === 'sending' || kind === 'queued' || kind === 'sent',
  };
}
