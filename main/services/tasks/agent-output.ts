import type { Readable } from 'node:stream';

const MAX_KEPT = 8192;

/** Keeps the end of what an agent says on stderr: the only witness when it dies. */
export function keepTail(stream: Readable): () => string {
  let kept = '';
  const decoder = new TextDecoder();
  stream.on('data', (chunk: Uint8Array) => {
    kept = (kept + decoder.decode(chunk, { stream: true })).slice(-MAX_KEPT);
  });
  stream.on('error', () => {});
  return () => kept;
}

/** The last few lines, without colours and cursor movements. */
export function lastLines(text: string, count = 8): string {
  return text
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '')
    .slice(-count)
    .join('\n');
}
