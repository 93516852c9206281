import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { createLineMatcher } from './line-matcher.ts';
import type { FindLine } from './find-line.ts';

/** How much of what was printed before is looked at, from the end. */
const HISTORY_BYTES = 1_048_576;
const PIECE = 65_536;

/** The first line of the end of these files that fits; null when none does or none can be read. */
export async function searchFiles(files: readonly string[], find: FindLine): Promise<string | null> {
  for (const file of files) {
    const line = await searchFile(file, find);
    if (line !== null) return line;
  }
  return null;
}

async function searchFile(file: string, find: FindLine): Promise<string | null> {
  const handle = await open(file, 'r').catch(() => null);
  if (!handle) return null;
  try {
    const { size } = await handle.stat();
    const match = createLineMatcher(find);
    const decoder = new StringDecoder('utf8');
    const buffer = Buffer.alloc(PIECE);
    for (let at = Math.max(0, size - HISTORY_BYTES); at < size;) {
      const { bytesRead } = await handle.read(buffer, 0, PIECE, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const line = match(decoder.write(buffer.subarray(0, bytesRead)));
      if (line !== null) return line;
    }
    return null;
  } finally {
    await handle.close();
  }
}
