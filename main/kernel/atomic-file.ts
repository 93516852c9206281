import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Replace a file so that a crash at any point leaves the old content or the new, never a part: write beside it,
 * fsync, rename, fsync the folder. Mode 0600 unless told otherwise.
 */
export function writeFileAtomic(file: string, content: string | Uint8Array, mode = 0o600): void {
  const folder = dirname(file);
  const temporary = join(folder, `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`);
  const descriptor = openSync(temporary, 'wx', mode);
  try {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
    fsyncSync(descriptor);
  } catch (error) {
    closeSync(descriptor);
    unlinkSync(temporary);
    throw error;
  }
  closeSync(descriptor);
  renameSync(temporary, file);
  syncFolder(folder);
}

/** Makes a created, renamed or removed name durable. Windows has no such call and needs none. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Makes an empty file of mode 0600 where there is none yet: what others open by name is private from its first byte. */
export function makePrivateFile(file: string): void {
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600));
}
