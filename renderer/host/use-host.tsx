import { createContext, useContext, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { StoreApi } from 'zustand/vanilla';
import type { HostClient } from '../../contract/client.ts';
import type { CommandName, InputOf, OutputOf } from '../../contract/commands.ts';
import type { WireError } from '../../contract/errors.ts';
import type { HostEvent, HostState } from '../../contract/host-state.ts';
import type { Actions } from './actions.ts';
import type { BrowserAdmission } from './browser-admission.ts';
import type { HostView } from './mirror-store.ts';

export interface HostContextValue {
  readonly client: HostClient;
  readonly mirror: StoreApi<HostView>;
  readonly actions: Actions;
  readonly admission: BrowserAdmission | null;
  retry(): void;
}

export const HostContext = createContext<HostContextValue | null>(null);

export function useHost(): HostContextValue {
  const value = useContext(HostContext);
  if (!value) throw new Error('useHost needs a HostContext above it');
  return value;
}

export function useHostView<T>(select: (view: HostView) => T): T {
  return useStore(useHost().mirror, select);
}

/** A part of the host's state; `select` must give back a part of it, not a new object. */
export function useHostState<T>(select: (state: HostState) => T): T {
  return useHostView((view) => select(view.state));
}

/** Tells of each event while the component is there: for what the state does not keep. */
export function useHostEvent(listener: (event: HostEvent) => void): void {
  const { mirror } = useHost();
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(
    () =>
      mirror.subscribe(({ event }, before) => {
        if (event && event !== before.event) latest.current(event);
      }),
    [mirror],
  );
}

export function useOnline(): boolean {
  return useHostView((view) => view.link.kind === 'online');
}

export function usePending(key: string): boolean {
  return useStore(useHost().actions.store, (view) => view.pending.has(key));
}

export type Query<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'failed'; readonly error: WireError }
  | { readonly state: 'ready'; readonly value: T };

/**
 * Asks once, and again when the input, `version` or the connection changes.
 * While it asks again, the last answer stays.
 */
export function useQuery<N extends CommandName>(name: N, input: InputOf<N>, version = 0): Query<OutputOf<N>> {
  const { client } = useHost();
  const online = useOnline();
  const key = JSON.stringify([name, input]);
  const [held, setHeld] = useState<{ key: string; query: Query<OutputOf<N>> }>({
    key,
    query: { state: 'loading' },
  });
  useEffect(() => {
    if (!online) return;
    let wanted = true;
    const [, parsed] = JSON.parse(key) as [N, InputOf<N>];
    void client.call(name, parsed).then((result) => {
      if (!wanted) return;
      const query: Query<OutputOf<N>> = result.ok
        ? { state: 'ready', value: result.value }
        : { state: 'failed', error: result.error };
      setHeld({ key, query });
    });
    return () => {
      wanted = false;
    };
  }, [client, name, key, version, online]);
  return held.key === key ? held.query : { state: 'loading' };
}
