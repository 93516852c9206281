/** The beginning and the end of an output; what is in between is counted. */
export interface HeadAndTail {
  add(chunk: Uint8Array): void;
  /** Both parts as text, with a line in between that says how much is missing. */
  text(): string;
  readonly droppedBytes: number;
}

/** @param maxBytes how much is kept: one half for the beginning, one for the end */
export function createHeadAndTail(maxBytes: number): HeadAndTail {
  const half = Math.floor(maxBytes / 2);
  const head: Buffer[] = [];
  let headBytes = 0;
  let tail: Buffer[] = [];
  let tailBytes = 0;
  let dropped = 0;

  function trim(): void {
    const whole = Buffer.concat(tail);
    const kept = whole.subarray(Math.max(0, whole.length - half));
    dropped += whole.length - kept.length;
    tail = [kept];
    tailBytes = kept.length;
  }

  return {
    get droppedBytes() {
      return dropped + Math.max(0, tailBytes - half);
    },
    add(chunk) {
      const room = Math.min(chunk.length, half - headBytes);
      if (room > 0) {
        head.push(Buffer.from(chunk.subarray(0, room)));
        headBytes += room;
      }
      if (room >= chunk.length) return;
      const rest = Buffer.from(chunk.subarray(room));
      tail.push(rest);
      tailBytes += rest.length;
      if (tailBytes > half * 2 + 65_536) trim();
    },
    text() {
      if (tailBytes > half) trim();
      const first = Buffer.concat(head).toString('utf8');
      const last = Buffer.concat(tail).toString('utf8');
      return dropped === 0 ? first + last : `${first}\n… ${dropped} bytes left out …\n${last}`;
    },
  };
}
