import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { explainErrno } from './directory-walk.ts';
import type { WalkedDirectory } from './directory-walk.ts';
import { admit, locate } from './locate.ts';
import type { GuardContext } from './locate.ts';
import { parseRelativePath, refusePath } from './path-lexical.ts';

export interface FileContent {
  readonly bytes: Buffer;
  /** SHA-256 of the bytes, lower-case hexadecimal. */
  readonly sha256: string;
  /** Permission bits, for example 0o644. */
  readonly mode: number;
}

export type EntryKind = 'file' | 'directory' | 'symlink' | 'other';

export interface Listing {
  readonly entries: readonly { name: string; kind: EntryKind }[];
  /** More entries exist than were returned. */
  readonly truncated: boolean;
  /** Entries left out because they are blocked or their names cannot be used. */
  readonly hidden: number;
}

export interface FileStat {
  readonly kind: 'file' | 'directory';
  /** Bytes. */
  readonly size: number;
  readonly mtimeMs: number;
  readonly mode: number;
}

/** An opened regular file that passed every check; the caller closes `fd`. */
export interface OpenedFile {
  readonly fd: number;
  readonly stat: fs.BigIntStats;
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = fs.constants;
const defaultMaxBytes = 8 * 1024 * 1024;
const defaultMaxEntries = 5000;
// Up to this size a synchronous read costs less than a trip through the thread pool.
const synchronousBytes = 64 * 1024;

/** {@link Root.readFile} */
export async function readGuarded(
  context: GuardContext,
  path: string,
  maxBytes = defaultMaxBytes,
): Promise<FileContent> {
  const at = locate(context, path);
  let file: OpenedFile;
  try {
    file = openRegular(context, at.parent, at.name, at.path);
  } finally {
    at.parent.close();
  }
  try {
    return await readOpened(file, at.path, maxBytes);
  } finally {
    fs.closeSync(file.fd);
  }
}

/**
 * Opens the entry `name` without following a link and checks the descriptor, not the name: regular file, one hard link,
 * same device and mount as the root, still the entry of its directory.
 */
export function openRegular(
  context: GuardContext,
  parent: WalkedDirectory,
  name: string,
  shown: string,
): OpenedFile {
  const at = parent.child(name);
  // Looking first keeps an ordinary device node from being opened at all; the descriptor is what decides.
  const seen = fs.lstatSync(at, { throwIfNoEntry: false });
  if (seen !== undefined) refuseKind(seen, shown);
  let fd: number;
  try {
    fd = fs.openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | context.walk.openFlags);
  } catch (error) {
    throw explainErrno(error, shown, at);
  }
  try {
    const stat = fs.fstatSync(fd, { bigint: true });
    refuseKind(stat, shown);
    if (stat.dev !== context.root.dev) throw refusePath('not_permitted', shown, 'is on another mount');
    if (stat.nlink !== 1n) {
      throw refusePath(
        'not_permitted',
        shown,
        `has ${stat.nlink} hard links; it may belong outside the workspace`,
      );
    }
    parent.verifyFile(fd, name);
    return { fd, stat };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

function refuseKind(stat: fs.Stats | fs.BigIntStats, shown: string): void {
  if (stat.isSymbolicLink()) throw refusePath('not_permitted', shown, 'is a symbolic link');
  if (stat.isDirectory()) throw refusePath('invalid_input', shown, 'is a directory');
  if (!stat.isFile()) throw refusePath('not_permitted', shown, 'is not a regular file');
}

/** Content of an opened file; refuses `stale` if it changed while it was read. */
export async function readOpened(file: OpenedFile, shown: string, maxBytes: number): Promise<FileContent> {
  const { fd, stat } = file;
  if (stat.size > BigInt(maxBytes)) {
    throw refusePath('too_large', shown, `has ${stat.size} bytes; the limit is ${maxBytes}`);
  }
  const size = Number(stat.size);
  const bytes = Buffer.allocUnsafe(size);
  const length = size <= synchronousBytes ? fs.readSync(fd, bytes, 0, size, 0) : await readFully(fd, bytes);
  const after = fs.fstatSync(fd, { bigint: true });
  if (length !== size || after.size !== stat.size || after.mtimeNs !== stat.mtimeNs) {
    throw refusePath('stale', shown, 'changed while it was read; try again');
  }
  return { bytes, sha256: sha256(bytes), mode: Number(stat.mode & 0o777n) };
}

async function readFully(fd: number, into: Buffer): Promise<number> {
  let offset = 0;
  while (offset < into.length) {
    const count = await new Promise<number>((resolve, reject) => {
      fs.read(fd, into, offset, into.length - offset, offset, (error, bytesRead) => {
        if (error) reject(error);
        else resolve(bytesRead);
      });
    });
    if (count === 0) break;
    offset += count;
  }
  return offset;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** {@link Root.stat} */
export function statGuarded(context: GuardContext, path: string): FileStat {
  if (parseRelativePath(path).segments.length === 0) return shape(fs.lstatSync(context.root.path));
  const at = locate(context, path);
  try {
    const entry = at.parent.child(at.name);
    const stat = fs.lstatSync(entry, { throwIfNoEntry: false });
    if (stat === undefined) throw refusePath('not_found', at.path, 'does not exist');
    if (stat.isSymbolicLink()) throw refusePath('not_permitted', at.path, 'is a symbolic link');
    if (!stat.isFile() && !stat.isDirectory()) {
      throw refusePath('not_permitted', at.path, 'is not a regular file');
    }
    at.parent.verify();
    return shape(stat);
  } finally {
    at.parent.close();
  }
}

const shape = (stat: fs.Stats): FileStat => ({
  kind: stat.isDirectory() ? 'directory' : 'file',
  size: stat.size,
  mtimeMs: stat.mtimeMs,
  mode: stat.mode & 0o777,
});

/** {@link Root.list} */
export function listDirectory(context: GuardContext, path: string, maxEntries = defaultMaxEntries): Listing {
  const { segments } = admit(context.blocked, path);
  const directory = context.walk.enter(context.root, segments);
  try {
    directory.verify();
    const listing = readEntries(context, directory, segments, maxEntries);
    directory.verify();
    return listing;
  } finally {
    directory.close();
  }
}

function readEntries(
  context: GuardContext,
  directory: WalkedDirectory,
  segments: readonly string[],
  maxEntries: number,
): Listing {
  const entries: { name: string; kind: EntryKind }[] = [];
  let hidden = 0;
  let truncated = false;
  const stream = fs.opendirSync(directory.self, { bufferSize: 256 });
  try {
    for (let entry = stream.readSync(); entry !== null; entry = stream.readSync()) {
      if (!isUsable(context, segments, entry.name)) {
        hidden += 1;
      } else if (entries.length < maxEntries) {
        entries.push({ name: entry.name, kind: kindOf(entry) });
      } else {
        truncated = true;
        break;
      }
    }
  } finally {
    stream.closeSync();
  }
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { entries, truncated, hidden };
}

function isUsable(context: GuardContext, segments: readonly string[], name: string): boolean {
  try {
    return context.blocked.match([...segments, ...parseRelativePath(`./${name}`).segments]) === null;
  } catch {
    return false;
  }
}

function kindOf(entry: fs.Dirent): EntryKind {
  if (entry.isSymbolicLink()) return 'symlink';
  if (entry.isDirectory()) return 'directory';
  return entry.isFile() ? 'file' : 'other';
}
