import type { DeviceId } from '../../../contract/ids.ts';
import type { GoodbyeReason } from '../../../contract/wire.ts';
import { HostError } from '../../../contract/errors.ts';
import { deviceCaller, ownerCaller, type Caller } from '../../kernel/caller.ts';
import type { DeviceBook } from './device-book.ts';
import type { HostKeys } from './host-keys.ts';
import type { NewKeys } from './ports.ts';
import type { Rotation } from './rotation.ts';

/** A proven client, and the hook that says that its connection ended. */
export interface Connected {
  readonly caller: Caller;
  gone(): void;
}

/** A proven device. */
export interface ConnectedDevice extends Connected {
  /** Its session stands and may be told of new keys. */
  ready(): void;
  /** It said that it stored the keys that it was told first of those that it has not yet answered for. */
  rotated(): void;
}

/** What a carrier lets us do to a session of a device. */
export interface SessionHooks {
  /** Tells the device why and ends its session. */
  end(reason: GoodbyeReason): void;
  rotate(keys: NewKeys): void;
}

export interface DeviceDoor {
  /** `away`: a known device that the owner must confirm once more. Null: nobody that may come in. */
  connect(
    publicKey: Uint8Array,
    hostPublicKey: Uint8Array,
    hooks: SessionHooks,
  ): ConnectedDevice | 'away' | null;
  /** The owner behind a browser's cookie, by the hash of the cookie. */
  browser(secretHash: string, close: (() => void) | null): Connected | null;
  /** Throws for a caller whose session was ended: a call that was on its way does not happen. */
  assertCurrent(caller: Caller): void;
}

/** Proven keys come in here and get a caller; a caller ends with its session. */
export function createDeviceDoor(deps: { book: DeviceBook; keys: HostKeys; rotation: Rotation }): DeviceDoor {
  const { book, keys, rotation } = deps;
  const ended = new WeakSet<Caller>();

  function session(id: DeviceId, caller: Caller, hooks: SessionHooks): ConnectedDevice {
    /** Generations that it was told and has not answered for, oldest first. */
    const told: number[] = [];
    let isReady = false;
    let isOver = false;
    const tell = () => {
      const news = isReady ? rotation.newKeysFor(id) : null;
      if (!news || told.includes(news.generation)) return;
      told.push(news.generation);
      hooks.rotate(news.keys);
    };
    const untrack = book.track(id, {
      end(reason) {
        isOver = true;
        ended.add(caller);
        hooks.end(reason);
      },
      rotate: tell,
    });
    return {
      caller,
      gone() {
        isOver = true;
        untrack();
      },
      ready() {
        isReady = true;
        tell();
      },
      rotated() {
        const generation = told.shift();
        // What a revoked device says last changes nothing.
        if (generation !== undefined && !isOver) rotation.has(id, generation);
      },
    };
  }

  return {
    connect(publicKey, hostPublicKey, hooks) {
      const known = book.byKey(Buffer.from(publicKey).toString('base64url'));
      const opened = keys.byHostKey(hostPublicKey);
      if (!known || !opened || known.device.scope === 'own') return null;
      const stored = book.checkAway(known);
      if (stored.device.state === 'idle') return 'away';
      const { id, scope } = stored.device;
      if (scope === 'own') return null;
      // A session proves that the phone kept its keys, even if its word for it was lost.
      book.confirm(id);
      rotation.has(id, opened.number);
      return session(id, deviceCaller(id, scope), hooks);
    },
    browser(secretHash, close) {
      const known = book.byKey(secretHash);
      if (!known || known.device.kind !== 'browser') return null;
      const { device } = book.checkAway(known);
      if (device.state !== 'active') return null;
      const caller = ownerCaller('browser');
      if (!close) return { caller, gone: () => {} };
      const end = () => {
        ended.add(caller);
        close();
      };
      return { caller, gone: book.track(device.id, { end }) };
    },
    assertCurrent(caller) {
      if (ended.has(caller)) throw new HostError('not_permitted', 'this session was ended by the owner');
    },
  };
}
