import { useCallback } from 'react';
import { useConnection } from './connection.tsx';
import type { PartOutputAnswer } from './process-views.ts';
import { useAnswer } from './use-answer.ts';

/** What a tunnel or an agent printed last; read again on request. */
export function usePartOutput(hostId: string, id: string, online: boolean) {
  const connection = useConnection();
  const ask = useCallback(
    (): Promise<PartOutputAnswer> => connection?.partOutput(hostId, id) ?? new Promise(() => undefined),
    [connection, hostId, id],
  );
  return useAnswer(online ? ask : undefined);
}
