import type { HostEvent } from '../../contract/host-state.ts';

export interface Past {
  readonly seq: number;
  readonly event: HostEvent;
}

export interface ReplayLimits {
  readonly events: number;
  /** Of the events as JSON in UTF-8. */
  readonly bytes: number;
}

/** What a device that was away may be told one by one; beyond it, it gets a snapshot. */
export const REPLAY: ReplayLimits = { events: 10_000, bytes: 16 * 1024 * 1024 };

export interface ReplayLog {
  push(past: Past): void;
  /** Everything after `seq`, or null when a part of it is no longer here. */
  after(seq: number): readonly Past[] | null;
}

/** The newest events, up to a number and a size, whichever is reached first. Sequence numbers must be gapless. */
export function createReplayLog(limits: ReplayLimits): ReplayLog {
  let kept: (Past & { readonly bytes: number })[] = [];
  /** Index of the oldest that still counts: forgetting one must not move all the others. */
  let first = 0;
  let bytes = 0;

  function forget(): void {
    bytes -= kept[first]?.bytes ?? 0;
    first += 1;
    if (first < limits.events) return;
    kept = kept.slice(first);
    first = 0;
  }

  return {
    push({ seq, event }) {
      const size = Buffer.byteLength(JSON.stringify(event));
      kept.push({ seq, event, bytes: size });
      bytes += size;
      while (kept.length - first > limits.events || bytes > limits.bytes) forget();
    },
    after(seq) {
      const newest = kept.at(-1)?.seq;
      const oldest = kept[first]?.seq;
      if (newest === undefined || oldest === undefined || seq < oldest - 1 || seq > newest) return null;
      return kept.slice(first + (seq - oldest + 1));
    },
  };
}
