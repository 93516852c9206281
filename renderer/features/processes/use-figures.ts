import { useEffect, useState } from 'react';
import type { ProcessFigures } from '../../../contract/supervisor.ts';
import { useQuery } from '../../host/use-host.tsx';

const EVERY_MS = 2000;

export type Figures =
  | { readonly state: 'waiting' }
  | { readonly state: 'unsupported' }
  | { readonly state: 'known'; readonly of: ReadonlyMap<string, ProcessFigures> };

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
  if (query.state !== 'ready') return { state: 'waiting' };
  if (!query.value.supported) return { state: 'unsupported' };
  return { state: 'known', of: new Map(query.value.processes.map((one) => [one.name, one])) };
}
