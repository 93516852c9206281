import type { Readable } from 'node:stream';
import { createByteTail, type ByteTail } from './byte-tail.ts';

/** 64 KiB to show, and before them as much as the outbound gate needs to see a secret that begins earlier. */
const KEPT_BYTES = 65_536 + 40_960;
/** So many that have ended are remembered with their output: why one died is asked after it did. */
const KEPT_ENDED = 8;

/** A long-lived child that is a part of the host, as opposed to a git or a search that comes and goes. */
export interface PartLabel {
  readonly kind: 'tunnel' | 'agent';
  /** The agent; empty for a tunnel. */
  readonly name: string;
  /** `task ID`, `remote ID`; empty for a tunnel. */
  readonly purpose: string;
}

export interface LivePart extends PartLabel {
  /** Its own as long as the machine runs, also across starts of the host. */
  readonly id: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

export interface PartEnd {
  readonly endedAt: number;
  readonly code: number | null;
  readonly signal: string | null;
}

/** What the host runs for long beside its managed processes. */
export interface HostParts {
  /** Oldest first. */
  live(): readonly LivePart[];
  /** The last ones that ended, newest first. */
  ended(): readonly (LivePart & PartEnd)[];
  /** The end of what it printed on stderr, and how much it printed in all; null for one that is not known any more. */
  output(id: string): { readonly bytes: Buffer; readonly total: number } | null;
}

export interface PartBook extends HostParts {
  /** @returns tells that it has ended */
  add(part: LivePart, printed: ByteTail): (end: PartEnd) => void;
}

export function createPartBook(): PartBook {
  const live = new Map<string, { readonly part: LivePart; readonly printed: ByteTail }>();
  const ended = new Map<string, { readonly part: LivePart & PartEnd; readonly printed: ByteTail }>();
  return {
    add(part, printed) {
      live.set(part.id, { part, printed });
      return (end) => {
        live.delete(part.id);
        ended.set(part.id, { part: { ...part, ...end }, printed });
        const [oldest] = ended.keys();
        if (ended.size > KEPT_ENDED && oldest !== undefined) ended.delete(oldest);
      };
    },
    live: () => [...live.values()].map(({ part }) => part),
    ended: () => [...ended.values()].map(({ part }) => part).reverse(),
    output(id) {
      const printed = (live.get(id) ?? ended.get(id))?.printed;
      return printed ? { bytes: printed.bytes(), total: printed.total() } : null;
    },
  };
}

/**
 * Keeps the end of what comes out of a pipe. It sees the bytes on their way into the buffer of the stream: a listener
 * would make the stream flow before its reader is there, and a second stream between them would hold more back.
 */
export function keepEnd(stream: Readable): ByteTail {
  const tail = createByteTail(KEPT_BYTES);
  const push = stream.push.bind(stream);
  stream.push = (chunk: unknown, encoding) => {
    if (chunk instanceof Uint8Array) tail.add(chunk);
    return push(chunk, encoding);
  };
  return tail;
}
