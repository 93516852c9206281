import type { Readable } from 'node:stream';

const MAX_LINE = 16_384;

/** Calls back for each line of a stream; longer lines are cut, not collected. Always drains the stream. */
export function onLines(stream: Readable, heard: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('error', () => {});
  stream.on('data', (piece: string) => {
    const lines = (rest + piece).split(/\r?\n/);
    rest = (lines.pop() ?? '').slice(0, MAX_LINE);
    for (const line of lines) if (line !== '') heard(line.slice(0, MAX_LINE));
  });
  stream.once('close', () => {
    if (rest !== '') heard(rest);
    rest = '';
  });
}
