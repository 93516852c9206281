import { applyEvent } from '../../contract/apply-event.ts';
import type { HostEvent, HostState } from '../../contract/host-state.ts';
import type { Cursor, StreamFrame } from '../../contract/stream.ts';
import type { View } from './view.ts';

export interface HostStore {
  readonly state: HostState;
  publish(event: HostEvent): void;
  subscribe(view: View, from: Cursor | null, onFrame: (frame: StreamFrame) => void): () => void;
}

export interface HostStoreOptions {
  initial: HostState;
  epoch: string;
  replayLimit: number;
}

/** The state of the host and the one stream that carries it. A service persists its truth first, then publishes. */
export function createHostStore({ initial, epoch, replayLimit }: HostStoreOptions): HostStore {
  let state = initial;
  let seq = 0;
  const replay: { seq: number; event: HostEvent }[] = [];
  const subscribers = new Set<(seq: number, event: HostEvent) => void>();

  function canReplay(from: Cursor): boolean {
    if (from.epoch !== epoch || from.seq > seq) return false;
    return from.seq === seq || (replay[0] !== undefined && replay[0].seq <= from.seq + 1);
  }

  function frameFor(view: View, at: number, event: HostEvent): StreamFrame {
    const cursor = { epoch, seq: at };
    const visible = view.event(event);
    return visible ? { kind: 'event', cursor, event: visible } : { kind: 'hidden', cursor };
  }

  return {
    get state() {
      return state;
    },

    publish(event) {
      state = applyEvent(state, event);
      seq += 1;
      replay.push({ seq, event });
      if (replay.length > replayLimit) replay.shift();
      for (const notify of subscribers) notify(seq, event);
    },

    // Snapshot (or replay) and registration are one synchronous step, so no event can slip in between.
    subscribe(view, from, onFrame) {
      if (from && canReplay(from)) {
        for (const past of replay) if (past.seq > from.seq) onFrame(frameFor(view, past.seq, past.event));
      } else {
        onFrame({ kind: 'snapshot', cursor: { epoch, seq }, state: view.state(state) });
      }
      const notify = (at: number, event: HostEvent) => onFrame(frameFor(view, at, event));
      subscribers.add(notify);
      return () => void subscribers.delete(notify);
    },
  };
}
