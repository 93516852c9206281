import { HostError } from '../../../contract/errors.ts';
import type { Device, DeviceScope } from '../../../contract/identity.ts';
import { DeviceId } from '../../../contract/ids.ts';
import type { PairPayload } from '../../../contract/channel/handshake-payloads.ts';
import type { HostPairingMessage } from '../../../contract/pairing.ts';
import type { Auditor } from '../../kernel/auditor.ts';
import type { Caller } from '../../kernel/caller.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import type { DeviceBook } from './device-book.ts';
import { fingerprint, type ActiveDevice } from './device-store.ts';
import type { HostKeys } from './host-keys.ts';
import type { createPendingDevices, Verdict } from './pending-devices.ts';
import type { HostFacts } from './ports.ts';

const CONFIRM_MS = 5 * 60_000;

export interface PairRequest {
  readonly publicKey: Uint8Array;
  readonly payload: PairPayload;
  /** Six digits that both ends derived from the handshake. */
  readonly checkCode: string;
  say(message: HostPairingMessage): void;
  close(): void;
}

export interface PairingSession {
  /** The phone says that it stored its key. */
  stored(): void;
  /** The connection is gone. */
  gone(): void;
}

export interface AdmissionRequest {
  readonly deviceId: DeviceId;
  readonly checkCode: string;
  readonly decided: Promise<boolean>;
}

export interface Pairing {
  /** An invitation was used by this key: it may now ask the owner. */
  admit(publicKey: string, scope: DeviceScope): void;
  pair(request: PairRequest): PairingSession;
  /** A browser of this machine asks to be let in; `secretHash` is the SHA-256 of its cookie. */
  requestAdmission(name: string, secretHash: string): AdmissionRequest;
  /** The owner compared the code. */
  approve(id: DeviceId, code: string, by: Caller): Promise<Device>;
}

type Facts = Pick<ActiveDevice, 'name' | 'kind' | 'platform' | 'scope' | 'fingerprint'>;

/** From a proven code to an admitted device: the owner compares six digits, then the device is written down. */
export function createPairing(deps: {
  clock: Clock;
  random: RandomSource;
  audit: Auditor;
  host: HostFacts;
  keys: HostKeys;
  book: DeviceBook;
  pending: ReturnType<typeof createPendingDevices>;
}): Pairing {
  const { clock, random, audit, host, keys, book, pending } = deps;
  const admitted = new Map<string, DeviceScope>();
  const finishers = new Map<DeviceId, () => Device>();

  function wait(
    id: DeviceId,
    facts: Facts,
    code: string,
    finish: (device: ActiveDevice) => void,
    decided: (verdict: Verdict) => void,
  ): void {
    pending.add({ id, ...facts, checkCode: code }, CONFIRM_MS, (verdict) => {
      finishers.delete(id);
      decided(verdict);
    });
    finishers.set(id, () => {
      const pairedAt = instant(clock.now());
      const device: ActiveDevice = {
        ...facts,
        id,
        state: 'active',
        pairedAt,
        lastSeenAt: null,
        connected: false,
      };
      finish(device);
      return device;
    });
  }

  return {
    admit: (publicKey, scope) => void admitted.set(publicKey, scope),

    pair({ publicKey, payload, checkCode, say, close }) {
      const key = Buffer.from(publicKey).toString('base64url');
      const earlier = book.byKey(key);
      const scope = earlier?.device.scope ?? admitted.get(key);
      if (scope === undefined || scope === 'own')
        throw new HostError('refused', 'this key was not admitted by a code');
      const id = earlier?.device.id ?? DeviceId.parse(random.id());
      const paired = () => {
        const devicePsk = Buffer.from(keys.devicePsk(id)).toString('base64url');
        say({ type: 'paired', deviceId: id, devicePsk, hostId: host.id, hostName: host.name(), scope });
      };
      const session: PairingSession = {
        stored: () => book.markActive(id),
        gone: () => void pending.end(id, 'cancelled'),
      };
      if (earlier) {
        paired();
        return session;
      }
      const { deviceName: name, platform, approvalKey } = payload;
      wait(
        id,
        { name, kind: 'phone', platform, scope, fingerprint: fingerprint(key) },
        checkCode,
        (device) => {
          book.admit(device, key, approvalKey, true);
          paired();
        },
        (verdict) => {
          if (verdict === 'admitted') return;
          say({ type: 'refused', reason: verdict });
          close();
        },
      );
      say({ type: 'pending', hostName: host.name(), expiresInMs: CONFIRM_MS });
      return session;
    },

    requestAdmission(name, secretHash) {
      const deviceId = DeviceId.parse(random.id());
      const checkCode = sixDigits(random.bytes(4));
      const decided = new Promise<boolean>((resolve) => {
        wait(
          deviceId,
          { name, kind: 'browser', platform: 'web', scope: 'own', fingerprint: secretHash.slice(0, 16) },
          checkCode,
          (device) => book.admit(device, secretHash, '', false),
          (verdict) => resolve(verdict === 'admitted'),
        );
      });
      return { deviceId, checkCode, decided };
    },

    async approve(id, code, by) {
      const device = pending.confirm(id, code);
      const facts = { fingerprint: device.fingerprint, scope: device.scope };
      await audit.append({ actor: by.principal, type: 'device.approved', object: id, facts });
      const finish = finishers.get(id);
      if (!finish) throw new HostError('not_found', 'the device is gone');
      const made = finish();
      pending.end(id, 'admitted');
      return made;
    },
  };
}

function sixDigits(bytes: Uint8Array): string {
  return String(Buffer.from(bytes).readUInt32BE() % 1_000_000).padStart(6, '0');
}
