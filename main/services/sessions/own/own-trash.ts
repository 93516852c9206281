import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join, sep } from 'node:path';
import * as z from 'zod';
import { HostError } from '../../../../contract/errors.ts';
import type { SessionId } from '../../../../contract/ids.ts';
import { OwnStore } from '../../../../contract/sessions.ts';
import { syncFolder, writeFileAtomic } from '../../../kernel/atomic-file.ts';
import { makePrivate } from '../../../kernel/home.ts';
import type { StoreFile } from './store-files.ts';

const Manifest = z.strictObject({
  store: OwnStore,
  /** Below the root of the store; no step of it leads up. */
  relative: z
    .string()
    .max(4096)
    .refine((path) => path.split('/').every((step) => step !== '' && step !== '.' && step !== '..')),
});

export interface OwnTrash {
  /** Moves a file of an agent's store here. */
  take(id: SessionId, store: OwnStore, file: StoreFile): void;
  has(id: SessionId): boolean;
  /**
   * Moves it back to where it was.
   * @param rootOf the real root of a store; null when the store is gone
   * @throws HostError `conflict` when another file lies there by now, `unavailable` when it cannot go back
   */
  giveBack(id: SessionId, rootOf: (store: OwnStore) => string | null): void;
  remove(id: SessionId): void;
}

/** Deleted sessions of agents: `ID/manifest.json` says where the file was, which lies below `ID/files` at the same path. */
export function createOwnTrash(folder: string): OwnTrash {
  const place = (id: SessionId) => join(folder, id);
  const read = (id: SessionId) =>
    Manifest.parse(JSON.parse(readFileSync(join(place(id), 'manifest.json'), 'utf8')));
  return {
    has: (id) => existsSync(join(place(id), 'manifest.json')),
    take(id, store, file) {
      makePrivate(dirname(folder));
      makePrivate(folder);
      makePrivate(place(id));
      writeFileAtomic(
        join(place(id), 'manifest.json'),
        JSON.stringify(Manifest.parse({ store, relative: file.relative })),
      );
      const target = join(place(id), 'files', file.relative);
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      move(file.path, target);
    },
    giveBack(id, rootOf) {
      const { store, relative } = read(id);
      const from = join(place(id), 'files', relative);
      if (lstatSync(from, { throwIfNoEntry: false })?.isFile() !== true) return;
      const root = rootOf(store);
      if (root === null)
        throw new HostError('unavailable', `the folder where ${store} keeps its sessions is gone`);
      const target = join(root, relative);
      mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
      if (!`${realpathSync(dirname(target))}${sep}`.startsWith(`${root}${sep}`))
        throw new HostError('unavailable', `${dirname(target)} leads out of the folder of ${store}`);
      putBack(from, target);
      rmSync(place(id), { recursive: true, force: true });
    },
    remove: (id) => rmSync(place(id), { recursive: true, force: true }),
  };
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    copyDurably(from, to);
    unlinkSync(from);
  }
  syncFolder(dirname(to));
  syncFolder(dirname(from));
}

/** Never over a file that is there. */
function putBack(from: string, to: string): void {
  try {
    link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new HostError('conflict', `another file lies at ${to} by now; move it away first`);
  }
  syncFolder(dirname(to));
  unlinkSync(from);
}

function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EXDEV' && code !== 'EPERM' && code !== 'ENOTSUP') throw error;
    copyDurably(from, to);
  }
}

function copyDurably(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_EXCL);
  const descriptor = openSync(to, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
