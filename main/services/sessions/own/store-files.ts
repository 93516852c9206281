import { constants } from 'node:fs';
import { lstat, open, readdir, realpath, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { collector } from '../file-lines.ts';

const PIECE = 65_536;
/** A line that is longer is left out: no agent writes one on purpose. */
export const LONGEST_OWN_LINE = 16 * 1024 * 1024;
const MAX_NAMES = 20_000;

/** A file in a store, seen without following a link. Times in milliseconds. */
export interface StoreFile {
  readonly path: string;
  /** Below the root of the store, with '/'. */
  readonly relative: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly birthtimeMs: number;
  readonly ino: number;
}

/** The real folder of a store; null when there is none. It may be a link that its owner made, what is in it may not. */
export async function realRoot(folder: string): Promise<string | null> {
  try {
    return await realpath(folder);
  } catch {
    return null;
  }
}

/**
 * The plain files below a root, the newest first, at most `most` of them. Links, pipes and devices are passed over.
 * @returns how many more there are, too
 */
export async function filesBelow(
  root: string,
  options: { depth: number; most: number; isWanted(relative: string): boolean },
): Promise<{ files: StoreFile[]; leftOut: number }> {
  const names: string[] = [];
  await walk(root, '', options.depth, (relative) => {
    if (options.isWanted(relative)) names.push(relative);
    return names.length < MAX_NAMES;
  });
  const files: StoreFile[] = [];
  for (const relative of names) {
    const found = await statFile(root, relative);
    if (found) files.push(found);
  }
  files.sort((a, b) => b.mtimeMs - a.mtimeMs);
  return { files: files.slice(0, options.most), leftOut: Math.max(0, files.length - options.most) };
}

/** Folders by name backwards: stores that file by date give the newest first. False ends the walk. */
async function walk(
  root: string,
  below: string,
  depth: number,
  found: (relative: string) => boolean,
): Promise<boolean> {
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(() => []);
  entries.sort((a, b) => (a.name < b.name ? 1 : -1));
  for (const entry of entries) {
    const relative = below === '' ? entry.name : `${below}/${entry.name}`;
    const goOn = entry.isDirectory()
      ? depth <= 1 || (await walk(root, relative, depth - 1, found))
      : !entry.isFile() || found(relative);
    if (!goOn) return false;
  }
  return true;
}

export async function statFile(root: string, relative: string): Promise<StoreFile | null> {
  const path = join(root, relative);
  try {
    const facts = await lstat(path);
    if (!facts.isFile()) return null;
    const { size, mtimeMs, birthtimeMs, ino } = facts;
    return { path, relative, size, mtimeMs, birthtimeMs, ino };
  } catch {
    return null;
  }
}

/** A line of a store, parsed: `undefined` when it is no JSON or too long. */
export interface StoreLine {
  readonly value: unknown;
  /** Where the next line begins. */
  readonly end: number;
}

/** Opens a plain file of a store: a link in its place is refused, a pipe does not hang. */
export async function openStoreFile(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error(`${path} is no plain file`);
}

/** The whole lines of a file from `start` to `until`, as a stream: never more than one line is held. */
export async function* storeLines(path: string, start: number, until: number): AsyncGenerator<StoreLine> {
  const handle = await openStoreFile(path);
  try {
    const line = collector(LONGEST_OWN_LINE);
    // One buffer for each read: a line keeps what it was given until it is whole.
    for (let at = start; at < until;) {
      const { bytesRead, buffer } = await handle.read(
        Buffer.allocUnsafe(Math.min(PIECE, until - at)),
        0,
        Math.min(PIECE, until - at),
        at,
      );
      if (bytesRead === 0) return;
      for (let begin = 0; begin < bytesRead;) {
        const stop = buffer.subarray(0, bytesRead).indexOf(0x0a, begin);
        line.add(buffer.subarray(begin, stop < 0 ? bytesRead : stop));
        if (stop < 0) break;
        yield { value: parse(line.take()), end: at + stop + 1 };
        begin = stop + 1;
      }
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

function parse(line: Buffer | null): unknown {
  if (line === null) return undefined;
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    return undefined;
  }
}
