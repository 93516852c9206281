import type { Readable, Writable } from 'node:stream';
import { createLineSplitter } from '../../acp/line-splitter.ts';
import { Failure } from '../failure.ts';
import { asLine } from './message.ts';

/** The editor's side: a message a line, both ways. */
export interface EditorSide {
  onLine(take: (line: Buffer) => void): void;
  /** The editor has closed its end (null), or said something that is no message. May be told more than once. */
  onEnd(take: (failure: Failure | null) => void): void;
  pause(): void;
  resume(): void;
  /** @returns false when the editor is slow: wait for `onDrain` */
  write(frame: Buffer): boolean;
  onDrain(take: () => void): void;
  /** Resolves when all that was written has gone out. */
  flush(): Promise<void>;
}

/** @param maxBytes of one line */
export function createEditorSide(input: Readable, output: Writable, maxBytes: number): EditorSide {
  let end: (failure: Failure | null) => void = () => {};
  return {
    onLine(take) {
      const split = createLineSplitter({
        maxBytes,
        onLine(line) {
          // A line of blanks is no message.
          if (line.some((byte) => byte > 0x20)) take(line);
        },
        onTooLong() {
          input.pause();
          end(new Failure('too_large', `a line of the editor is larger than ${maxBytes / 1024 / 1024} MiB`));
        },
      });
      input.on('data', split);
    },
    onEnd(take) {
      end = take;
      for (const event of ['end', 'close', 'error']) input.once(event, () => take(null));
    },
    pause: () => void input.pause(),
    resume: () => void input.resume(),
    write: (frame) => output.write(asLine(frame)),
    onDrain: (take) => void output.on('drain', take),
    flush: () => new Promise((resolve) => output.write('', () => resolve())),
  };
}
