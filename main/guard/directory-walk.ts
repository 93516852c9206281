import * as fs from 'node:fs';
import { refusePath } from './path-lexical.ts';
import type { HostError } from '../../contract/errors.ts';

/** The workspace root as it was when it was opened. */
export interface OpenedRoot {
  /** Descriptor of the directory, or null where directories cannot be opened (Windows). */
  readonly fd: number | null;
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
  /** Mount the root lives on, `''` where the system does not tell. */
  readonly mount: string;
}

/** A directory reached from the root without following a link. */
export interface WalkedDirectory {
  readonly fd: number | null;
  /** Path by which one entry of exactly this directory is addressed. */
  child(name: string): string;
  /** Path by which the directory itself is read. */
  readonly self: string;
  /** Refuses when the directory is no longer where it was found. */
  verify(): void;
  /** Refuses when the opened file is not the entry `name` of this directory, on the mount of the root. */
  verifyFile(fd: number, name: string): void;
  close(): void;
}

/** How a system walks down; `linux` holds descriptors, `portable` compares identities before and after. */
export interface DirectoryWalk {
  openRoot(absolutePath: string): OpenedRoot;
  /** Extra flags for opening the last part. */
  readonly openFlags: number;
  enter(root: OpenedRoot, segments: readonly string[]): WalkedDirectory;
}

/** Turns an errno of one step into a refusal that names the path and what is wrong with it. */
export function explainErrno(error: unknown, shown: string, at: string): HostError {
  const code = errnoOf(error);
  if (isSymlink(at)) return refusePath('not_permitted', shown, 'is a symbolic link');
  if (code === 'ENOENT') return refusePath('not_found', shown, 'does not exist');
  if (code === 'ENOTDIR') return refusePath('invalid_input', shown, 'is not a directory');
  if (code === 'ELOOP') return refusePath('not_permitted', shown, 'is a symbolic link');
  if (code === 'EACCES' || code === 'EPERM') {
    return refusePath('not_permitted', shown, 'is not readable by this user');
  }
  if (code === 'ENXIO') return refusePath('not_permitted', shown, 'is not a regular file');
  if (code === 'EROFS') return refusePath('not_permitted', shown, 'is on a read-only file system');
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return refusePath('unavailable', shown, 'does not fit on the disk');
  return refusePath('internal', shown, `failed with ${code ?? 'an unknown error'}`);
}

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function isSymlink(path: string): boolean {
  return fs.lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}
