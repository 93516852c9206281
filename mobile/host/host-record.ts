import * as z from 'zod';
import { DeviceScope } from '../../contract/identity.ts';
import { emptyReliableRecord, ReliableRecord } from '../../contract/reliable-record.ts';
import { fromBase64url, toBase64url } from './base64url.ts';

/** The part of `ReliableRecord` that must never be lost: counters, and what the host has shown. */
const Dealings = ReliableRecord.omit({ outbox: true });
export type Dealings = z.infer<typeof Dealings>;

const { outbox: _none, ...noDealings } = emptyReliableRecord;
/** Of a host that this device has just met. */
export { noDealings };

/** What this device remembers of a host it is paired with. */
export interface PairedHost {
  readonly hostId: string;
  /** Under which this device keeps its keys for the host; new for every pairing. */
  readonly keyId: string;
  /** As the host calls itself, for example `studio-mac`. */
  readonly name: string;
  /** The host's static X25519 key, 32 bytes, learnt from the pairing code and never replaced silently. */
  readonly hostPublicKey: Uint8Array;
  /** The id that the host gave to this device. */
  readonly deviceId: string;
  /** Secret of 32 bytes shared with this host only. */
  readonly devicePsk: Uint8Array;
  /** `host[:port]` or origins to try, in order. Routing hints: not trusted for anything else. */
  readonly addresses: readonly string[];
  /** Where the host's tunnel was seen last, `name[:port]`; null until there was one. */
  readonly tunnelAddress: string | null;
  /** What the host let this device do when it was paired. */
  readonly scope: DeviceScope;
  /** The counter of the last signed answer; the next one is greater. 0 before the first. */
  readonly counter: number;
  /** What the phone remembers of its dealings with the host, without the commands that wait. */
  readonly dealings: Dealings;
  /** When the host was heard last, to the hour, milliseconds since 1970; null before the first time. */
  readonly heardAt: number | null;
  /** Milliseconds since 1970. */
  readonly pairedAt: number;
}

const Key32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const fields = {
  hostId: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  name: z.string().min(1).max(64),
  hostPublicKey: Key32,
  deviceId: z.string().min(1).max(128),
  devicePsk: Key32,
  keyId: z.string().regex(/^[A-Za-z0-9_-]{1,128}$/),
  tunnelAddress: z.string().min(1).max(261).nullable(),
  scope: DeviceScope,
  counter: z.int().nonnegative(),
  addresses: z.array(z.string().min(1).max(261)).min(1).max(4),
  pairedAt: z.int().nonnegative(),
};
const added = {
  dealings: Dealings,
  heardAt: z.int().nonnegative().nullable(),
};

const StoredHost = z.strictObject({ v: z.literal(2), ...fields, ...added });
/** What version 0.1 wrote: nothing was known of epochs and counters yet. */
const FirstStoredHost = z
  .strictObject({ v: z.literal(1), ...fields })
  .transform((host) => ({ ...host, dealings: noDealings, heardAt: null }));
const AnyStoredHost = z.union([StoredHost, FirstStoredHost]);

/** Text of under 2,000 characters (the keychain's limit for a value). @throws Error when the record breaks a limit */
export function encodeHost(host: PairedHost): string {
  const text = JSON.stringify(
    StoredHost.parse({
      v: 2,
      ...host,
      addresses: [...host.addresses],
      hostPublicKey: toBase64url(host.hostPublicKey),
      devicePsk: toBase64url(host.devicePsk),
    }),
  );
  if (text.length > 2000) throw new Error('This host has too many or too long addresses to be stored.');
  return text;
}

/** The record behind `text`, or undefined when it is not one of ours (damaged, or from a newer version). */
export function decodeHost(text: unknown): PairedHost | undefined {
  if (typeof text !== 'string' || text.length > 4096) return undefined;
  try {
    const { v: _version, ...stored } = AnyStoredHost.parse(JSON.parse(text));
    return {
      ...stored,
      hostPublicKey: fromBase64url(stored.hostPublicKey),
      devicePsk: fromBase64url(stored.devicePsk),
    };
  } catch {
    return undefined;
  }
}

/** Remembers paired hosts. Everything in it is as secret as the device's keys. */
export interface HostStorage {
  list(): Promise<PairedHost[]>;
  /** Adds the host or replaces the record with the same `hostId`. Resolves when it is on disk. */
  put(host: PairedHost): Promise<void>;
  remove(hostId: string): Promise<void>;
}
