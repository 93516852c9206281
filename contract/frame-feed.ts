import { foldFrame, type Mirror } from './mirror.ts';
import type { LiveConnection } from './live-connection.ts';
import type { Cursor, StreamFrame } from './stream.ts';

/**
 * The state stream over connections that come and go. Each one takes up where the last ended, or begins with a
 * snapshot; a frame that came twice goes nowhere. Any number may listen: who joins later begins with a snapshot too.
 */
export function createFrameFeed(initial: Mirror) {
  let mirror = initial;
  let connection: LiveConnection | null = null;
  let leave: (() => void) | null = null;
  const listeners = new Set<(frame: StreamFrame) => void>();

  function join(from: Cursor | null): void {
    const joined = connection;
    if (!joined) return;
    leave = joined.client.subscribe(from, (frame) => {
      if (joined === connection) receive(frame);
    });
  }

  function receive(frame: StreamFrame): void {
    const next = foldFrame(mirror, frame);
    // A gap, which the host never leaves: begin anew with a snapshot.
    if (next === null) return join(null);
    if (next === mirror) return;
    mirror = next;
    for (const listener of [...listeners]) listener(frame);
  }

  return {
    mirror: () => mirror,
    subscribe(from: Cursor | null, onFrame: (frame: StreamFrame) => void): () => void {
      // An entry of its own, so that the same function may listen twice.
      const listener = (frame: StreamFrame) => onFrame(frame);
      const { cursor, state } = mirror;
      listeners.add(listener);
      if (cursor && !(from?.epoch === cursor.epoch && from.seq === cursor.seq)) {
        onFrame({ kind: 'snapshot', cursor, state });
      }
      if (listeners.size === 1) join(cursor);
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return;
        leave?.();
        leave = null;
      };
    },
    /** This connection carries the stream from now on; null while there is none. */
    use(next: LiveConnection | null): void {
      connection = next;
      leave = null;
      if (listeners.size > 0) join(mirror.cursor);
    },
    /** What this device may see has changed: nothing of before is built upon. */
    forget(): void {
      mirror = { ...mirror, cursor: null };
    },
  };
}
