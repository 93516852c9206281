import { fromUtf8, utf8 } from '../../contract/channel/bytes.ts';
import type { CacheKeys, SealedRows } from './cache/cache-types.ts';
import { createSealer } from './cache/sealer.ts';
import type { CacheOwner, Sealer } from './cache/sealer.ts';
import type { DrawBytes } from './random.ts';

/** Whose commands they are. */
export type OutboxOwner = CacheOwner & { readonly keyId: string };

/** Commands that wait for a host, unreadable to whoever copies the storage. */
export interface Outboxes {
  /** The text that was written last; undefined when there is none that can be read. */
  read(owner: OutboxOwner): Promise<string | undefined>;
  /** Resolves when it is on disk. */
  write(owner: OutboxOwner, text: string): Promise<void>;
  forget(keyId: string): Promise<void>;
}

const STORE = 'outbox';
const RECORD = 'commands';

/** Outboxes among the sealed records of a device whose keys need no host. They go when the cache is wiped. */
export function createSealedOutboxes(deps: {
  readonly rows: SealedRows;
  readonly keys: CacheKeys;
  readonly random: DrawBytes;
}): Outboxes {
  const { rows, keys, random } = deps;
  async function sealerOf(owner: OutboxOwner): Promise<Sealer> {
    const key = await keys.key(owner.keyId, undefined);
    if (!key) throw new Error('There is no key for the commands that wait.');
    return createSealer(key, owner, random);
  }
  return {
    async read(owner) {
      const sealer = await sealerOf(owner);
      const sealed = await rows.get(owner.keyId, sealer.nameOf(STORE, RECORD));
      const text = sealed && sealer.open(STORE, RECORD, sealed);
      return text && fromUtf8(text);
    },
    async write(owner, text) {
      const sealer = await sealerOf(owner);
      const sealed = sealer.seal(STORE, RECORD, utf8(text));
      if (!sealed) throw new Error('Too much waits for this host already.');
      await rows.put(owner.keyId, sealer.nameOf(STORE, RECORD), sealed);
    },
    forget: (keyId) => rows.clear(keyId),
  };
}
