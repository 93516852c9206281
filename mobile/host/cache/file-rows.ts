import { Directory, File, Paths } from 'expo-file-system';
import { assertHostId } from '../key-types.ts';
import type { SealedRows } from './cache-types.ts';

/** Below the folder that the system may empty and leaves out of backups: what is lost comes again from the host. */
const folderOf = (keyId: string): Directory => {
  assertHostId(keyId);
  return new Directory(Paths.cache, 'signalbox', keyId);
};

/** Sealed records as files of the app, one folder for each pairing. */
export function createFileRows(): SealedRows {
  return {
    async get(keyId, name) {
      const file = new File(folderOf(keyId), name);
      return file.exists ? file.bytes() : undefined;
    },
    put(keyId, name, bytes) {
      const folder = folderOf(keyId);
      folder.create({ intermediates: true, idempotent: true });
      const file = new File(folder, name);
      if (!file.exists) file.create();
      file.write(bytes);
      return Promise.resolve();
    },
    clear(keyId) {
      const folder = folderOf(keyId);
      if (folder.exists) folder.delete();
      return Promise.resolve();
    },
  };
}
