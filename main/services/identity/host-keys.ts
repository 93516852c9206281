import { hkdfSync } from 'node:crypto';
import { memoryDhKey, type DhKey } from '../../../contract/channel/dh-key.ts';
import { HostError } from '../../../contract/errors.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { KeepSecret, RandomSource, SecretStore } from '../../kernel/ports.ts';
import type { GenerationStore } from './generation-store.ts';

/** One generation of keys: the host's own, and a master from which each device's key is derived. */
export interface HostKeySet {
  readonly number: number;
  readonly hostKey: DhKey;
  /** Each device has a key of its own, 32 bytes; a revoked id is never used again. */
  devicePsk(id: DeviceId): Uint8Array;
}

/** The keys of this host. Loaded at first use: a host without a phone never needs them. */
export interface HostKeys {
  /** Loads the keys; the first call ever makes them. Also finishes deleting those that have ended. */
  open(): Promise<void>;
  /** @throws HostError `unavailable` before `open` */
  current(): HostKeySet;
  /** Those that still open, the current ones first. */
  all(): readonly HostKeySet[];
  byNumber(number: number): HostKeySet | null;
  byHostKey(publicKey: Uint8Array): HostKeySet | null;
  /** Makes and stores the next generation, which is not yet in force. */
  prepare(): Promise<HostKeySet>;
  /** Puts a prepared generation in force with one write; those before it retire, or open nothing from this tick on. */
  advance(next: HostKeySet, age: number, before: 'retired' | 'ended'): void;
  /** From this tick on a retired generation opens nothing. */
  end(number: number): void;
  /** Deletes the keys of those that have ended from the store. */
  deleteEnded(): Promise<void>;
}

/** The first generation has the names that hosts without rotation gave. */
const suffix = (number: number) => (number === 1 ? '' : `-${number}`);
const nameOf = (number: number) => ({
  host: `host-key${suffix(number)}`,
  master: `device-psk-master${suffix(number)}`,
});

export function createHostKeys(deps: {
  secrets: SecretStore;
  random: RandomSource;
  generations: GenerationStore;
  keepSecret?: KeepSecret | undefined;
}): HostKeys {
  const { secrets, random, generations, keepSecret } = deps;
  let loading: Promise<void> | null = null;
  let sets: readonly HostKeySet[] | null = null;

  async function write(name: string): Promise<Uint8Array> {
    const made = random.bytes(32);
    await secrets.set(name, made);
    const kept = await secrets.get(name);
    if (!kept || !Buffer.from(made).equals(kept))
      throw new HostError('unavailable', 'the store for keys did not keep the key that it was given');
    return made;
  }

  async function read(name: string, mayMake: boolean): Promise<Uint8Array> {
    const known = await secrets.get(name);
    if (known) return known;
    if (mayMake) return write(name);
    throw new HostError('unavailable', `a key of this host is missing from the store: ${name}`);
  }

  async function deleteEnded(): Promise<void> {
    for (const { number, state } of generations.all()) {
      if (state !== 'ended') continue;
      await secrets.delete(nameOf(number).host);
      await secrets.delete(nameOf(number).master);
      generations.forget(number);
    }
  }

  async function load(): Promise<void> {
    await deleteEnded();
    const loaded: HostKeySet[] = [];
    for (const { number } of generations.all()) {
      const { host, master } = nameOf(number);
      loaded.push(
        keySet(number, await read(host, number === 1), await read(master, number === 1), keepSecret),
      );
    }
    sets = loaded;
  }

  function opened(): readonly HostKeySet[] {
    if (!sets) throw new HostError('unavailable', 'the keys of this host are not loaded yet');
    return sets;
  }

  function current(): HostKeySet {
    const [newest] = opened();
    if (!newest) throw new HostError('unavailable', 'this host has no keys');
    return newest;
  }

  return {
    open() {
      loading ??= load().catch((error: unknown) => {
        // A keyring that was locked may be open the next time.
        loading = null;
        throw error;
      });
      return loading;
    },
    current,
    all: opened,
    byNumber: (number) => opened().find((set) => set.number === number) ?? null,
    byHostKey: (publicKey) =>
      opened().find((set) => Buffer.from(set.hostKey.publicKey).equals(publicKey)) ?? null,
    async prepare() {
      const number = current().number + 1;
      const { host, master } = nameOf(number);
      return keySet(number, await write(host), await write(master), keepSecret);
    },
    advance(next, age, before) {
      const kept = before === 'retired' ? opened() : [];
      generations.advance(next.number, age, before);
      sets = [next, ...kept];
    },
    end(number) {
      generations.end(number);
      sets = opened().filter((set) => set.number !== number);
    },
    deleteEnded,
  };
}

function keySet(number: number, host: Uint8Array, master: Uint8Array, keepSecret?: KeepSecret): HostKeySet {
  return {
    number,
    hostKey: memoryDhKey(host),
    devicePsk(id) {
      const psk = new Uint8Array(hkdfSync('sha256', master, id, 'signalbox/device-psk/v1', 32));
      keepSecret?.(psk);
      return psk;
    },
  };
}
