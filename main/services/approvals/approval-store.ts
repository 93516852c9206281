import { Approval, ApprovalDetail } from '../../../contract/approvals.ts';
import { HostError } from '../../../contract/errors.ts';
import type { HostEvent } from '../../../contract/host-state.ts';
import { Origin } from '../../../contract/policy.ts';
import { text, type Database, type Row } from '../../kernel/database.ts';

/** What is kept beside an approval and is nobody's business but the host's. */
export interface Keeping {
  /** Which question it is: the same for the same action of the same requester in the same session. */
  readonly question: string;
  readonly sessionKey: string | null;
  /** Where it came from: rules may speak of that, and the action does not hold it. */
  readonly origin: Origin;
  /** Its asker can come again after a restart. */
  readonly comesAgain: boolean;
}

export interface Kept extends Keeping {
  readonly approval: Approval;
  /** The answer was handed over. */
  readonly taken: boolean;
  /** Milliseconds of its life that were left when this was last looked at. */
  readonly leftMs: number;
}

export interface ApprovalStore {
  insert(approval: Approval, detail: ApprovalDetail, keeping: Keeping, leftMs: number): void;
  /** Moves on only from the state that was expected, so that of two answers the first one wins. */
  move(from: Approval, to: Approval): boolean;
  /** Hands the answer over. True for the first who calls it while the approval is in that state, and for nobody else. */
  take(id: string, state: Approval['state']): boolean;
  /** An answer that was handed over and never begun can be picked up once more. */
  giveBack(id: string): void;
  keepLeft(id: string, leftMs: number): void;
  get(id: string): Approval;
  kept(id: string): Kept;
  detail(id: string): ApprovalDetail;
  newest(limit: number): Approval[];
  /** Everything that is not at its end. */
  open(): Kept[];
  /** Answers to a question that nobody has picked up, and the question itself while it is open; newest first. */
  ofQuestion(question: string): Kept[];
  /** How many questions a session has asked since. */
  countSince(sessionKey: string, since: string): number;
  /** That a principal has read the content, and whether it has. */
  markOpened(id: string, principal: string): void;
  wasOpened(id: string, principal: string): boolean;
}

/** Approvals on the disk. A change is there first and is published after. */
export function createApprovalStore(db: Database, publish: (event: HostEvent) => void): ApprovalStore {
  const row = (id: string): Row => {
    const found = db.get('SELECT * FROM approvals WHERE id = ?', id);
    if (!found) throw new HostError('not_found', `there is no approval ${id}`);
    return found;
  };

  return {
    insert(approval, detail, { question, sessionKey, comesAgain, origin }, leftMs) {
      db.run(
        `INSERT INTO approvals
           (id, state, created_at, body, detail, question, session_key, comes_again, taken, left_ms, origin)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`,
        approval.id,
        approval.state,
        approval.createdAt,
        JSON.stringify(approval),
        JSON.stringify(detail),
        question,
        sessionKey,
        comesAgain ? 1 : 0,
        leftMs,
        origin,
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
    take: (id, state) =>
      db.run('UPDATE approvals SET taken = 1 WHERE id = ? AND state = ? AND taken = 0', id, state) === 1,
    giveBack: (id) => void db.run('UPDATE approvals SET taken = 0 WHERE id = ?', id),
    keepLeft: (id, leftMs) =>
      void db.run('UPDATE approvals SET left_ms = ? WHERE id = ?', Math.max(0, Math.floor(leftMs)), id),
    get: (id) => approvalOf(row(id)),
    kept: (id) => keptOf(row(id)),
    detail: (id) => ApprovalDetail.parse(JSON.parse(text(row(id), 'detail'))),
    newest: (limit) =>
      db
        .all(`SELECT body FROM approvals ORDER BY state = 'pending' DESC, created_at DESC LIMIT ?`, limit)
        .map(approvalOf),
    open: () =>
      db.all(`SELECT * FROM approvals WHERE state IN ('pending', 'approved', 'executing')`).map(keptOf),
    ofQuestion: (question) =>
      db
        .all(
          `SELECT * FROM approvals
           WHERE question = ? AND taken = 0 AND state IN ('pending', 'approved', 'denied')
           ORDER BY created_at DESC, rowid DESC LIMIT 8`,
          question,
        )
        .map(keptOf),
    countSince(sessionKey, since) {
      const found = db.get(
        'SELECT COUNT(*) AS count FROM approvals WHERE session_key = ? AND created_at > ?',
        sessionKey,
        since,
      );
      return Number(found?.['count'] ?? 0);
    },
    markOpened: (id, principal) =>
      void db.run(
        'INSERT OR IGNORE INTO approval_openings (approval_id, principal) VALUES (?, ?)',
        id,
        principal,
      ),
    wasOpened: (id, principal) =>
      db.get('SELECT 1 FROM approval_openings WHERE approval_id = ? AND principal = ?', id, principal) !==
      undefined,
  };
}

function approvalOf(row: Row): Approval {
  return Approval.parse(JSON.parse(text(row, 'body')));
}

function keptOf(row: Row): Kept {
  const sessionKey = row['session_key'];
  return {
    approval: approvalOf(row),
    question: text(row, 'question'),
    sessionKey: typeof sessionKey === 'string' ? sessionKey : null,
    origin: Origin.parse(row['origin']),
    comesAgain: row['comes_again'] === 1,
    taken: row['taken'] === 1,
    leftMs: Number(row['left_ms']),
  };
}
