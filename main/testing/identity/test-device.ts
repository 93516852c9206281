import { randomBytes } from 'node:crypto';
import { derivePairing, parsePairingText } from '../../../contract/channel/pairing-text.ts';
import type { DeviceId } from '../../../contract/ids.ts';
import type { HostPairingMessage } from '../../../contract/pairing.ts';
import type { GoodbyeReason } from '../../../contract/wire.ts';
import type { ConnectedDevice } from '../../services/identity/device-door.ts';
import type { PairingSession } from '../../services/identity/pairing.ts';
import type { NewKeys, Renewal } from '../../services/identity/ports.ts';
import type { World } from './test-world.ts';

/** Where the connection of a phone breaks while it pairs. */
export type Cut = 'none' | 'before-3' | 'after-3' | 'after-pending';
export type Shaken = 'asked' | 'refused' | 'cut';

export interface Keys {
  readonly hostPublicKey: Uint8Array;
  readonly psk: Uint8Array;
}

const same = (a: Uint8Array | null, b: Uint8Array) => a !== null && Buffer.from(a).equals(b);

/**
 * A phone as the identity service sees one: what the channel proves by cryptography is here a comparison of keys, so
 * that thousands of lives fit into seconds. The channel itself is tested on its own.
 */
export function createTestDevice(world: World) {
  let key = new Uint8Array(randomBytes(32));
  let code: { pairId: Uint8Array; keys: Keys } | null = null;
  let pairing: PairingSession | null = null;
  let renewal: { gone(): void } | null = null;
  let session: ConnectedDevice | null = null;
  let told: Keys[] = [];

  const fresh = () => ({ deviceName: 'Phone', platform: 'web' as const, app: 'test', approvalKey: '' });
  const claimOf = (named: { pairId: Uint8Array; keys: Keys }) => ({
    ...{ mode: 'pair' as const, remoteStatic: Uint8Array.from(key) },
    ...{ pairId: Uint8Array.from(named.pairId), hostPublicKey: named.keys.hostPublicKey },
  });

  const phone = {
    /** What it holds after pairing; older ones first, as a phone that was told new ones and crashed may hold both. */
    held: [] as Keys[],
    deviceId: null as DeviceId | null,
    heard: [] as (HostPairingMessage | Renewal)[],
    goodbyes: [] as GoodbyeReason[],
    /** Nothing that the host says arrives. */
    isDeaf: false,
    checkCode: '',
    publicKey: () => Buffer.from(key).toString('base64url'),
    hasCode: () => code !== null,
    isConnected: () => session !== null,
    hasPairing: () => pairing !== null,
    newKey() {
      phone.forget();
      key = new Uint8Array(randomBytes(32));
    },
    forget() {
      phone.hangUp();
      phone.held = [];
      phone.deviceId = null;
    },
    scan(text: string) {
      const { hostPublicKey, secret } = parsePairingText(text);
      const { pairId, pairPsk } = derivePairing({ hostPublicKey, secret });
      code = { pairId, keys: { hostPublicKey, psk: pairPsk } };
    },
    /** Looks the key up, as the host does between reading the static key and proving message 3. */
    lookUp: (psk = code?.keys.psk) => {
      if (!code || !psk) return null;
      const claim = claimOf(code);
      return { claim, isProven: same(world.identity.pskFor(claim), psk) };
    },
    /** Message 3, in one tick. */
    prove(looked: { claim: ReturnType<typeof claimOf>; isProven: boolean } | null, cut: Cut): Shaken {
      if (!looked || cut === 'before-3') return 'cut';
      const { mode, pairId, remoteStatic } = looked.claim;
      if (!looked.isProven) {
        world.identity.unproven(looked.claim);
        return 'refused';
      }
      try {
        world.identity.verified({ mode, pairId, remoteStatic, payload: fresh() });
      } catch {
        return 'refused';
      }
      if (cut === 'after-3') return 'cut';
      pairing?.gone();
      phone.checkCode = String(randomBytes(4).readUInt32BE() % 1_000_000).padStart(6, '0');
      const mine = world.identity.pair({
        publicKey: remoteStatic,
        payload: fresh(),
        checkCode: phone.checkCode,
        say: (message) => {
          if (!phone.isDeaf) phone.hear(message, looked.claim.hostPublicKey);
        },
        close: () => {},
      });
      pairing = mine;
      if (cut === 'after-pending') phone.hangUp();
      return 'asked';
    },
    hear(message: HostPairingMessage, hostPublicKey: Uint8Array) {
      phone.heard.push(message);
      if (message.type !== 'paired') return;
      phone.deviceId = message.deviceId;
      phone.held = [{ hostPublicKey, psk: Buffer.from(message.devicePsk, 'base64url') }];
    },
    sayStored() {
      if (phone.held.length > 0) pairing?.stored();
    },
    /** Which of its keys open a session now. */
    opens: (keys: Keys) =>
      same(
        world.identity.pskFor({
          ...{ mode: 'session', pairId: new Uint8Array(8) },
          ...{ remoteStatic: key, hostPublicKey: keys.hostPublicKey },
        }),
        keys.psk,
      ),
    connect(): 'connected' | 'away' | 'refused' {
      phone.hangUp();
      const keys = [...phone.held].reverse().find(phone.opens);
      if (!keys) return 'refused';
      world.identity.verified({ mode: 'session', remoteStatic: key, payload: {} });
      const found = world.identity.connect(key, keys.hostPublicKey, {
        end(reason) {
          phone.goodbyes.push(reason);
          session?.gone();
          session = null;
        },
        rotate: ({ hostPublicKey, devicePsk }: NewKeys) => {
          if (phone.isDeaf) return;
          const bytes = (text: string) => Buffer.from(text, 'base64url');
          told.push({ hostPublicKey: bytes(hostPublicKey), psk: bytes(devicePsk) });
        },
      });
      if (found === null) return 'refused';
      if (found === 'away') return 'away';
      session = found;
      session.ready();
      return 'connected';
    },
    caller: () => session?.caller ?? null,
    /** Stores what it was told; `says` whether the host hears of it. */
    storeNewKeys(says: boolean) {
      for (const keys of told.splice(0)) {
        phone.held = [...phone.held.slice(-1), keys];
        if (says) session?.rotated();
      }
    },
    hasNews: () => told.length > 0,
    renew() {
      phone.checkCode = String(randomBytes(4).readUInt32BE() % 1_000_000).padStart(6, '0');
      renewal = world.identity.renew({
        publicKey: key,
        checkCode: phone.checkCode,
        say: (message) => void phone.heard.push(message),
        close: () => {},
      });
    },
    hangUp() {
      pairing?.gone();
      renewal?.gone();
      session?.gone();
      pairing = renewal = session = null;
      told = [];
    },
  };
  return phone;
}

export type TestDevice = ReturnType<typeof createTestDevice>;
