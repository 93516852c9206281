import { createByteTail } from '../../../kernel/byte-tail.ts';
import { createOutputTail } from '../output-tail.ts';

const KEPT = 8192;

/** Keeps the end of what a run printed, as bytes: nothing is decoded until it is asked for. */
export function createLastOutput() {
  const kept = createByteTail(KEPT);
  return {
    add: kept.add,
    /** The last lines that say something, joined by ` | `. */
    lines(): string {
      const tail = createOutputTail();
      tail.add(kept.bytes().toString('utf8'));
      return tail.lastLines();
    },
  };
}
