import type { Writable } from 'node:stream';

/** Below this what was gathered is copied into one piece; above, a write of several pieces costs less than the copy. */
const COPY_BELOW = 32_768;

export interface Gather {
  /** Pieces of one message: what stands between them and the next message's is nothing. */
  add(...parts: readonly Buffer[]): void;
  /** Writes now what would be written next. */
  flush(): void;
  /** Bytes that nobody has taken yet. */
  waiting(): number;
}

/**
 * Writes all that is said in one turn of the event loop in one go: a system call costs more than a message.
 * @param open asked before each write: what comes too late is dropped
 */
export function createGather(stream: Writable, open: () => boolean): Gather {
  let parts: Buffer[] = [];
  let bytes = 0;
  let due = false;

  function flush(): void {
    due = false;
    const [now, size] = [parts, bytes];
    if (size === 0) return;
    parts = [];
    bytes = 0;
    if (!open()) return;
    if (size < COPY_BELOW) {
      stream.write(Buffer.concat(now, size));
      return;
    }
    stream.cork();
    for (const part of now) stream.write(part);
    stream.uncork();
  }

  return {
    add(...more) {
      for (const part of more) {
        parts.push(part);
        bytes += part.length;
      }
      if (due) return;
      due = true;
      process.nextTick(flush);
    },
    flush,
    waiting: () => bytes + stream.writableLength,
  };
}
