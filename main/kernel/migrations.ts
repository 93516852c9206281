/**
 * The schema, one step after another. A step is never changed once it was released: add the next one. Rows keep the
 * contract's own JSON in `body`; only what a query needs is a column of its own.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE workspaces (id TEXT PRIMARY KEY, path TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT;
  CREATE TABLE agents (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE processes (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE children (
    pid INTEGER NOT NULL, start_time TEXT NOT NULL, boot_id TEXT NOT NULL, label TEXT NOT NULL,
    PRIMARY KEY (pid, start_time)
  ) STRICT;
  CREATE TABLE devices (
    id TEXT PRIMARY KEY, public_key TEXT NOT NULL, state TEXT NOT NULL, approval_key TEXT NOT NULL,
    counter INTEGER NOT NULL DEFAULT 0, body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX devices_by_key ON devices (public_key) WHERE state <> 'revoked';
  CREATE TABLE tokens (id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE tasks (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, idempotency TEXT NOT NULL UNIQUE, request_sha256 TEXT NOT NULL,
    created_at TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX tasks_by_time ON tasks (created_at);
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, created_at TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE approvals (
    id TEXT PRIMARY KEY, state TEXT NOT NULL, created_at TEXT NOT NULL, body TEXT NOT NULL, detail TEXT NOT NULL
  ) STRICT;
  CREATE INDEX approvals_by_time ON approvals (created_at);
  CREATE TABLE grants (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE seen_commands (
    principal TEXT NOT NULL, command_id TEXT NOT NULL, request_sha256 TEXT NOT NULL, reply TEXT,
    seen_at TEXT NOT NULL, PRIMARY KEY (principal, command_id)
  ) STRICT, WITHOUT ROWID;
  `,
];
