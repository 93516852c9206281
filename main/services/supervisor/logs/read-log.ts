import { open } from 'node:fs/promises';
import type { OutputOf } from '../../../../contract/commands.ts';
import { HostError } from '../../../../contract/errors.ts';
import { utf8Bounds } from '../utf8-slice.ts';

/** More than the longest private key that is held together in a stream. */
const AROUND = 40_960;

/**
 * A piece of a log by byte offset, cut between characters. A negative offset counts from the end; one behind the end
 * answers with nothing and the end as the next offset, because the file may have been set aside in between.
 * @throws HostError `not_found` when there is no such file yet
 */
export async function readLog(
  file: string,
  offset: number,
  maxBytes: number,
  part: (text: string, from: number, to: number) => string,
): Promise<OutputOf<'supervisor.readLog'>> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new HostError('not_found', 'nothing was logged yet');
    throw new HostError('unavailable', `the log cannot be read (${code})`);
  });
  try {
    const { size } = await handle.stat();
    const from = offset < 0 ? Math.max(0, size + offset) : Math.min(offset, size);
    const read = async (at: number, length: number): Promise<Buffer> => {
      const buffer = Buffer.alloc(Math.max(0, length));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      return buffer.subarray(0, bytesRead);
    };
    const bytes = await read(from, Math.min(maxBytes, size - from));
    const { start, end } = utf8Bounds(bytes, from > 0, from + bytes.length >= size);
    // Half a secret does not look like one: it is judged with what stands around it.
    const before = Math.min(from + start, AROUND);
    const ahead = await read(from + start - before, before);
    const after = await read(from + end, Math.min(AROUND, size - from - end));
    const [lead, middle, tail] = [ahead, bytes.subarray(start, end), after].map((piece) =>
      piece.toString('utf8'),
    );
    const whole = `${lead ?? ''}${middle ?? ''}${tail ?? ''}`;
    const text = part(whole, lead?.length ?? 0, (lead?.length ?? 0) + (middle?.length ?? 0));
    return { text, offset: from + start, nextOffset: from + end, size };
  } finally {
    await handle.close();
  }
}
