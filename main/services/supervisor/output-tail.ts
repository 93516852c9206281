const KEPT = 4096;
const SHOWN_LINES = 5;
const SHOWN_LINE = 300;

/** Remembers the end of what a process printed, for the reason of a failure. */
export function createOutputTail() {
  let text = '';
  return {
    add(piece: string): void {
      text = (text + piece).slice(-KEPT);
    },
    /** The last lines that say something, joined by ` | `; empty when nothing was printed. No control characters. */
    lastLines(): string {
      return text
        .split(/[\r\n]+/)
        .map((line) =>
          line
            .replace(ESCAPES, '')
            .replace(/\p{Cc}/gu, ' ')
            .trim()
            .slice(0, SHOWN_LINE),
        )
        .filter((line) => line !== '')
        .slice(-SHOWN_LINES)
        .join(' | ');
    },
  };
}

/** ANSI colours and titles: they mean nothing in a reason. */
const ESCAPES = /\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g;
