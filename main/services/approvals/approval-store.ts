import { Approval, ApprovalDetail } from '../../../contract/approvals.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { text, type Database } from '../../kernel/database.ts';

export interface ApprovalStore {
  insert(approval: Approval, detail: ApprovalDetail): void;
  /** Moves on only from the state that was expected, so that of two answers the first one wins. */
  move(from: Approval, to: Approval): boolean;
  get(id: string): Approval;
  detail(id: string): ApprovalDetail;
  newest(limit: number): Approval[];
  open(): Approval[];
}

/** Approvals on the disk. A change is there first and is published after. */
export function createApprovalStore(db: Database, publish: (event: HostEvent) => void): ApprovalStore {
  const parse = (row: ReturnType<Database['get']>): Approval | null =>
    row ? Approval.parse(JSON.parse(text(row, 'body'))) : null;

  return {
    insert(approval, detail) {
      db.run(
        'INSERT INTO approvals (id, state, created_at, body, detail) VALUES (?, ?, ?, ?, ?)',
        approval.id,
        approval.state,
        approval.createdAt,
        JSON.stringify(approval),
        JSON.stringify(detail),
      );
      publish({ type: 'approval.changed', approval });
    },
    move(from, to) {
      const changed = db.run(
        'UPDATE approvals SET state = ?, body = ? WHERE id = ? AND state = ?',
        to.state,
        JSON.stringify(to),
        from.id,
        from.state,
      );
      if (changed === 1) publish({ type: 'approval.changed', approval: to });
      return changed === 1;
    },
    get(id) {
      const approval = parse(db.get('SELECT body FROM approvals WHERE id = ?', id));
      if (!approval) throw new HostError('not_found', `there is no approval ${id}`);
      return approval;
    },
    detail(id) {
      const row = db.get('SELECT detail FROM approvals WHERE id = ?', id);
      if (!row) throw new HostError('not_found', `there is no approval ${id}`);
      return ApprovalDetail.parse(JSON.parse(text(row, 'detail')));
    },
    newest: (limit) =>
      db
        .all(`SELECT body FROM approvals ORDER BY state = 'pending' DESC, created_at DESC LIMIT ?`, limit)
        .flatMap((row) => parse(row) ?? []),
    open: () =>
      db
        .all(`SELECT body FROM approvals WHERE state IN ('pending', 'approved', 'executing')`)
        .flatMap((row) => parse(row) ?? []),
  };
}
