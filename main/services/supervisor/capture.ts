import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { LogFile } from './log-file.ts';

/**
 * Moves everything that a process prints into its log, and tells it to the listener. A piece is read when the one
 * before is written: when the disk is slow the pipe fills and holds the process, not the memory of the host.
 * Bytes that are no UTF-8 stay as they are in the log and read as U+FFFD for listeners.
 * @returns settles when the stream has ended or was given up; never rejects
 */
export async function capture(stream: Readable, file: LogFile, heard: (text: string) => void): Promise<void> {
  const decoder = new StringDecoder('utf8');
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Buffer;
      await file.append(bytes);
      heard(decoder.write(bytes));
    }
  } catch {
    // The pipe was given up because a process that left the group still holds it.
  }
  const rest = decoder.end();
  if (rest !== '') heard(rest);
}
