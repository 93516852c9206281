import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

const MAX_BYTES = 1_048_576;

/**
 * A file of somebody else's program as text; null when it is not there, cannot be read, is no file, or is larger than
 * 1 MiB. Never waits: a pipe with nobody at the other end is no file.
 */
export async function readSmallFile(path: string): Promise<string | null> {
  try {
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const found = await handle.stat();
      return found.isFile() && found.size <= MAX_BYTES ? await handle.readFile('utf8') : null;
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}

/** The same as the object that its JSON holds; null when it holds none. */
export async function readSmallJson(path: string): Promise<Readonly<Record<string, unknown>> | null> {
  const text = await readSmallFile(path);
  if (text === null) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
