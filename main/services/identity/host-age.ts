import { text, type Database } from '../../kernel/database.ts';
import type { Clock } from '../../kernel/ports.ts';

const KEY = 'age';

/** Milliseconds of life of this host, on or off, since it first counted. It never goes back. */
export interface HostAge {
  now(): number;
  /** Writes it down. Not needed for correctness at every step: what was not saved is counted again by the wall clock. */
  save(): void;
}

/**
 * A measure for "30 days ago" that nobody gains by setting a clock. Between two looks the age grows by the larger of
 * what the monotonic and the wall clock say: a suspended computer and one that was off still grow older, a wall clock
 * set forward makes everything old at once (devices must be renewed: fewer rights), one set back changes nothing.
 * @param atLeast an age that was seen before, in milliseconds: the count never begins below it
 */
export function createHostAge(deps: { db: Database; clock: Clock; atLeast: number }): HostAge {
  const { db, clock, atLeast } = deps;
  const saved = load(db);
  let wall = saved?.wall ?? clock.now();
  let monotonic = clock.monotonic();
  let age = Math.max(saved?.age ?? 0, atLeast);

  function now(): number {
    const [nextWall, nextMonotonic] = [clock.now(), clock.monotonic()];
    age += Math.max(0, nextWall - wall, nextMonotonic - monotonic);
    [wall, monotonic] = [nextWall, nextMonotonic];
    return age;
  }

  return {
    now,
    save() {
      const value = JSON.stringify({ age: now(), wall });
      db.run(
        'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
        KEY,
        value,
      );
    },
  };
}

function load(db: Database): { age: number; wall: number } | null {
  const row = db.get('SELECT value FROM meta WHERE key = ?', KEY);
  if (!row) return null;
  const { age, wall } = JSON.parse(text(row, 'value')) as { age: unknown; wall: unknown };
  if (typeof age !== 'number' || typeof wall !== 'number' || !Number.isFinite(age) || !Number.isFinite(wall))
    throw new RangeError('the age of the host in the state database is no number');
  return { age, wall };
}
