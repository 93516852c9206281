import { DatabaseSync } from '@photostructure/sqlite';
import { HostError } from '../../contract/errors.ts';
import { makePrivateFile } from './atomic-file.ts';

/**
 * One host per home. SQLite's exclusive lock is the operating system's own, so a host that was killed leaves no
 * stale lock behind and no pid has to be guessed at.
 * @returns a function that gives the lock back
 * @throws HostError `conflict` while another host runs
 */
export function lockHome(file: string): () => void {
  makePrivateFile(file);
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE;');
  } catch (error) {
    db.close();
    if (!/locked|busy/i.test(String(error))) throw error;
    throw new HostError('conflict', 'a host already runs for this home; `signalbox status` talks to it');
  }
  return () => {
    db.exec('ROLLBACK');
    db.close();
  };
}
