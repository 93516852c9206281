import { applyEvent } from '../../contract/apply-event.ts';
import type { HostEvent, HostState } from '../../contract/host-state.ts';
import type { Cursor, StreamFrame } from '../../contract/stream.ts';
import { createReplayLog, type Past, type ReplayLimits } from './replay-log.ts';
import type { View } from './view.ts';

export interface HostStore {
  readonly state: HostState;
  publish(event: HostEvent): void;
  subscribe(view: View, from: Cursor | null, onFrame: (frame: StreamFrame) => void): () => void;
}

export interface HostStoreOptions {
  initial: HostState;
  epoch: string;
  replay: ReplayLimits;
}

/**
 * The state of the host and the one stream that carries it. A service persists its truth first, then publishes. Who
 * comes back with a cursor is told what it missed, or gets a snapshot as an explicit reset; never a silent gap.
 */
export function createHostStore({ initial, epoch, replay: limits }: HostStoreOptions): HostStore {
  let state = initial;
  let seq = 0;
  const replay = createReplayLog(limits);
  const subscribers = new Set<(seq: number, event: HostEvent) => void>();

  function missedSince(from: Cursor | null): readonly Past[] | null {
    if (from?.epoch !== epoch) return null;
    return from.seq === seq ? [] : replay.after(from.seq);
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
      for (const notify of subscribers) notify(seq, event);
    },

    // Snapshot (or replay) and registration are one synchronous step, so no event can slip in between.
    subscribe(view, from, onFrame) {
      const missed = missedSince(from);
      if (missed) {
        for (const past of missed) onFrame(frameFor(view, past.seq, past.event));
      } else {
        onFrame({ kind: 'snapshot', cursor: { epoch, seq }, state: view.state(state) });
      }
      const notify = (at: number, event: HostEvent) => onFrame(frameFor(view, at, event));
      subscribers.add(notify);
      return () => void subscribers.delete(notify);
    },
  };
}
