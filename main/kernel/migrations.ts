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
  // Commands of devices are counted: what was kept without a number can never be repeated, so it goes.
  `
  DROP TABLE seen_commands;
  CREATE TABLE seen_commands (
    principal TEXT NOT NULL, command_id TEXT NOT NULL, counter INTEGER NOT NULL, request_sha256 TEXT NOT NULL,
    reply TEXT, PRIMARY KEY (principal, command_id), UNIQUE (principal, counter)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE command_counters (principal TEXT PRIMARY KEY, counter INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // What an approval must keep so that its asker can come again after a restart: which question it is, who may pick
  // up the answer, whether somebody did, and how much of its time was left.
  `
  ALTER TABLE approvals ADD COLUMN question TEXT NOT NULL DEFAULT '';
  ALTER TABLE approvals ADD COLUMN session_key TEXT;
  ALTER TABLE approvals ADD COLUMN comes_again INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE approvals ADD COLUMN taken INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE approvals ADD COLUMN left_ms INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX approvals_by_question ON approvals (question);
  CREATE INDEX approvals_by_session ON approvals (session_key, created_at);
  CREATE TABLE approval_openings (
    approval_id TEXT NOT NULL, principal TEXT NOT NULL, PRIMARY KEY (approval_id, principal)
  ) STRICT, WITHOUT ROWID;
  `,
  // Keys can be changed, and devices that were away for long are asked again: which keys a device is on, and how old
  // the host was when it last saw it.
  `
  CREATE TABLE key_generations (
    number INTEGER PRIMARY KEY, state TEXT NOT NULL, retired_age REAL NOT NULL DEFAULT 0
  ) STRICT;
  ALTER TABLE devices ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE devices ADD COLUMN seen_age REAL NOT NULL DEFAULT 0;
  `,
  // Values that look like secrets and that the owner lets through, by tag.
  `
  CREATE TABLE allowed_secrets (
    tag TEXT NOT NULL, workspace TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (tag, workspace)
  ) STRICT;
  `,
  // Passkeys of the owner, and how often each has been used.
  `
  CREATE TABLE passkeys (
    id TEXT PRIMARY KEY, public_key TEXT NOT NULL, counter INTEGER NOT NULL, body TEXT NOT NULL
  ) STRICT;
  `,
  // Where a question came from: needed to judge it anew when it is answered.
  `
  ALTER TABLE approvals ADD COLUMN origin TEXT NOT NULL DEFAULT 'acp';
  `,
  // What the owner has said about an agent, whoever defined it.
  `
  CREATE TABLE agent_settings (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  `,
  // What a task has changed, kept when it ends.
  `
  CREATE TABLE task_diffs (task_id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
  // Which life of each managed process was the last, so that the next host finds it again.
  `
  CREATE TABLE process_runs (
    name TEXT PRIMARY KEY, run TEXT NOT NULL, pid INTEGER, start_time TEXT NOT NULL, boot_id TEXT NOT NULL,
    started_at REAL NOT NULL
  ) STRICT;
  `,
  // Handoffs, one that runs in a workspace at a time, and the plans that were carried out to the end.
  `
  CREATE TABLE handoffs (
    id TEXT PRIMARY KEY, workspace_id TEXT NOT NULL, state TEXT NOT NULL, started_at TEXT NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX handoffs_running ON handoffs (workspace_id) WHERE state = 'running';
  CREATE TABLE handoff_plans (
    workspace_id TEXT NOT NULL, plan_sha256 TEXT NOT NULL, completed_at TEXT NOT NULL,
    PRIMARY KEY (workspace_id, plan_sha256)
  ) STRICT, WITHOUT ROWID;
  `,
];
