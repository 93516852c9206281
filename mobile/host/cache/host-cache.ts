import * as z from 'zod';
import { fromUtf8, utf8 } from '../../../contract/channel/bytes.ts';
import { HostState } from '../../../contract/host-state.ts';
import type { Mirror } from '../../../contract/mirror.ts';
import { Cursor } from '../../../contract/stream.ts';
import type { DrawBytes } from '../random.ts';
import type { CacheKeys, SealedRows } from './cache-types.ts';
import { createSealer } from './sealer.ts';
import type { CacheOwner, Sealer } from './sealer.ts';

/** A cache that its host has not renewed for so long is wiped: whoever has the device by then shall not read it. */
export const CACHE_LIVES = 14 * 24 * 3_600_000;

const STORE = 'state';
const RECORD = 'snapshot';
const Snapshot = z.strictObject({ asOf: z.int().nonnegative(), cursor: Cursor, state: HostState });

/** What was known when the app was used last. */
export interface CachedState {
  /** When the host was heard last, milliseconds since 1970. */
  readonly asOf: number;
  readonly mirror: Mirror;
}

/** The last state of one host, sealed on this device. None of its ways rejects: a cache is never worth a failure. */
export interface HostCache {
  /** Gets the key. `share`: the host's half. False when there is no key yet. */
  unlock(share?: Uint8Array): Promise<boolean>;
  load(): Promise<CachedState | undefined>;
  save(known: CachedState): Promise<void>;
  /** The key first, then what it sealed. What is being saved meanwhile is not kept. */
  wipe(): Promise<void>;
}

export interface HostCacheDeps {
  readonly rows: SealedRows;
  readonly keys: CacheKeys;
  readonly random: DrawBytes;
}

export function createHostCache(
  owner: CacheOwner & { readonly keyId: string },
  deps: HostCacheDeps,
): HostCache {
  const { rows, keys, random } = deps;
  const { keyId } = owner;
  let sealer: Sealer | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** One at a time, so that a wipe is not overtaken by what was being written. */
  function inTurn<Result>(run: () => Promise<Result>, instead: Result): Promise<Result> {
    const result = last.then(run).catch(() => instead);
    last = result;
    return result;
  }

  async function read(): Promise<CachedState | undefined> {
    const sealed = sealer && (await rows.get(keyId, sealer.nameOf(STORE, RECORD)));
    const text = sealed && sealer?.open(STORE, RECORD, sealed);
    if (!text) return undefined;
    const { asOf, cursor, state } = Snapshot.parse(JSON.parse(fromUtf8(text)));
    return { asOf, mirror: { cursor, state } };
  }

  return {
    unlock: (share) =>
      inTurn(async () => {
        const key = await keys.key(keyId, share);
        sealer = key && createSealer(key, owner, random);
        return sealer !== undefined;
      }, false),
    load: () => inTurn(read, undefined),
    save: ({ asOf, mirror }) =>
      inTurn(async () => {
        if (!sealer || !mirror.cursor) return;
        const text = utf8(JSON.stringify({ asOf, cursor: mirror.cursor, state: mirror.state }));
        const sealed = sealer.seal(STORE, RECORD, text);
        if (sealed) await rows.put(keyId, sealer.nameOf(STORE, RECORD), sealed);
      }, undefined),
    async wipe() {
      sealer = undefined;
      await keys.forget(keyId).catch(() => undefined);
      await inTurn(() => rows.clear(keyId), undefined);
    },
  };
}
