import type { WorkspaceId } from '../../../contract/ids.ts';
import { AllowedSecret } from '../../../contract/secrets.ts';
import { text, type Database } from '../../kernel/database.ts';
import type { Clock } from '../../kernel/ports.ts';

export interface AllowList {
  add(entry: AllowedSecret): void;
  /** Whether there was one. */
  remove(tag: string): boolean;
  /** Those in force. */
  list(): AllowedSecret[];
  has(tag: string, workspaceId: WorkspaceId | null): boolean;
}

/** Values that the owner lets through, by tag: everywhere or for one workspace, for a time. The value is not kept. */
export function createAllowList(db: Database, clock: Pick<Clock, 'now'>): AllowList {
  const entries = new Map<string, AllowedSecret>(
    db.all('SELECT body FROM allowed_secrets').map((row) => {
      const entry = AllowedSecret.parse(JSON.parse(text(row, 'body')));
      return [keyOf(entry.tag, entry.workspaceId), entry];
    }),
  );

  /** A clock that was put back must not bring one back to life, so before its beginning it is not in force either. */
  function isInForce({ allowedAt, expiresAt }: AllowedSecret): boolean {
    const now = clock.now();
    return now >= Date.parse(allowedAt) && now < Date.parse(expiresAt);
  }
  function drop(entry: AllowedSecret): void {
    entries.delete(keyOf(entry.tag, entry.workspaceId));
    db.run('DELETE FROM allowed_secrets WHERE tag = ? AND workspace = ?', entry.tag, entry.workspaceId ?? '');
  }
  const inForce = (key: string): boolean => {
    const entry = entries.get(key);
    return entry !== undefined && isInForce(entry);
  };

  return {
    add(entry) {
      for (const old of [...entries.values()]) if (clock.now() >= Date.parse(old.expiresAt)) drop(old);
      entries.set(keyOf(entry.tag, entry.workspaceId), entry);
      db.run(
        'INSERT OR REPLACE INTO allowed_secrets (tag, workspace, body) VALUES (?, ?, ?)',
        entry.tag,
        entry.workspaceId ?? '',
        JSON.stringify(entry),
      );
    },
    remove(tag) {
      const same = [...entries.values()].filter((entry) => entry.tag === tag);
      same.forEach(drop);
      return same.length > 0;
    },
    list: () => [...entries.values()].filter(isInForce),
    has: (tag, workspaceId) =>
      entries.size > 0 &&
      (inForce(keyOf(tag, null)) || (workspaceId !== null && inForce(keyOf(tag, workspaceId)))),
  };
}

const keyOf = (tag: string, workspaceId: string | null): string => `${tag} ${workspaceId ?? ''}`;
