import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { HostError } from '../../contract/errors.ts';
import { errnoOf, explainErrno } from './directory-walk.ts';
import type { WalkedDirectory } from './directory-walk.ts';
import { openRegular, readOpened, sha256 } from './guarded-read.ts';
import { admit, locate } from './locate.ts';
import type { GuardContext, Located } from './locate.ts';
import { refusePath, showPath } from './path-lexical.ts';

export interface WriteOptions {
  /**
   * SHA-256 of the content that is to be replaced (`stale` if it is another one); null = the file must not exist
   * (`conflict` if it does). Both hashes are in the error's data as `expectedSha256` and `actualSha256`.
   */
  expectedSha256: string | null;
  /** Largest accepted content in bytes, default 16 MiB. */
  maxBytes?: number;
  /** For its owner alone (0600), whatever the bits of the old file were. */
  isPrivate?: boolean;
}

export interface Written {
  readonly sha256: string;
  readonly bytes: number;
  readonly created: boolean;
}

export interface Removal {
  readonly kind: 'file' | 'directory';
}

interface Base {
  readonly sha256: string;
  readonly stat: fs.BigIntStats;
}

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_DIRECTORY } = fs.constants;
const defaultMaxBytes = 16 * 1024 * 1024;
const maximumBaseBytes = 256 * 1024 * 1024;

/**
 * {@link Root.writeFile}: temporary file beside the target, fsync, rename through the directory descriptor, fsync of
 * the directory. Readers see the old content or the new, never a part. The permission bits of the old file are kept.
 */
export async function writeGuarded(
  context: GuardContext,
  path: string,
  bytes: Uint8Array,
  options: WriteOptions,
): Promise<Written> {
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  if (bytes.byteLength > maxBytes) {
    throw refusePath('too_large', path, `would have ${bytes.byteLength} bytes; the limit is ${maxBytes}`);
  }
  const at = locate(context, path);
  try {
    const base = await readBase(context, at);
    requireBase(at.path, options.expectedSha256, base?.sha256 ?? null);
    // From here to the rename nothing is awaited, so two writers in this process cannot interleave.
    const temporary = writeTemporary(at, bytes, base, options.isPrivate === true);
    try {
      at.parent.verify();
      publish(at, temporary, base, options.expectedSha256);
    } finally {
      fs.rmSync(at.parent.child(temporary), { force: true });
    }
    syncDirectory(at.parent);
    return { sha256: sha256(bytes), bytes: bytes.byteLength, created: base === null };
  } finally {
    at.parent.close();
  }
}

async function readBase(context: GuardContext, at: Located): Promise<Base | null> {
  if (fs.lstatSync(at.parent.child(at.name), { throwIfNoEntry: false }) === undefined) return null;
  const file = openRegular(context, at.parent, at.name, at.path);
  try {
    const content = await readOpened(file, at.path, maximumBaseBytes);
    return { sha256: content.sha256, stat: file.stat };
  } finally {
    fs.closeSync(file.fd);
  }
}

function requireBase(path: string, expected: string | null, actual: string | null): void {
  if (expected === actual) return;
  const data = { path, expectedSha256: expected, actualSha256: actual };
  if (expected === null) {
    throw new HostError(
      'conflict',
      `${showPath(path)} already exists; give the hash of the content to replace`,
      data,
    );
  }
  const what = actual === null ? 'no longer exists' : 'changed since it was read';
  throw new HostError('stale', `${showPath(path)} ${what}; read it again`, data);
}

function writeTemporary(at: Located, bytes: Uint8Array, base: Base | null, isPrivate: boolean): string {
  const name = `.signalbox-tmp-${randomBytes(9).toString('hex')}`;
  // Private until it has the bits of the old file; a new file gets the usual ones less the process mask.
  const mode = base === null && !isPrivate ? 0o644 : 0o600;
  let fd: number;
  try {
    fd = fs.openSync(at.parent.child(name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  } catch (error) {
    throw explainErrno(error, at.path, at.parent.child(name));
  }
  try {
    let offset = 0;
    while (offset < bytes.byteLength) offset += fs.writeSync(fd, bytes, offset);
    // Never set-user-id, never more than the old file had.
    if (base !== null && !isPrivate) fs.fchmodSync(fd, Number(base.stat.mode & 0o777n));
    fs.fsyncSync(fd);
  } catch (error) {
    fs.rmSync(at.parent.child(name), { force: true });
    throw explainErrno(error, at.path, at.parent.child(name));
  } finally {
    fs.closeSync(fd);
  }
  return name;
}

function publish(at: Located, temporary: string, base: Base | null, expected: string | null): void {
  const from = at.parent.child(temporary);
  const to = at.parent.child(at.name);
  if (base === null) {
    createExclusively(from, to, at.path);
    return;
  }
  const now = fs.lstatSync(to, { bigint: true, throwIfNoEntry: false });
  const same =
    now?.ino === base.stat.ino &&
    now.size === base.stat.size &&
    now.ctimeNs === base.stat.ctimeNs &&
    now.nlink === 1n;
  if (!same) {
    throw new HostError('stale', `${showPath(at.path)} changed while it was written; read it again`, {
      path: at.path,
      expectedSha256: expected,
      actualSha256: null,
    });
  }
  fs.renameSync(from, to);
}

/** `link` fails if the name exists, which `rename` does not; file systems without links get a check and a rename. */
function createExclusively(from: string, to: string, path: string): void {
  const exists = (): HostError =>
    new HostError('conflict', `${showPath(path)} already exists; give the hash of the content to replace`, {
      path,
      expectedSha256: null,
      actualSha256: null,
    });
  try {
    fs.linkSync(from, to);
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'EEXIST') throw exists();
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK' && code !== 'ENOSYS') {
      throw explainErrno(error, path, to);
    }
    if (fs.lstatSync(to, { throwIfNoEntry: false }) !== undefined) throw exists();
    fs.renameSync(from, to);
  }
}

/** {@link Root.makeDirectory}: one level at a time, each opened before the next is made. */
export function makeGuardedDirectory(context: GuardContext, path: string): { created: boolean } {
  const { segments } = admit(context.blocked, path);
  let created = false;
  for (const [index, segment] of segments.entries()) {
    const parent = context.walk.enter(context.root, segments.slice(0, index));
    try {
      parent.verify();
      fs.mkdirSync(parent.child(segment), 0o755);
      syncDirectory(parent);
      created = true;
    } catch (error) {
      if (error instanceof HostError) throw error;
      const shown = segments.slice(0, index + 1).join('/');
      if (errnoOf(error) !== 'EEXIST') throw explainErrno(error, shown, parent.child(segment));
    } finally {
      parent.close();
    }
  }
  // The last level may have existed as a file or a link.
  context.walk.enter(context.root, segments).close();
  return { created };
}

/** {@link Root.remove} */
export async function removeGuarded(
  context: GuardContext,
  path: string,
  expectedSha256?: string,
): Promise<Removal> {
  const at = locate(context, path);
  try {
    const entry = at.parent.child(at.name);
    const stat = fs.lstatSync(entry, { throwIfNoEntry: false });
    if (stat === undefined) throw refusePath('not_found', at.path, 'does not exist');
    if (stat.isDirectory()) {
      at.parent.verify();
      removeEmptyDirectory(entry, at.path);
      syncDirectory(at.parent);
      return { kind: 'directory' };
    }
    const base = await readBase(context, at);
    if (expectedSha256 !== undefined) requireBase(at.path, expectedSha256, base?.sha256 ?? null);
    at.parent.verify();
    fs.unlinkSync(entry);
    syncDirectory(at.parent);
    return { kind: 'file' };
  } finally {
    at.parent.close();
  }
}

function removeEmptyDirectory(entry: string, shown: string): void {
  try {
    fs.rmdirSync(entry);
  } catch (error) {
    if (errnoOf(error) === 'ENOTEMPTY')
      throw refusePath('conflict', shown, 'is a directory that is not empty');
    throw explainErrno(error, shown, entry);
  }
}

function syncDirectory(directory: WalkedDirectory): void {
  if (directory.fd !== null) {
    fs.fsyncSync(directory.fd);
    return;
  }
  // Windows cannot open a directory; its rename is durable enough without.
  if (process.platform === 'win32') return;
  const fd = fs.openSync(directory.self, O_RDONLY | O_DIRECTORY);
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
