import { HostError } from '../../../contract/errors.ts';
import type { OutputOf } from '../../../contract/commands.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Clock } from '../../kernel/ports.ts';
import type { DeviceBook } from './device-book.ts';
import { fingerprint, type StoredDevice } from './device-store.ts';
import type { GenerationStore } from './generation-store.ts';
import type { HostAge } from './host-age.ts';
import type { HostKeys } from './host-keys.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { NewKeys } from './ports.ts';

/** How long old keys are kept for devices that are away. */
export const KEEP_OLD_MS = 30 * 86_400_000;
/** When old keys are dropped at once: how long a device that was told the new ones has to show that it has them. */
export const GRACE_MS = 60_000;
const MAX_RETIRED = 3;

export interface Rotation {
  rotate(dropOld: boolean, by: string): Promise<OutputOf<'identity.rotateKeys'>>;
  /** What a session of this device must be told; null when it has the current keys. */
  newKeysFor(id: DeviceId): { keys: NewKeys; generation: number } | null;
  /** The device has stored these keys: older ones open nothing for it from this tick on. */
  has(id: DeviceId, generation: number): void;
  /** Ends what is kept for nobody, or for too long. */
  sweep(): Promise<void>;
  /** Takes up what an earlier run began. */
  resume(): Promise<void>;
  stop(): void;
}

/**
 * New keys for the host, crash-safe by the order of writes: the new keys are in the store before the one write that
 * puts them in force; old ones open until every device has said that it stored the new ones, or 30 days have passed;
 * a device that is still on keys that end is revoked, so that none is locked out without being shown as such.
 */
export function createRotation(deps: {
  keys: HostKeys;
  generations: GenerationStore;
  book: DeviceBook;
  live: LiveSessions;
  age: HostAge;
  clock: Clock;
  audit: Auditor;
  /** Codes and devices that wait hold the old host key. */
  cancelPairing(): void;
}): Rotation {
  const { keys, generations, book, live, age, clock, audit, cancelPairing } = deps;
  let isRotating = false;
  let cancelGrace = () => {};
  let sweeping = Promise.resolve();

  const phones = (): StoredDevice[] =>
    book.all().filter(({ device, stage }) => device.kind === 'phone' && stage !== 'revoked');

  async function revokeAll(stale: readonly StoredDevice[]): Promise<void> {
    await Promise.all(stale.map(({ device }) => book.revoke(device.id, 'host', 'keys-ended')));
  }

  /** Phones whose keys are gone: only the new ones, if they have them, still open. */
  function stranded(): StoredDevice[] {
    const oldest = Math.min(...keys.all().map(({ number }) => number));
    return phones().filter(({ generation }) => generation < oldest);
  }

  function beginGrace(): void {
    cancelGrace();
    if (stranded().length > 0)
      cancelGrace = clock.after(GRACE_MS, () => void revokeAll(stranded()).catch(() => {}));
  }

  function newKeysFor(id: DeviceId) {
    const stored = book.byId(id);
    const { number, hostKey, devicePsk } = keys.current();
    if (!stored || stored.device.kind !== 'phone' || stored.generation >= number) return null;
    const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
    return {
      keys: { hostPublicKey: base64url(hostKey.publicKey), devicePsk: base64url(devicePsk(id)) },
      generation: number,
    };
  }

  /** One after the other: the second finds what the first left. */
  function sweep(): Promise<void> {
    const done = sweeping.then(sweepOnce);
    sweeping = done.catch(() => {});
    return done;
  }

  async function sweepOnce(): Promise<void> {
    const retired = generations.all().filter(({ state }) => state === 'retired');
    // Nothing to do is the rule, and then no keyring is opened.
    if (retired.length === 0) return;
    await keys.open();
    for (const { number, retiredAge } of retired) {
      const on = phones().filter(({ generation }) => generation <= number);
      const isOver = age.now() - retiredAge > KEEP_OLD_MS;
      if (on.length > 0 && !isOver) continue;
      await revokeAll(on);
      keys.end(number);
    }
    await keys.deleteEnded();
  }

  async function rotate(dropOld: boolean, by: string) {
    await keys.open();
    const retired = generations.all().filter(({ state }) => state === 'retired');
    if (!dropOld && retired.length >= MAX_RETIRED)
      throw new HostError(
        'too_many',
        'the keys were changed three times already while devices were away; revoke those, or drop the old keys',
      );
    const next = await keys.prepare();
    const newFingerprint = fingerprint(next.hostKey.publicKey);
    const facts = { generation: next.number, dropOld };
    await audit.append({ actor: by, type: 'keys.rotated', object: newFingerprint, facts });
    keys.advance(next, age.now(), dropOld ? 'ended' : 'retired');
    cancelPairing();
    for (const id of live.ids()) for (const session of live.of(id)) session.rotate?.();
    age.save();
    const devicesToTell = phones().length;
    if (dropOld) {
      await revokeAll(stranded().filter(({ device }) => !live.has(device.id)));
      await keys.deleteEnded();
      beginGrace();
    } else await sweep();
    return { fingerprint: newFingerprint, devicesToTell };
  }

  return {
    newKeysFor,
    sweep,
    async rotate(dropOld, by) {
      if (isRotating) throw new HostError('conflict', 'the keys are being changed already');
      isRotating = true;
      try {
        return await rotate(dropOld, by);
      } finally {
        isRotating = false;
      }
    },
    has(id, generation) {
      const before = book.byId(id);
      if (!before || before.generation >= generation) return;
      book.setGeneration(id, generation);
      const facts = { generation };
      void audit.append({ actor: 'host', type: 'device.rotated', object: id, facts }).catch(() => {});
      void sweep().catch(() => {});
    },
    async resume() {
      // A host that never changed its keys opens no keyring for this.
      if (generations.all().every(({ number }) => number === 1)) return;
      await keys.open();
      await sweep();
      beginGrace();
    },
    stop: () => cancelGrace(),
  };
}
