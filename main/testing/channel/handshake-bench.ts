import { randomBytes } from 'node:crypto';
import { concat, equal, toBase64Url } from '../../../contract/channel/bytes.ts';
import { ChannelError } from '../../../contract/channel/channel-error.ts';
import type { Claim, Opening, RespondOptions } from '../../../contract/channel/channel-handshake.ts';
import { generateDhKey } from '../../../contract/channel/dh-key.ts';
import { createFakeSchedule, type FakeSchedule, type PipePair } from '../../../contract/channel/fakes.ts';
import type { PairPayload } from '../../../contract/channel/handshake-payloads.ts';
import { derivePairing } from '../../../contract/channel/pairing-text.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const hostKey = generateDhKey(random);
export const deviceKey = generateDhKey(random);
export const { pairId, pairPsk } = derivePairing({ hostPublicKey: hostKey.publicKey, secret: random(16) });
export const devicePsk = random(32);

export const payload: PairPayload = {
  deviceName: 'MARKER Phone of Ada 📱',
  platform: 'android',
  app: 'signalbox 0.1.0',
  approvalKey: toBase64Url(concat(Uint8Array.of(4), random(64))),
};

interface Host {
  readonly options: RespondOptions;
  readonly time: FakeSchedule;
  readonly openings: Opening[];
  readonly refusals: Claim[];
}

/** A host with one invitation and one paired device. */
export function createHost(pipes: PipePair, change: Partial<RespondOptions> = {}): Host {
  const time = createFakeSchedule();
  const openings: Opening[] = [];
  const refusals: Claim[] = [];
  const options: RespondOptions = {
    pipe: pipes.right,
    hostKey,
    random,
    schedule: time.schedule,
    lookup: (claim) => {
      if (claim.mode === 'pair') return equal(claim.pairId, pairId) ? pairPsk : null;
      return equal(claim.remoteStatic, deviceKey.publicKey) ? devicePsk : null;
    },
    onVerified: (opening) => {
      openings.push(opening);
    },
    onRefused: (claim) => {
      refusals.push(claim);
    },
    ...change,
  };
  return { options, time, openings, refusals };
}

/** What a phone with the invitation says to be paired. */
export const pairing = (pipes: PipePair) =>
  ({
    pipe: pipes.left,
    random,
    schedule: createFakeSchedule().schedule,
    hostPublicKey: hostKey.publicKey,
    deviceKey,
    mode: 'pair',
    pairId,
    psk: pairPsk,
    payload,
  }) as const;

type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ChannelError };

/** Waits for a handshake's result, moving the fake time on by up to half a second. */
export async function outcome<T>(promise: Promise<T>, time?: FakeSchedule): Promise<Outcome<T>> {
  let result: Outcome<T> | undefined;
  promise.then(
    (value) => (result = { ok: true, value }),
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error;
      result = { ok: false, error };
    },
  );
  for (let turn = 0; turn < 50; turn++) {
    await settle();
    if (result !== undefined) return result;
    time?.advance(10);
  }
  throw new Error('the handshake hangs');
}

/** @throws ChannelError what the handshake failed of */
export function ok<T>(result: Outcome<T>): T {
  if (result.ok) return result.value;
  throw result.error;
}
