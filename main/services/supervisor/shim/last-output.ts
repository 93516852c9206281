import { createOutputTail } from '../output-tail.ts';

const KEPT = 8192;

/** Keeps the end of what a run printed, as bytes: it costs one copy a piece, and nothing is decoded until it is asked for. */
export function createLastOutput() {
  const kept = Buffer.alloc(KEPT);
  let length = 0;
  return {
    add(bytes: Uint8Array): void {
      const piece = bytes.length > KEPT ? bytes.subarray(bytes.length - KEPT) : bytes;
      const stays = Math.min(length, KEPT - piece.length);
      if (stays < length) kept.copyWithin(0, length - stays, length);
      kept.set(piece, stays);
      length = stays + piece.length;
    },
    /** The last lines that say something, joined by ` | `. */
    lines(): string {
      const tail = createOutputTail();
      tail.add(kept.toString('utf8', 0, length));
      return tail.lastLines();
    },
  };
}
