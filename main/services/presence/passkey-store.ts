import { Passkey } from '../../../contract/presence.ts';
import { text, type Database, type Row } from '../../kernel/database.ts';

export interface StoredPasskey {
  readonly passkey: Passkey;
  /** COSE key, base64url. */
  readonly publicKey: string;
  readonly counter: number;
}

export interface PasskeyStore {
  all(): StoredPasskey[];
  get(id: string): StoredPasskey | null;
  insert(stored: StoredPasskey): void;
  save(passkey: Passkey): void;
  /** Puts a proof down; false when another proof came between, by the counter. */
  used(passkey: Passkey, before: number, counter: number): boolean;
  remove(id: string): void;
  /** 32 random bytes that name the owner to authenticators; base64url. Made once. */
  userHandle(make: () => string): string;
  recoveryHash(): string | null;
  setRecoveryHash(sha256: string | null): void;
  /** Forgets all passkeys and the code, or nothing. */
  reset(): void;
}

const USER = 'presence.user';
const RECOVERY = 'presence.recovery';
const SET =
  'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value';

/** The passkeys of the owner, and the hash of the code for the day on which none is at hand. */
export function createPasskeyStore(db: Database): PasskeyStore {
  const read = (row: Row): StoredPasskey => ({
    passkey: Passkey.parse(JSON.parse(text(row, 'body'))),
    publicKey: text(row, 'public_key'),
    counter: Number(row['counter']),
  });
  const meta = (key: string): string | null => {
    const row = db.get('SELECT value FROM meta WHERE key = ?', key);
    return row ? text(row, 'value') : null;
  };

  return {
    all: () => db.all('SELECT * FROM passkeys ORDER BY rowid').map(read),
    get(id) {
      const row = db.get('SELECT * FROM passkeys WHERE id = ?', id);
      return row ? read(row) : null;
    },
    insert({ passkey, publicKey, counter }) {
      const sql = 'INSERT INTO passkeys (id, public_key, counter, body) VALUES (?, ?, ?, ?)';
      db.run(sql, passkey.id, publicKey, counter, JSON.stringify(passkey));
    },
    save: (passkey) =>
      void db.run('UPDATE passkeys SET body = ? WHERE id = ?', JSON.stringify(passkey), passkey.id),
    used(passkey, before, counter) {
      const sql = 'UPDATE passkeys SET body = ?, counter = ? WHERE id = ? AND counter = ?';
      return db.run(sql, JSON.stringify(passkey), counter, passkey.id, before) === 1;
    },
    remove: (id) => void db.run('DELETE FROM passkeys WHERE id = ?', id),
    userHandle(make) {
      const known = meta(USER);
      if (known !== null) return known;
      const made = make();
      db.run(SET, USER, made);
      return made;
    },
    recoveryHash: () => meta(RECOVERY),
    setRecoveryHash(sha256) {
      if (sha256 === null) db.run('DELETE FROM meta WHERE key = ?', RECOVERY);
      else db.run(SET, RECOVERY, sha256);
    },
    reset: () =>
      db.transaction(() => {
        db.run('DELETE FROM passkeys');
        db.run('DELETE FROM meta WHERE key = ?', RECOVERY);
      }),
  };
}
