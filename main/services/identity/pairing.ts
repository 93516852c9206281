import type { PairPayload } from '../../../contract/channel/handshake-payloads.ts';
import { HostError } from '../../../contract/errors.ts';
import type { Device, DeviceScope } from '../../../contract/identity.ts';
import { DeviceId } from '../../../contract/ids.ts';
import type { HostPairingMessage } from '../../../contract/pairing.ts';
import { instant, type Clock, type RandomSource } from '../../kernel/ports.ts';
import type { AdmittedKeys, DeviceBook } from './device-book.ts';
import { fingerprint, type ActiveDevice, type StoredDevice } from './device-store.ts';
import type { HostKeys } from './host-keys.ts';
import { CONFIRM_MS, type PendingDevices } from './pending-devices.ts';
import type { HostFacts } from './ports.ts';
import type { Provisional } from './provisional.ts';

export interface PairRequest {
  readonly publicKey: Uint8Array;
  readonly payload: PairPayload;
  /** Six digits that both ends derived from the handshake. */
  readonly checkCode: string;
  /** Harmless when the connection is gone. */
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

/** What an invitation lets a key ask for. */
export interface Leave {
  readonly scope: DeviceScope;
  /** Of the host key in the invitation. */
  readonly generation: number;
}

export interface Pairing {
  /** An invitation was used by this key: it may now ask the owner, once. */
  admit(publicKey: string, leave: Leave): void;
  pair(request: PairRequest): PairingSession;
  /** A browser of this machine asks to be let in; `secretHash` is the SHA-256 of its cookie. */
  requestAdmission(name: string, secretHash: string): AdmissionRequest;
  /** The keys in the invitation are the host's no longer: who waits must scan a new one. */
  cancelAll(): void;
}

type Facts = Pick<ActiveDevice, 'name' | 'kind' | 'platform' | 'scope' | 'fingerprint'>;

/** From a proven code to an admitted device: the owner compares six digits, then the device is written down. */
export function createPairing(deps: {
  clock: Clock;
  random: RandomSource;
  host: HostFacts;
  keys: HostKeys;
  book: DeviceBook;
  pending: PendingDevices;
  provisional: Provisional;
}): Pairing {
  const { clock, random, host, keys, book, pending, provisional } = deps;
  const leaves = new Map<string, Leave>();
  /** Of each phone that waits, by its key: the same phone over a new connection replaces itself. */
  const waiting = new Map<string, DeviceId>();

  function admitDevice(id: DeviceId, facts: Facts, admittedKeys: AdmittedKeys): Device {
    const pairedAt = instant(clock.now());
    const device: ActiveDevice = {
      ...facts,
      ...{ id, state: 'active', pairedAt, lastSeenAt: null, connected: false },
    };
    book.admit(device, admittedKeys);
    return device;
  }

  function tellPaired(request: PairRequest, id: DeviceId, { scope, generation }: Leave): void {
    const set = keys.byNumber(generation);
    if (!set) throw new HostError('conflict', 'the keys of this host were changed; scan a new code');
    const devicePsk = Buffer.from(set.devicePsk(id)).toString('base64url');
    request.say({
      type: 'paired',
      deviceId: id,
      devicePsk,
      hostId: host.id,
      hostName: host.name(),
      scope,
    });
  }

  /** A phone that the owner admitted before: only its answer was lost. It gets that again, and no more than that. */
  function repeat(request: PairRequest, { device }: StoredDevice, generation: number): PairingSession {
    const { id, scope } = device;
    if (scope === 'own') throw new HostError('refused', 'a browser is not paired by a code');
    tellPaired(request, id, { scope, generation });
    return {
      stored() {
        book.setGeneration(id, generation);
        book.confirm(id);
      },
      gone: () => {},
    };
  }

  function ask(request: PairRequest, key: string, leave: Leave): PairingSession {
    const id = DeviceId.parse(random.id());
    const { deviceName: name, platform, approvalKey } = request.payload;
    const facts: Facts = {
      ...{ name, kind: 'phone', platform, scope: leave.scope, fingerprint: fingerprint(key) },
    };
    const before = waiting.get(key);
    if (before) pending.end(before, 'cancelled');
    waiting.set(key, id);
    pending.add(
      { id, ...facts, purpose: 'pair', checkCode: request.checkCode },
      {
        admit() {
          const admittedKeys = { publicKey: key, approvalKey, generation: leave.generation };
          const device = admitDevice(id, facts, { ...admittedKeys, stage: 'provisional' });
          provisional.begin(id);
          tellPaired(request, id, leave);
          return device;
        },
        decided(verdict) {
          if (waiting.get(key) === id) waiting.delete(key);
          if (verdict === 'admitted') return;
          request.say({ type: 'refused', reason: verdict });
          request.close();
        },
      },
    );
    request.say({ type: 'pending', hostName: host.name(), expiresInMs: CONFIRM_MS });
    return { stored: () => book.confirm(id), gone: () => void pending.end(id, 'cancelled') };
  }

  return {
    admit: (publicKey, leave) => void leaves.set(publicKey, leave),
    pair(request) {
      const key = Buffer.from(request.publicKey).toString('base64url');
      const leave = leaves.get(key);
      leaves.delete(key);
      if (!leave) throw new HostError('refused', 'this key was not admitted by a code');
      const earlier = book.byKey(key);
      return earlier ? repeat(request, earlier, leave.generation) : ask(request, key, leave);
    },
    requestAdmission(name, secretHash) {
      const deviceId = DeviceId.parse(random.id());
      const checkCode = sixDigits(random.bytes(4));
      const facts: Facts = {
        ...{ name, kind: 'browser', platform: 'web', scope: 'own', fingerprint: secretHash.slice(0, 16) },
      };
      const stored = { publicKey: secretHash, approvalKey: '', generation: 1, stage: 'active' } as const;
      const decided = new Promise<boolean>((resolve) => {
        pending.add(
          { id: deviceId, ...facts, purpose: 'pair', checkCode },
          {
            admit: () => admitDevice(deviceId, facts, stored),
            decided: (verdict) => resolve(verdict === 'admitted'),
          },
        );
      });
      return { deviceId, checkCode, decided };
    },
    cancelAll() {
      leaves.clear();
      for (const id of waiting.values()) pending.end(id, 'cancelled');
    },
  };
}

function sixDigits(bytes: Uint8Array): string {
  return String(Buffer.from(bytes).readUInt32BE() % 1_000_000).padStart(6, '0');
}
