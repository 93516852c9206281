import { ManagedProcess } from '../../../contract/supervisor.ts';
import { text, type Database } from '../../kernel/database.ts';
import type { Log } from '../../kernel/ports.ts';
import type { Writes } from './writes.ts';

/** The last known status of each process, so that a restart of the host forgets none. */
export function createProcessRecords(db: Database, writes: Writes, log: Log) {
  return {
    load(): ManagedProcess[] {
      return db.all('SELECT name, body FROM processes ORDER BY name').flatMap((row) => {
        const process = parse(text(row, 'body'));
        // The row stays: a version that can read it may come back.
        if (!process)
          log.error({ process: row['name'] }, 'the record of a process cannot be read and is left out');
        return process ? [process] : [];
      });
    },
    save(process: ManagedProcess): void {
      const { name } = process;
      writes.add(
        `process ${name}`,
        () =>
          void db.run(
            'INSERT OR REPLACE INTO processes (name, body) VALUES (?, ?)',
            name,
            JSON.stringify(process),
          ),
      );
    },
    remove(name: string): void {
      writes.add(`process ${name}`, () => void db.run('DELETE FROM processes WHERE name = ?', name));
    },
  };
}
export type ProcessRecords = ReturnType<typeof createProcessRecords>;

function parse(body: string): ManagedProcess | null {
  try {
    return ManagedProcess.parse(JSON.parse(body));
  } catch {
    return null;
  }
}
