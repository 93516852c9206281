import type { Database } from '../../kernel/database.ts';

/**
 * A set of keys of this host. `current` opens and is handed out, `retired` only opens, for devices that were away;
 * `ended` opens nothing any more: its keys are being deleted.
 */
export interface Generation {
  readonly number: number;
  readonly state: 'current' | 'retired' | 'ended';
  /** Age of the host at which it was retired, in milliseconds. */
  readonly retiredAge: number;
}

export interface GenerationStore {
  /** Newest first. */
  all(): Generation[];
  /** The next one becomes current; those before it retire, or end at once. In one step, or not at all. */
  advance(number: number, age: number, before: 'retired' | 'ended'): void;
  end(number: number): void;
  /** Its keys are deleted: nothing of it is left. */
  forget(number: number): void;
}

export function createGenerationStore(db: Database): GenerationStore {
  const first: Generation = { number: 1, state: 'current', retiredAge: 0 };

  function all(): Generation[] {
    const rows = db.all('SELECT * FROM key_generations ORDER BY number DESC');
    const found = rows.map((row): Generation => {
      const { number, state, retired_age: retiredAge } = row;
      if (typeof number !== 'number' || typeof retiredAge !== 'number')
        throw new Error('a generation of keys in the state database cannot be read');
      if (state !== 'current' && state !== 'retired' && state !== 'ended')
        throw new Error('a generation of keys in the state database is in no known state');
      return { number, state, retiredAge };
    });
    // A host that never changed its keys has no row at all.
    return found.length === 0 ? [first] : found;
  }

  return {
    all,
    advance(number, age, before) {
      db.transaction(() => {
        if (number === 2)
          db.run(`INSERT OR IGNORE INTO key_generations (number, state) VALUES (1, 'current')`);
        db.run(`UPDATE key_generations SET state = 'retired', retired_age = ? WHERE state = 'current'`, age);
        if (before === 'ended') db.run(`UPDATE key_generations SET state = 'ended'`);
        db.run(`INSERT INTO key_generations (number, state) VALUES (?, 'current')`, number);
      });
    },
    end: (number) => void db.run(`UPDATE key_generations SET state = 'ended' WHERE number = ?`, number),
    forget: (number) => void db.run('DELETE FROM key_generations WHERE number = ?', number),
  };
}
