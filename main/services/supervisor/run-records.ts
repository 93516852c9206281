import { text, type Database } from '../../kernel/database.ts';
import type { Writes } from './writes.ts';

/** What a later host needs to find a run again when its shim is gone too. */
export interface RunRecord {
  readonly name: string;
  readonly run: string;
  readonly pid: number;
  readonly startTime: string;
  /** Differs after every start of the machine: then nothing of it lives. */
  readonly bootId: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
}

/** The run of each process that is alive or just being started. */
export function createRunRecords(db: Database, writes: Writes) {
  return {
    load: (): RunRecord[] =>
      db
        .all('SELECT name, run, pid, start_time, boot_id, started_at FROM process_runs ORDER BY name')
        .map((row) => ({
          name: text(row, 'name'),
          run: text(row, 'run'),
          pid: Number(row['pid']),
          startTime: text(row, 'start_time'),
          bootId: text(row, 'boot_id'),
          startedAt: Number(row['started_at']),
        })),
    save({ name, run, pid, startTime, bootId, startedAt }: RunRecord): void {
      writes.add(
        `run of ${name}`,
        () =>
          void db.run(
            `INSERT OR REPLACE INTO process_runs (name, run, pid, start_time, boot_id, started_at)
             VALUES (?, ?, ?, ?, ?, ?)`,
            ...[name, run, pid, startTime, bootId, startedAt],
          ),
      );
    },
    remove(run: string): void {
      writes.add(`run ${run}`, () => void db.run('DELETE FROM process_runs WHERE run = ?', run));
    },
  };
}
export type RunRecords = ReturnType<typeof createRunRecords>;
