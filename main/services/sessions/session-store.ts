import { Session } from '../../../contract/sessions.ts';
import { text, type Database } from '../../kernel/database.ts';

export interface SessionStore {
  get(id: string): Session | null;
  put(session: Session): void;
  /** Newest first, without deleted ones. */
  list(filter: { agent: string | undefined; limit: number }): Session[];
  open(): Session[];
}

export function createSessionStore(db: Database): SessionStore {
  const read = (body: string) => Session.parse(JSON.parse(body));
  return {
    get(id) {
      const row = db.get('SELECT body FROM sessions WHERE id = ?', id);
      return row ? read(text(row, 'body')) : null;
    },
    put: (session) =>
      void db.run(
        `INSERT INTO sessions (id, state, created_at, body) VALUES (?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body`,
        session.id,
        session.state,
        session.createdAt,
        JSON.stringify(session),
      ),
    list: ({ agent, limit }) =>
      db
        .all(
          `SELECT body FROM sessions WHERE state <> 'deleted' AND (? IS NULL OR json_extract(body, '$.agent') = ?)
           ORDER BY created_at DESC, rowid DESC LIMIT ?`,
          agent ?? null,
          agent ?? null,
          limit,
        )
        .map((row) => read(text(row, 'body'))),
    open: () =>
      db
        .all("SELECT body FROM sessions WHERE state = 'open' ORDER BY rowid")
        .map((row) => read(text(row, 'body'))),
  };
}
