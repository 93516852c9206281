import { Handoff } from '../../../contract/handoff.ts';
import type { HandoffId, WorkspaceId } from '../../../contract/ids.ts';
import { HostError } from '../../../contract/errors.ts';
import { text, type Database } from '../../kernel/database.ts';

const KEPT = 200;

export interface HandoffStore {
  get(id: HandoffId): Handoff | null;
  /** Newest first. */
  list(limit: number): Handoff[];
  running(): Handoff[];
  /** @throws HostError `conflict` while another one runs in the workspace */
  insert(handoff: Handoff): void;
  save(handoff: Handoff): void;
  isCompleted(workspaceId: WorkspaceId, planSha256: string): boolean;
  complete(workspaceId: WorkspaceId, planSha256: string, at: string): void;
}

export function createHandoffStore(db: Database): HandoffStore {
  const select = (sql: string, ...values: (string | number)[]) =>
    db.all(sql, ...values).map((row) => Handoff.parse(JSON.parse(text(row, 'body'))));

  return {
    get: (id) => select('SELECT body FROM handoffs WHERE id = ?', id)[0] ?? null,
    list: (limit) => select('SELECT body FROM handoffs ORDER BY started_at DESC, rowid DESC LIMIT ?', limit),
    running: () => select("SELECT body FROM handoffs WHERE state = 'running'"),
    insert(handoff) {
      db.transaction(() => {
        const [other] = select(
          "SELECT body FROM handoffs WHERE state = 'running' AND workspace_id = ?",
          handoff.workspaceId,
        );
        if (other)
          throw new HostError(
            'conflict',
            `a handoff runs in this workspace already; stop it first: signalbox handoff stop ${other.id}`,
            { handoffId: other.id },
          );
        db.run(
          'INSERT INTO handoffs (id, workspace_id, state, started_at, body) VALUES (?, ?, ?, ?, ?)',
          handoff.id,
          handoff.workspaceId,
          handoff.state,
          handoff.startedAt,
          JSON.stringify(handoff),
        );
        db.run(
          "DELETE FROM handoffs WHERE state <> 'running' AND rowid NOT IN (SELECT rowid FROM handoffs ORDER BY rowid DESC LIMIT ?)",
          KEPT,
        );
      });
    },
    save: (handoff) =>
      void db.run(
        'UPDATE handoffs SET state = ?, body = ? WHERE id = ?',
        handoff.state,
        JSON.stringify(handoff),
        handoff.id,
      ),
    isCompleted: (workspaceId, planSha256) =>
      db.get(
        'SELECT 1 AS found FROM handoff_plans WHERE workspace_id = ? AND plan_sha256 = ?',
        workspaceId,
        planSha256,
      ) !== undefined,
    complete: (workspaceId, planSha256, at) =>
      void db.run(
        'INSERT OR REPLACE INTO handoff_plans (workspace_id, plan_sha256, completed_at) VALUES (?, ?, ?)',
        workspaceId,
        planSha256,
        at,
      ),
  };
}
