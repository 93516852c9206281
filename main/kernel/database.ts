import { DatabaseSync } from '@photostructure/sqlite';
import { HostError } from '../../contract/errors.ts';
import { makePrivateFile } from './atomic-file.ts';
import { migrations } from './migrations.ts';

type Sqlite = InstanceType<typeof DatabaseSync>;

export type Row = Record<string, string | number | null>;

/** The few calls that services need. Statements are prepared once and kept. */
export interface Database {
  run(sql: string, ...values: (string | number | null)[]): number;
  get(sql: string, ...values: (string | number | null)[]): Row | undefined;
  all(sql: string, ...values: (string | number | null)[]): Row[];
  /** All or nothing. Runs synchronously, so nothing else can come in between. */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens (or makes) the state database and brings its schema up to date, each step in a transaction of its own.
 * `synchronous = FULL`: what was answered "done" is on the disk. A file made by a newer version is refused.
 * @param file path, or `:memory:` for a test
 */
export function openDatabase(file: string): Database {
  makePrivateFile(file);
  const db = new DatabaseSync(file);
  const named = <T>(work: () => T): T => withFileName(file, work);
  named(() => {
    db.exec(
      'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 2000;',
    );
    migrate(db, file);
  });
  const prepared = new Map<string, ReturnType<Sqlite['prepare']>>();
  const statement = (sql: string) => {
    const known = prepared.get(sql);
    if (known) return known;
    const made = db.prepare(sql);
    prepared.set(sql, made);
    return made;
  };
  return {
    run: (sql, ...values) => named(() => statement(sql).run(...values).changes),
    get: (sql, ...values) => named(() => statement(sql).get(...values) as Row | undefined),
    all: (sql, ...values) => named(() => statement(sql).all(...values) as Row[]),
    transaction(work) {
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work();
        db.exec('COMMIT');
        return result;
      } catch (error) {
        db.exec('ROLLBACK');
        throw error;
      }
    },
    close() {
      prepared.clear();
      db.close();
    },
  };
}

/** SQLite says that a file is damaged, and not which: whoever must put one back from a backup needs its name. */
function withFileName<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { message } = error as Error;
    if (!/malformed|not a database/.test(message)) throw error;
    throw new HostError('unavailable', `${file} is damaged (${message}); put it back from a backup`, {
      file,
    });
  }
}

function migrate(db: Sqlite, file: string): void {
  const at = (db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
  if (at > migrations.length) {
    throw new HostError(
      'conflict',
      `${file} was written by a newer Signalbox (schema ${at}); use that version`,
      {
        found: at,
        known: migrations.length,
      },
    );
  }
  for (let step = at; step < migrations.length; step += 1) {
    db.exec(`BEGIN EXCLUSIVE; ${migrations[step] ?? ''} PRAGMA user_version = ${step + 1}; COMMIT;`);
  }
}

/** A column that must be text, because we wrote it. */
export function text(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new Error(`column ${column} is not text`);
  return value;
}
