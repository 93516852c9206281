import { SessionId, type WorkspaceId } from '../../../contract/ids.ts';
import { Session } from '../../../contract/sessions.ts';
import type { Database, Row } from '../../kernel/database.ts';
import type { SetAside } from './set-aside.ts';

export interface SessionFilter {
  readonly agent?: string | undefined;
  readonly workspaceId?: WorkspaceId | undefined;
  readonly origin?: Session['origin'] | undefined;
  /** Without it: all but the deleted ones. */
  readonly state?: Session['state'] | undefined;
  /** Only those older than this place in the list. */
  readonly before?: ListPlace | undefined;
  readonly limit: number;
}

/** Where a session stands in the list, which is sorted by these two. */
export interface ListPlace {
  readonly createdAt: string;
  readonly id: string;
}

export interface SessionStore {
  get(id: string): Session | null;
  put(session: Session): void;
  remove(id: SessionId): void;
  /** Newest first. */
  list(filter: SessionFilter): Session[];
  open(): Session[];
  deletedBefore(instant: string): Session[];
  /** The agents' own ids of all sessions of this store, the deleted ones too. */
  agentSessionIds(): Set<string>;
}

/** One row a session. A row that cannot be read is moved aside: it never breaks the list, and it is not lost. */
export function createSessionStore(db: Database, aside: SetAside): SessionStore {
  function read(row: Row): Session[] {
    const parsed = parse(row['body']);
    if (parsed && parsed.id === row['id'] && parsed.state === row['state']) return [parsed];
    aside.keep(JSON.stringify(row), `${String(row['id'])}.row.json`);
    db.run('DELETE FROM sessions WHERE id = ?', row['id'] ?? null);
    return [];
  }
  const all = (sql: string, ...values: (string | number | null)[]) => db.all(sql, ...values).flatMap(read);

  return {
    get(id) {
      const row = db.get('SELECT id, state, body FROM sessions WHERE id = ?', id);
      return row ? (read(row)[0] ?? null) : null;
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
    remove: (id) => void db.run('DELETE FROM sessions WHERE id = ?', id),
    list(filter) {
      const asked = select(filter);
      for (;;) {
        const rows = db.all(asked.sql, ...asked.values);
        const sessions = rows.flatMap(read);
        // A damaged row took the place of a good one: it is gone now, so asking again fills the page.
        if (sessions.length === rows.length) return sessions;
      }
    },
    open: () => all("SELECT id, state, body FROM sessions WHERE state = 'open' ORDER BY rowid"),
    deletedBefore: (instant) =>
      all("SELECT id, state, body FROM sessions WHERE state = 'deleted'").filter(
        ({ deletedAt }) => deletedAt !== null && deletedAt < instant,
      ),
    agentSessionIds: () =>
      new Set(
        db
          .all(
            "SELECT json_extract(body, '$.agentSessionId') AS theirs FROM sessions WHERE json_valid(body) = 1",
          )
          .map((row) => String(row['theirs'])),
      ),
  };
}

function select(filter: SessionFilter): { sql: string; values: (string | number | null)[] } {
  const conditions: string[] = [];
  const values: (string | number | null)[] = [];
  const only = (condition: string, ...given: string[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (filter.state === undefined) only("state <> 'deleted'");
  else only('state = ?', filter.state);
  const field = (name: string) => `CASE json_valid(body) WHEN 1 THEN json_extract(body, '$.${name}') END = ?`;
  if (filter.agent !== undefined) only(field('agent'), filter.agent);
  if (filter.workspaceId !== undefined) only(field('workspaceId'), filter.workspaceId);
  // Rows of before there were others say nothing of it.
  if (filter.origin === 'task') only(`NOT coalesce(${field('origin')}, 0)`, 'agent');
  if (filter.origin === 'agent') only(field('origin'), 'agent');
  if (filter.before) {
    const { createdAt, id } = filter.before;
    only('(created_at < ? OR (created_at = ? AND id < ?))', createdAt, createdAt, id);
  }
  return {
    sql: `SELECT id, state, body FROM sessions WHERE ${conditions.join(' AND ')} ORDER BY created_at DESC, id DESC LIMIT ?`,
    values: [...values, filter.limit],
  };
}

function parse(body: unknown): Session | null {
  try {
    const parsed = Session.safeParse(JSON.parse(String(body)));
    return parsed.success && SessionId.safeParse(parsed.data.id).success ? parsed.data : null;
  } catch {
    return null;
  }
}
