import { open } from 'node:fs/promises';
import type { OutputOf } from '../../../contract/commands.ts';
import { HostError } from '../../../contract/errors.ts';
import { utf8Bounds } from './utf8-slice.ts';

/**
 * A piece of a log by byte offset, cut between characters. A negative offset counts from the end; one behind the end
 * answers with nothing and the end as the next offset, because the file may have been set aside in between.
 * @throws HostError `not_found` when there is no such file yet
 */
export async function readLog(
  file: string,
  offset: number,
  maxBytes: number,
  sanitize: (text: string) => string,
): Promise<OutputOf<'supervisor.readLog'>> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new HostError('not_found', 'nothing was logged yet');
    throw new HostError('unavailable', `the log cannot be read (${code})`);
  });
  try {
    const { size } = await handle.stat();
    const from = offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size);
    const buffer = Buffer.alloc(Math.min(maxBytes, size - from));
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
    const bytes = buffer.subarray(0, bytesRead);
    const { start, end } = utf8Bounds(bytes, from > 0, from + bytesRead >= size);
    const text = sanitize(bytes.subarray(start, end).toString('utf8'));
    return { text, offset: from + start, nextOffset: from + end, size };
  } finally {
    await handle.close();
  }
}
