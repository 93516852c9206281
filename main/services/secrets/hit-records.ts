import type { Auditor } from '../../kernel/auditor.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { HeldSecret } from './ports.ts';

const EVERY_MS = 60_000;
/** More tags than this in one minute share one record: a flood of made-up secrets must not fill the log. */
const MAX_RECORDS = 50;

export interface HitRecords {
  note(held: HeldSecret, where: string): void;
  /** Puts on record what has gathered. */
  flush(): Promise<void>;
}

/** Hits on the audit record, gathered for a minute: at most one record for each tag and minute. */
export function createHitRecords(deps: { clock: Pick<Clock, 'after'>; audit: Auditor }): HitRecords {
  const { clock, audit } = deps;
  let gathered = new Map<string, { kind: string; where: string; count: number }>();
  let others = 0;
  let cancel: (() => void) | null = null;

  async function flush(): Promise<void> {
    cancel?.();
    cancel = null;
    const records = gathered;
    const rest = others;
    gathered = new Map();
    others = 0;
    for (const [tag, facts] of records) {
      await audit.append({ actor: 'host', type: 'secret.hit', object: `secret:${tag}`, facts });
    }
    if (rest > 0) {
      await audit.append({
        actor: 'host',
        type: 'secret.hit',
        object: 'secret:others',
        facts: { count: rest },
      });
    }
  }

  return {
    flush,
    note({ tag, kind }, where) {
      const before = gathered.get(tag);
      if (before) before.count += 1;
      else if (gathered.size < MAX_RECORDS) gathered.set(tag, { kind, where, count: 1 });
      else others += 1;
      // A log that cannot be written stops the acts; that something was held back is not one.
      cancel ??= clock.after(EVERY_MS, () => void flush().catch(() => {}));
    },
  };
}
