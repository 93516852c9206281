import { derivePairing, parsePairingText } from '../../../contract/channel/pairing-text.ts';
import type { PairingText } from '../../../contract/channel/pairing-text.ts';
import { fromBase64url, toBase64url } from '../../host/base64url.ts';
import { dial } from '../../host/dial.ts';
import type { DialDeps, Dialled } from '../../host/dial.ts';
import { noDealings } from '../../host/host-record.ts';
import type { PairedHost } from '../../host/host-record.ts';
import { KeyError } from '../../host/key-types.ts';
import type { ApprovalKey, DhKey, KeyStore } from '../../host/key-types.ts';
import { exchange } from './pairing-exchange.ts';
import type { Admission, ExchangeEnd } from './pairing-exchange.ts';
import type { StartPairing } from './pairing-flow.tsx';
import type { PairingEvent, PairingFailure } from './pairing-state.ts';

/** How long a code is tried, in milliseconds: no longer than the host keeps it. */
const CODE_LIVES = 120_000;
/** Before the next attempt after a connection that did not stand or broke, in milliseconds. */
const RETRY_AFTER = 1500;

export interface StartPairingDeps extends DialDeps {
  readonly keys: KeyStore;
  readonly platform: 'ios' | 'android' | 'web';
  /** As the host shows it, for example `Signalbox 0.1.0`. */
  readonly app: string;
  now(): number;
  /** Keeps the record and starts to use it. Resolves when it is on disk. */
  add(host: PairedHost): Promise<void>;
}

interface Keys {
  readonly keyId: string;
  readonly deviceKey: DhKey;
  readonly approvalKey: ApprovalKey;
}

const refusals = { declined: 'denied', expired: 'no-answer', cancelled: 'cancelled' } as const;

function recordOf(admission: Admission, pairing: PairingText, keyId: string, pairedAt: number): PairedHost {
  return {
    hostId: admission.hostId,
    keyId,
    name: admission.hostName,
    hostPublicKey: pairing.hostPublicKey,
    deviceId: admission.deviceId,
    devicePsk: fromBase64url(admission.devicePsk),
    addresses: pairing.hosts,
    tunnelAddress: null,
    scope: admission.scope,
    counter: 0,
    dealings: noDealings,
    heardAt: null,
    pairedAt,
  };
}

function readLink(link: string): PairingText | undefined {
  try {
    return parsePairingText(link);
  } catch {
    return undefined;
  }
}

/** Pairs over the network: keys of its own for this host, one channel after the other until the owner has answered. */
export function createStartPairing(deps: StartPairingDeps): StartPairing {
  const { keys, random, schedule, now } = deps;

  async function makeKeys(): Promise<Keys> {
    const keyId = toBase64url(random(12));
    const deviceKey = await keys.createDhKey(keyId);
    return { keyId, deviceKey, approvalKey: await keys.createApprovalKey(keyId) };
  }

  return ({ link, deviceName }, report) => {
    let over = false;
    let stored = false;
    let current: Dialled | undefined;
    let made: Keys | undefined;

    const tell = (event: PairingEvent): void => {
      if (!over) report(event);
    };
    function end(): void {
      over = true;
      if (made && !stored) void keys.forget(made.keyId).catch(() => undefined);
    }
    const finish = (event: PairingEvent): void => {
      tell(event);
      end();
    };
    const fail = (reason: PairingFailure): void => {
      finish({ kind: 'failed', reason });
    };
    const pause = (): Promise<void> => new Promise((resolve) => void schedule(RETRY_AFTER, resolve));

    function attempt(pairing: PairingText, own: Keys): Promise<Dialled | undefined> {
      const { pairId, pairPsk } = derivePairing(pairing);
      return dial(deps, pairing.hosts, {
        mode: 'pair',
        ...{ deviceKey: own.deviceKey, hostPublicKey: pairing.hostPublicKey, psk: pairPsk, pairId },
        payload: {
          ...{ deviceName, platform: deps.platform, app: deps.app },
          approvalKey: toBase64url(own.approvalKey.publicKey),
        },
      });
    }

    /** Whether the pairing is decided; false asks for another attempt. */
    function conclude(result: ExchangeEnd): boolean {
      if (result.kind === 'dropped') return false;
      if (result.kind === 'stored') {
        const { hostId, hostName } = result.admission;
        finish({ kind: 'admitted', hostId, hostName });
      } else if (result.kind === 'refused') fail(refusals[result.reason]);
      else fail(result.kind === 'rejected' ? 'expired' : 'internal');
      return true;
    }

    async function run(pairing: PairingText): Promise<void> {
      const own = (made = await makeKeys());
      let until = now() + CODE_LIVES;
      let reached = false;
      const hooks = {
        code(checkCode: string, hostName: string | undefined): void {
          tell({ kind: 'channel-ready', checkCode, hostName });
        },
        pending(expiresInMs: number): void {
          until = Math.max(until, now() + expiresInMs);
        },
        async store(admission: Admission): Promise<void> {
          if (over) throw new Error('The pairing was cancelled.');
          // Before the write: a cancel from here on must not take the keys away from the record.
          stored = true;
          await deps.add(recordOf(admission, pairing, own.keyId, now()));
        },
      };
      while (!over && now() < until) {
        current = await attempt(pairing, own);
        if (over) current?.channel.close();
        else if (current) {
          reached = true;
          if (conclude(await exchange(current, hooks))) return;
          tell({ kind: 'channel-lost' });
        }
        if (!over) await pause();
      }
      if (over) end();
      else fail(reached ? 'lost' : 'unreachable');
    }

    const pairing = readLink(link);
    if (!pairing) fail('bad-link');
    else {
      run(pairing).catch((cause: unknown) => {
        fail(cause instanceof KeyError && cause.code === 'no-screen-lock' ? 'no-screen-lock' : 'internal');
      });
    }
    return {
      cancel() {
        if (over) return;
        end();
        current?.channel.close();
      },
    };
  };
}
