import { Reply } from '../../contract/errors.ts';
import { text, type Database } from './database.ts';

/** How far behind the newest counter of a device a new command of it may come in; older ones are replays. */
export const COUNTER_WINDOW = 4096;

export interface Stamp {
  readonly commandId: string;
  readonly counter: number;
}

/** What a command with this stamp is to the host: new, done or under way before, or not to be believed. */
export type Entry =
  | { readonly kind: 'new' }
  | { readonly kind: 'repeat'; readonly reply: Reply | null }
  | {
      readonly kind: 'replay';
      readonly why: 'other-request' | 'other-counter' | 'used-counter' | 'old-counter';
    };

export interface CommandLedger {
  /** Highest counter of this principal that was ever taken, 0 for none. */
  highWater(principal: string): number;
  /** Looks the command up and, if it is new, writes it down. On the disk when it returns. */
  enter(principal: string, stamp: Stamp, requestSha256: string): Entry;
  settle(principal: string, commandId: string, reply: Reply): void;
}

/**
 * What every device has commanded, newest 4096 of each. A row is dropped only when its counter has left the window, so
 * a command that is not found here and would still be taken was never here before. No clock takes part.
 */
export function createCommandLedger(db: Database): CommandLedger {
  function highWater(principal: string): number {
    const row = db.get('SELECT counter FROM command_counters WHERE principal = ?', principal);
    return Number(row?.['counter'] ?? 0);
  }

  function known(principal: string, { commandId, counter }: Stamp, sha256: string): Entry | null {
    const row = db.get(
      'SELECT request_sha256, counter, reply FROM seen_commands WHERE principal = ? AND command_id = ?',
      principal,
      commandId,
    );
    if (!row) return null;
    if (text(row, 'request_sha256') !== sha256) return { kind: 'replay', why: 'other-request' };
    if (row['counter'] !== counter) return { kind: 'replay', why: 'other-counter' };
    const reply = row['reply'];
    return { kind: 'repeat', reply: typeof reply === 'string' ? Reply.parse(JSON.parse(reply)) : null };
  }

  function isUsed(principal: string, counter: number): boolean {
    const sql = 'SELECT 1 FROM seen_commands WHERE principal = ? AND counter = ?';
    return db.get(sql, principal, counter) !== undefined;
  }

  return {
    highWater,
    enter(principal, stamp, requestSha256) {
      const earlier = known(principal, stamp, requestSha256);
      if (earlier) return earlier;
      const top = highWater(principal);
      if (stamp.counter <= top - COUNTER_WINDOW) return { kind: 'replay', why: 'old-counter' };
      if (isUsed(principal, stamp.counter)) return { kind: 'replay', why: 'used-counter' };
      const next = Math.max(top, stamp.counter);
      db.transaction(() => {
        db.run(
          'INSERT INTO seen_commands (principal, command_id, counter, request_sha256) VALUES (?, ?, ?, ?)',
          principal,
          stamp.commandId,
          stamp.counter,
          requestSha256,
        );
        db.run(
          'INSERT INTO command_counters (principal, counter) VALUES (?, ?) ' +
            'ON CONFLICT (principal) DO UPDATE SET counter = excluded.counter',
          principal,
          next,
        );
        db.run(
          'DELETE FROM seen_commands WHERE principal = ? AND counter <= ?',
          principal,
          next - COUNTER_WINDOW,
        );
      });
      return { kind: 'new' };
    },
    settle(principal, commandId, reply) {
      db.run(
        'UPDATE seen_commands SET reply = ? WHERE principal = ? AND command_id = ?',
        JSON.stringify(reply),
        principal,
        commandId,
      );
    },
  };
}
