import { HostError } from '../../../contract/errors.ts';
import type { WorkspaceId } from '../../../contract/ids.ts';
import type { AllowedSecret } from '../../../contract/secrets.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { Database } from '../../kernel/database.ts';
import type { HandlersOf } from '../../kernel/handlers.ts';
import { instant, type Clock } from '../../kernel/ports.ts';
import { createAllowList } from './allow-list.ts';
import { createHitBook } from './hit-book.ts';
import { createHitRecords } from './hit-records.ts';
import type { HeldSecret, RaiseAlert } from './ports.ts';

const DAY_MS = 24 * 3_600_000;

export interface SecretsDeps {
  db: Database;
  clock: Clock;
  audit: Auditor;
  raise: RaiseAlert;
}

export interface Secrets {
  readonly handlers: HandlersOf<'secrets'>;
  /** The outbound gate held this back in content of this kind. */
  held(secret: HeldSecret, where: string): void;
  /** Whether the owner lets the value with this tag through, in what leaves this workspace. */
  allowed(tag: string, workspaceId: WorkspaceId | null): boolean;
  stop(): Promise<void>;
}

/** What the outbound gate held back, and the values that the owner says are no secrets. */
export function createSecrets({ db, clock, audit, raise }: SecretsDeps): Secrets {
  const hits = createHitBook(clock);
  const records = createHitRecords({ clock, audit });
  const allowList = createAllowList(db, clock);

  function kindToAllow(tag: string): string {
    const hit = hits.find(tag);
    if (!hit) {
      throw new HostError(
        'not_found',
        `no secret with the tag ${tag} was held back since the start; the tag stands behind the # in the text`,
      );
    }
    if (!hit.mayLeave) {
      throw new HostError(
        'refused',
        `#${tag} is a private key or a secret of this host; no setting lets it through`,
      );
    }
    return hit.kind;
  }

  async function allow(
    { tag, workspaceId, note, days }: Parameters<Secrets['handlers']['secrets.allow']>[0],
    caller: Caller,
  ): Promise<AllowedSecret> {
    const kind = kindToAllow(tag);
    const now = clock.now();
    const entry = {
      ...{ tag, kind, workspaceId, note },
      allowedAt: instant(now),
      expiresAt: instant(now + days * DAY_MS),
    };
    // On record first: what cannot be recorded does not happen.
    await audit.append({
      actor: caller.principal,
      type: 'secret.allowed',
      object: `secret:${tag}`,
      facts: { kind, days, workspaceId },
    });
    allowList.add(entry);
    const place = workspaceId === null ? 'everywhere' : `in workspace ${workspaceId}`;
    raise(
      'secret-allowed',
      `A value that looks like a secret (${kind} #${tag}) may leave ${place} for ${days} days.`,
    );
    return entry;
  }

  return {
    held(secret, where) {
      hits.note(secret, where);
      records.note(secret, where);
    },
    allowed: allowList.has,
    stop: () => records.flush(),
    handlers: {
      'secrets.list': () => ({ hits: hits.list(), allowed: allowList.list() }),
      'secrets.allow': allow,
      'secrets.forget': async ({ tag }, caller) => {
        if (!allowList.remove(tag)) throw new HostError('not_found', `#${tag} is not allowed through`);
        await audit.append({ actor: caller.principal, type: 'secret.forgotten', object: `secret:${tag}` });
        return {};
      },
    },
  };
}
