import { plainLine } from './ansi.ts';

export interface LogRing {
  /** Takes the next piece of the stream, cut anywhere. */
  push(text: string): void;
  /** Number of lines held, the unfinished last one included. */
  readonly size: number;
  /** How many lines fell out of the front since the start; the first held line has this number, from 0. */
  readonly dropped: number;
  at(index: number): string;
  /** Numbers (from 0, within what is held) of the lines that contain `needle`, letters compared without case. */
  find(needle: string): number[];
  clear(): void;
}

export interface LogRingLimits {
  readonly lines: number;
  /** UTF-16 units over all lines. */
  readonly characters: number;
}

/** The newest lines of a log in bounded memory: plain text only, made safe to show as it comes in. */
export function createLogRing(limits: LogRingLimits): LogRing {
  let lines: string[] = [];
  // Lines before `head` have fallen out; the array is compacted when they are half of it.
  let head = 0;
  let characters = 0;
  let dropped = 0;
  let partial = '';

  function append(raw: string): void {
    const line = plainLine(raw);
    lines.push(line);
    characters += line.length;
    while (
      lines.length - head > limits.lines ||
      (characters > limits.characters && lines.length - head > 1)
    ) {
      characters -= lines[head]?.length ?? 0;
      lines[head] = '';
      head += 1;
      dropped += 1;
    }
    if (head > 1024 && head * 2 > lines.length) {
      lines = lines.slice(head);
      head = 0;
    }
  }

  return {
    get size() {
      return lines.length - head + (partial === '' ? 0 : 1);
    },
    get dropped() {
      return dropped;
    },
    push(text) {
      const pieces = (partial + text).split('\n');
      partial = pieces.pop() ?? '';
      // A line that never ends must not grow for ever: what is over is cut when it is shown anyway.
      if (partial.length > limits.characters) {
        pieces.push(partial);
        partial = '';
      }
      for (const piece of pieces) append(piece);
    },
    at: (index) => (head + index < lines.length ? (lines[head + index] ?? '') : plainLine(partial)),
    find(needle) {
      const wanted = needle.toLowerCase();
      const found: number[] = [];
      for (let i = 0; i < this.size; i++) if (this.at(i).toLowerCase().includes(wanted)) found.push(i);
      return found;
    },
    clear() {
      lines = [];
      head = characters = dropped = 0;
      partial = '';
    },
  };
}
