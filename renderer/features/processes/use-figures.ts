import { useEffect, useState } from 'react';
import type { EndedPart, HostPart, ProcessFigures } from '../../../contract/figures.ts';
import type { WireError } from '../../../contract/errors.ts';
import { useQuery } from '../../host/use-host.tsx';

const EVERY_MS = 2000;

export type Figures =
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly error: WireError }
  | {
      /** Unsupported: the operating system does not tell what a process uses. */
      readonly state: 'known' | 'unsupported';
      readonly of: ReadonlyMap<string, ProcessFigures>;
      /** What the host runs beside the processes. */
      readonly parts: readonly HostPart[];
      /** Of those, the last that ended. */
      readonly ended: readonly EndedPart[];
    };

/**
 * What the processes use. No event tells of it, so it is asked for: every two seconds, and only while the page can be
 * seen. The host measures nothing otherwise.
 */
export function useFigures(): Figures {
  const [look, setLook] = useState(0);
  useEffect(() => {
    const timer = window.setInterval(() => {
      if (!document.hidden) setLook((count) => count + 1);
    }, EVERY_MS);
    return () => window.clearInterval(timer);
  }, []);
  const query = useQuery('supervisor.figures', {}, look);
  if (query.state === 'loading') return { state: 'waiting' };
  if (query.state === 'failed') return query;
  const { ended, parts, processes, supported } = query.value;
  const of = new Map(processes.map((one) => [one.name, one]));
  return { state: supported ? 'known' : 'unsupported', of, parts, ended };
}
