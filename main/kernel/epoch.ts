import { text, type Database } from './database.ts';

const KEY = 'epoch';

/**
 * Counts the starts of this host, in its own state: a host that was put back to an older copy of it shows a smaller
 * number than before, and every device that has seen the larger one notices. The number is on the disk when this
 * returns; call it once per start, before anything listens.
 * @returns the epoch of this start, 1 for the first
 */
export function advanceEpoch(db: Database): number {
  return db.transaction(() => {
    const row = db.get('SELECT value FROM meta WHERE key = ?', KEY);
    const next = (row ? Number(text(row, 'value')) : 0) + 1;
    if (!Number.isSafeInteger(next)) throw new RangeError('the epoch in the state database is no number');
    db.run(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
      KEY,
      String(next),
    );
    return next;
  });
}
