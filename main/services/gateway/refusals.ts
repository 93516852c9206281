import type { Auditor } from '../../kernel/auditor.ts';
import type { Clock } from '../../kernel/ports.ts';

const QUIET_MS = 60_000;

export type RefusalType = 'token.refused' | 'browser.refused' | 'device.refused' | 'acp.refused';

export interface Refusals {
  /** A client came with credentials that open nothing. */
  note(type: RefusalType, object: string): void;
}

/**
 * Puts refused credentials on record: the first at once, those of the following minute as one number. Whoever knocks a
 * thousand times a second fills no disk, and does not go unseen.
 */
export function createRefusals(deps: { audit: Auditor; clock: Clock }): Refusals {
  const { audit, clock } = deps;
  const quiet = new Map<string, number>();

  // A refusal stands whether it could be recorded or not.
  const write = (type: RefusalType, object: string, count: number) =>
    void audit.append({ actor: 'unknown', type, object, facts: { count } }).catch(() => {});

  return {
    note(type, object) {
      const key = `${type} ${object}`;
      const more = quiet.get(key);
      if (more !== undefined) return void quiet.set(key, more + 1);
      write(type, object, 1);
      quiet.set(key, 0);
      clock.after(QUIET_MS, () => {
        const since = quiet.get(key) ?? 0;
        quiet.delete(key);
        if (since > 0) write(type, object, since);
      });
    },
  };
}
