import { fromBase64Url } from '../../contract/channel/bytes.ts';
import type { ReliableRecord } from '../../contract/reliable-record.ts';
import type { HostState } from '../../contract/host-state.ts';
import { hostOf } from './address.ts';
import { CACHE_LIVES, createHostCache } from './cache/host-cache.ts';
import type { CachedState, HostCache } from './cache/host-cache.ts';
import type { DeviceStorage } from './device-storage.ts';
import type { DialDeps } from './dial.ts';
import type { HostBook } from './host-book.ts';
import { createHostLink } from './host-link.ts';
import type { HostLink } from './host-link.ts';
import type { PairedHost } from './host-record.ts';
import { hostView } from './host-view.ts';
import { readReliable, saveReliable } from './reliable-storage.ts';
import type { HostView } from './views.ts';
import { createWitness } from './witness.ts';
import type { Witness } from './witness.ts';

/** What changes are kept after, so that a busy host does not wear the storage. */
const KEEP_AFTER = 3000;
const HOUR = 3_600_000;

export interface HostEntryDeps extends DialDeps {
  readonly storage: DeviceStorage;
  readonly book: HostBook;
  now(): number;
  /** The view is another one. */
  changed(): void;
  /** The host has cast this device out. */
  revoked(): void;
}

/** One paired host: its connection, its cache and what was witnessed of it; nothing is shared with other hosts. */
export interface HostEntry {
  readonly record: PairedHost;
  readonly link: HostLink;
  readonly witness: Witness;
  state(): HostState;
  view(): HostView;
  /** Whether nothing was heard of the host for so long that its cache must go. */
  isStale(): boolean;
  stop(): void;
  /** Ends it and wipes its keys and everything that was kept of it; the key of the cache first. */
  wipe(): Promise<void>;
}

function tunnelAddressIn({ tunnel }: HostState): string | undefined {
  return 'url' in tunnel ? hostOf(tunnel.url) : undefined;
}

function isStale({ heardAt }: PairedHost, now: number): boolean {
  return heardAt !== null && now - heardAt > CACHE_LIVES;
}

/** Reads what is kept of the host and makes its entry; it does not connect before `link.start`. */
export async function openHostEntry(first: PairedHost, deps: HostEntryDeps): Promise<HostEntry> {
  const { book, now, schedule, storage } = deps;
  const { cacheKeys, cacheRows, keys, outboxes } = storage;
  let record = first;
  let view: HostView | undefined;
  let late: CachedState | undefined;
  let over = false;
  let cancelKeeping: (() => void) | undefined;
  let kept: unknown;
  let asked = false;
  let learning = false;
  let saving = Promise.resolve();

  const cache: HostCache = createHostCache(record, { rows: cacheRows, keys: cacheKeys, random: deps.random });
  if (isStale(record, now())) await cache.wipe();
  const known = !cacheKeys.needsShare && (await cache.unlock()) ? await cache.load() : undefined;
  const reliable = await readReliable(record, outboxes);

  async function learn(change: Partial<PairedHost>): Promise<void> {
    await book.update(record.hostId, (host) => (host.keyId === record.keyId ? change : {}));
    record = { ...record, ...change };
  }

  function save(dealings: ReliableRecord): Promise<void> {
    if (over) return Promise.resolve();
    const done = saveReliable(record, dealings, { book, outboxes });
    saving = done.catch(() => undefined);
    return done;
  }

  const link = createHostLink({
    ...deps,
    ...{ reliable, known },
    record: () => record,
    deviceKey: () => keys.dhKey(record.keyId),
    save,
    rotate: ({ devicePsk, hostPublicKey }) =>
      learn({ hostPublicKey: fromBase64Url(hostPublicKey), devicePsk: fromBase64Url(devicePsk) }),
    changed,
  });
  const witness = createWitness({
    ...{ notes: storage.notes, now, schedule },
    name: `witness.${record.keyId}`,
    ask: (since) => link.call('audit.checkpoint', since === undefined ? {} : { since }),
    changed: refresh,
  });
  await witness.read();

  function refresh(): void {
    view = undefined;
    if (!over) deps.changed();
  }

  function changed(): void {
    if (over) return;
    if (link.link().kind === 'online') {
      witness.look();
      rememberFacts();
      if (cacheKeys.needsShare && !asked) void unlockByShare();
    } else asked = false;
    keepSoon();
    refresh();
  }

  /** Where it will be found from elsewhere, and what this device may do there now. */
  function rememberFacts(): void {
    const { cursor, state } = link.mirror();
    if (!cursor) return;
    const tunnelAddress = tunnelAddressIn(state) ?? record.tunnelAddress;
    const said = state.devices[record.deviceId]?.scope;
    const scope = said === undefined || said === 'own' ? record.scope : said;
    if (learning || (tunnelAddress === record.tunnelAddress && scope === record.scope)) return;
    learning = true;
    void learn({ tunnelAddress, scope })
      .catch(() => undefined)
      .finally(() => (learning = false));
  }

  async function unlockByShare(): Promise<void> {
    asked = true;
    const answer = await link.call('identity.cacheKey', {});
    if (over || answer.kind !== 'done') return;
    if (!(await cache.unlock(fromBase64Url(answer.value.share)))) return;
    late ??= await cache.load();
    keepSoon();
    refresh();
  }

  function keepSoon(): void {
    if (cancelKeeping || link.mirror() === kept) return;
    cancelKeeping = schedule(KEEP_AFTER, () => {
      cancelKeeping = undefined;
      if (!over) keep();
    });
  }

  function keep(): void {
    const asOf = link.heardAt();
    if (asOf === null) return;
    kept = link.mirror();
    void cache.save({ asOf, mirror: link.mirror() });
    if (record.heardAt === null || asOf - record.heardAt >= HOUR) {
      void learn({ heardAt: asOf }).catch(() => undefined);
    }
  }

  function state(): HostState {
    const mirror = link.mirror();
    return mirror.cursor ? mirror.state : (late ?? { mirror }).mirror.state;
  }

  function end(): void {
    over = true;
    cancelKeeping?.();
    witness.stop();
    link.stop();
  }

  return {
    get record() {
      return record;
    },
    link,
    witness,
    state,
    view: () =>
      (view ??= hostView(record, state(), {
        link: link.link(),
        waiting: link.waiting(),
        witness: witness.view(),
      })),
    isStale: () => isStale({ ...record, heardAt: link.heardAt() ?? record.heardAt }, now()),
    stop() {
      if (!over) keep();
      end();
    },
    async wipe() {
      end();
      // What is just being saved must not come after what removes it.
      await saving;
      await cache.wipe();
      await keys.forget(record.keyId).catch(() => undefined);
      await outboxes.forget(record.keyId).catch(() => undefined);
      await witness.forget();
    },
  };
}
