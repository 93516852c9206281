import { useEffect, useRef, useState } from 'react';
import type { InputOf, OutputOf } from '../../../contract/commands.ts';
import { useHost } from '../../host/use-host.tsx';
import type { Streams } from './log-pages.ts';
import type { Mark } from './mark-text.ts';

/** Typing is over when nothing came for this long. */
const TYPING_MS = 250;
const EVERYWHERE = 200;
/** Lines around each that was found in all processes. */
const CONTEXT = 2;

export type SearchState = 'idle' | 'searching' | 'found' | 'none' | { readonly failed: string };
export type Found = OutputOf<'supervisor.searchLogs'>['found'];

export interface LogSearch {
  readonly text: string;
  readonly isRegex: boolean;
  readonly caseSensitive: boolean;
  readonly everywhere: boolean;
  change(next: Partial<Pick<LogSearch, 'text' | 'isRegex' | 'caseSensitive' | 'everywhere'>>): void;
  /** To the next or the previous line that fits. */
  go(direction: 'next' | 'previous'): void;
  readonly state: SearchState;
  readonly hit: number | null;
  readonly mark: Mark | null;
  /** In all processes, when that was asked for. */
  readonly results: Found;
}

/** Searches what is kept of a log, line by line, and on request all logs. */
export function useLogSearch(name: string, streams: Streams, show: (line: number) => void): LogSearch {
  const { client } = useHost();
  const [query, setQuery] = useState({ text: '', isRegex: false, caseSensitive: false, everywhere: false });
  const [state, setState] = useState<SearchState>('idle');
  const [hit, setHit] = useState<{ epoch: string; number: number } | null>(null);
  const [results, setResults] = useState<Found>([]);
  const latest = useRef(0);

  async function ask(input: Partial<InputOf<'supervisor.searchLogs'>>): Promise<Found | null> {
    const mine = (latest.current += 1);
    setState('searching');
    const { text, isRegex, caseSensitive } = query;
    const what = isRegex ? { kind: 'regex' as const, pattern: text } : { kind: 'text' as const, text };
    const answer = await client.call('supervisor.searchLogs', { what, caseSensitive, streams, ...input });
    if (mine !== latest.current) return null;
    if (!answer.ok) {
      setState({ failed: answer.error.message });
      return null;
    }
    setState(answer.value.found.length > 0 ? 'found' : 'none');
    return answer.value.found;
  }

  async function find(direction: 'next' | 'previous', from: typeof hit): Promise<void> {
    const newest = direction === 'previous';
    const after = from && { epoch: from.epoch, number: from.number + (newest ? 0 : 1) };
    const found = await ask({ names: [name], newest, limit: 1, ...(after && { after }) });
    const one = found?.[0];
    const number = one?.hits[0];
    if (!one || number === undefined) return;
    setHit({ epoch: one.extent.epoch, number });
    show(number);
  }

  useEffect(() => {
    latest.current += 1;
    setHit(null);
    setResults([]);
    setState('idle');
    if (query.text === '') return;
    const timer = window.setTimeout(() => {
      if (!query.everywhere) void find('previous', null);
      else
        void ask({ limit: EVERYWHERE, context: CONTEXT, streams: 'both' }).then(
          (found) => found && setResults(found),
        );
    }, TYPING_MS);
    return () => window.clearTimeout(timer);
    // The rest of what is used here is made anew each time and means the same.
  }, [name, streams, query]);

  return {
    ...query,
    change: (next) => setQuery({ ...query, ...next }),
    go(direction) {
      if (query.text !== '') void find(direction, hit);
    },
    state,
    hit: hit?.number ?? null,
    mark:
      query.text === '' || query.isRegex ? null : { text: query.text, caseSensitive: query.caseSensitive },
    results,
  };
}
