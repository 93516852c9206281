import { useCallback, useRef, useState } from 'react';
import type { LogLine } from '../../contract/process-logs.ts';
import { useConnection } from './connection.tsx';
import type { LogQuery } from './process-views.ts';

interface Held {
  readonly state: 'idle' | 'searching' | 'ready' | 'failed';
  /** Why it failed; else empty. */
  readonly why: string;
  readonly lines: readonly LogLine[];
  readonly next: LogQuery['after'];
  readonly more: boolean;
}

const NOTHING: Held = { state: 'idle', why: '', lines: [], next: null, more: false };

export interface LogSearch extends Held {
  run(text: string): void;
  /** The next page of the search before. */
  older(): void;
}

/** Lines with a text, page by page; of two searches the later one counts. */
export function useLogSearch(hostId: string, name: string | null): LogSearch {
  const connection = useConnection();
  const [held, setHeld] = useState(NOTHING);
  const round = useRef(0);
  const text = useRef('');
  const ask = useCallback(
    async (after: LogQuery['after']) => {
      if (!connection) return;
      round.current += 1;
      const mine = round.current;
      setHeld((before) => (after ? { ...before, state: 'searching' } : { ...NOTHING, state: 'searching' }));
      const answer = await connection.searchLogs(hostId, { name, text: text.current, after });
      if (mine !== round.current) return;
      setHeld((before) => {
        if (answer.kind === 'failed') return { ...before, state: 'failed', why: answer.why };
        const { lines, more, next } = answer;
        return { state: 'ready', why: '', next, more, lines: after ? [...before.lines, ...lines] : lines };
      });
    },
    [connection, hostId, name],
  );
  return {
    ...held,
    run(words) {
      text.current = words;
      void ask(null);
    },
    older: () => void ask(held.next),
  };
}
