import { hkdfSync } from 'node:crypto';
import { nobleDhKey, type DhKey } from '../../../contract/channel/dh-key.ts';
import { HostError } from '../../../contract/errors.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { Clock, RandomSource, SecretStore } from '../../kernel/ports.ts';
import { createInvitations, type Invitations } from './invitations.ts';

/** The keys of this host, and what hangs on them. Loaded at first use: a host without a phone never needs them. */
export interface HostKeys {
  /** Loads the keys; the first call ever makes them. */
  open(): Promise<DhKey>;
  /** @throws HostError `unavailable` before `open` */
  invitations(): Invitations;
  /** Each device has a key of its own, derived from a master that never leaves; a revoked id is never used again. */
  devicePsk(id: DeviceId): Uint8Array;
}

export function createHostKeys(deps: { secrets: SecretStore; clock: Clock; random: RandomSource }): HostKeys {
  const { secrets, clock, random } = deps;
  let loading: Promise<DhKey> | null = null;
  let keys: { master: Uint8Array; invitations: Invitations } | null = null;

  async function secret(name: string): Promise<Uint8Array> {
    const known = await secrets.get(name);
    if (known) return known;
    const made = random.bytes(32);
    await secrets.set(name, made);
    return made;
  }

  async function load(): Promise<DhKey> {
    const host = nobleDhKey(await secret('host-key'));
    const master = await secret('device-psk-master');
    keys = { master, invitations: createInvitations({ clock, random, hostPublicKey: host.publicKey }) };
    return host;
  }

  function opened() {
    if (!keys) throw new HostError('unavailable', 'the keys of this host are not loaded yet');
    return keys;
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
    invitations: () => opened().invitations,
    devicePsk: (id) => new Uint8Array(hkdfSync('sha256', opened().master, id, 'signalbox/device-psk/v1', 32)),
  };
}
