import { createStore, type StoreApi } from 'zustand/vanilla';
import type { HostEvent, HostState } from '../../contract/host-state.ts';
import { emptyMirror, foldFrame, type Mirror } from '../../contract/mirror.ts';
import type { StreamFrame } from '../../contract/stream.ts';
import type { HostLink, LinkState } from './link.ts';

export interface HostView {
  readonly link: LinkState;
  /** What the host last said; never touched by what the user wants. */
  readonly state: HostState;
  /** False until the first snapshot: nothing is known yet, which is not the same as nothing being there. */
  readonly known: boolean;
  /** When the host was last heard, in milliseconds since 1970; null before the first frame. */
  readonly heardAt: number | null;
  /** What the host told last; null after a snapshot, which tells of everything at once. */
  readonly event: HostEvent | null;
}

/**
 * The dashboard's copy of the host's state. It resumes from its cursor after a lost connection, and a gap or another
 * epoch makes it ask for a fresh snapshot, so it is either whole or being replaced.
 * @param now milliseconds since 1970
 */
export function createMirrorStore(link: HostLink, now: () => number): StoreApi<HostView> {
  const store = createStore<HostView>(() => ({
    link: { kind: 'connecting' },
    state: emptyMirror.state,
    known: false,
    ...{ heardAt: null, event: null },
  }));
  let mirror: Mirror = emptyMirror;
  let stop: () => void = () => undefined;

  function onFrame(frame: StreamFrame): void {
    const next = foldFrame(mirror, frame);
    if (next === null) {
      stop();
      stop = link.client.subscribe(null, onFrame);
      return;
    }
    mirror = next;
    const event = frame.kind === 'event' ? frame.event : null;
    store.setState({ state: next.state, known: true, heardAt: now(), event });
  }

  link.watch((state) => {
    const wasOnline = store.getState().link.kind === 'online';
    store.setState({ link: state });
    if (state.kind === 'online') {
      stop();
      stop = link.client.subscribe(mirror.cursor, onFrame);
    } else if (wasOnline) {
      stop();
      stop = () => undefined;
      store.setState({ heardAt: now() });
    }
  });
  return store;
}
