import * as z from 'zod';
import { concat, equal, fromBase64Url, fromHex, fromUtf8, utf8, type Bytes } from './bytes.ts';
import { ChannelError } from './channel-error.ts';

/** Why a device connects. */
export type Mode = 'pair' | 'session';

export const PAIR_ID_LENGTH = 8;
/** The JSON in the third message is small; anything longer is refused unread. */
export const MAX_PAYLOAD = 4096;

const MODE_BYTES: Readonly<Record<Mode, number>> = { pair: 1, session: 2 };
const RAW_POINT_LENGTH = 65;
/** Everything in a P-256 SubjectPublicKeyInfo before the point (RFC 5480): the same 26 bytes for every key. */
const P256_SPKI_PREFIX = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200');

/** The uncompressed point of a P-256 public key given raw (65 bytes) or as SPKI (91 bytes), else undefined. */
export function p256Point(key: Uint8Array): Bytes | undefined {
  const start = key.length - RAW_POINT_LENGTH;
  const prefixFits = start === 0 || equal(key.subarray(0, Math.max(0, start)), P256_SPKI_PREFIX);
  return prefixFits && key[start] === 4 ? Uint8Array.from(key.subarray(start)) : undefined;
}

/** A name that the owner will read before pressing Approve: nothing invisible, nothing that turns text round. */
function isPlainText(text: string): boolean {
  return Array.from(text).every((character) => {
    const code = character.codePointAt(0) ?? 0;
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const direction = code === 0x200e || code === 0x200f || (code >= 0x2028 && code <= 0x202e);
    const isolate = code >= 0x2066 && code <= 0x2069;
    const invisible = [0xad, 0x61c, 0x200b, 0xfeff].includes(code) || (code >= 0x2060 && code <= 0x2065);
    const loneSurrogate = code >= 0xd800 && code <= 0xdfff;
    return !(control || direction || isolate || invisible || loneSurrogate);
  });
}

const label = z
  .string()
  .min(1)
  .max(64)
  .refine((text) => text.trim() === text && isPlainText(text), 'must be plain visible text');

const approvalKey = z
  .string()
  .max(128)
  .refine(isApprovalKey, 'must be a P-256 public key, 65 raw bytes or SPKI, in base64url');

function isApprovalKey(text: string): boolean {
  try {
    return p256Point(fromBase64Url(text)) !== undefined;
  } catch {
    return false;
  }
}

/** What a phone says of itself when it wants to be paired. `approvalKey` is base64url. */
export const PairPayload = z.strictObject({
  deviceName: label,
  platform: z.enum(['ios', 'android', 'web']),
  app: label,
  approvalKey,
});
export type PairPayload = z.infer<typeof PairPayload>;

/** What a paired phone says when it reconnects: nothing. Where it stopped is said inside the channel. */
export const SessionPayload = z.strictObject({});
export type SessionPayload = z.infer<typeof SessionPayload>;

/** Message 1 tells the host, and nobody else, which kind of key will follow. */
export interface Announcement {
  readonly mode: Mode;
  /** Eight bytes; all zero in a session. */
  readonly pairId: Bytes;
}

export function encodeAnnouncement({ mode, pairId }: Announcement): Bytes {
  return concat(Uint8Array.of(MODE_BYTES[mode]), pairId);
}

/** Throws ChannelError `refused` unless the nine bytes are one of the two forms. */
export function decodeAnnouncement(bytes: Uint8Array): Announcement {
  const pairId = Uint8Array.from(bytes.subarray(1));
  if (pairId.length === PAIR_ID_LENGTH) {
    if (bytes[0] === MODE_BYTES.pair) return { mode: 'pair', pairId };
    const empty = equal(pairId, new Uint8Array(PAIR_ID_LENGTH));
    if (bytes[0] === MODE_BYTES.session && empty) return { mode: 'session', pairId };
  }
  throw new ChannelError('refused', 'the first message names no known purpose');
}

/** What the longest payload of each kind fits into: message 3 then has one length, whatever the device is called. */
const PADDED_LENGTHS: Readonly<Record<Mode, number>> = { pair: 1024, session: 256 };

/** Checks our own payload as strictly as the host will, then writes it as UTF-8 JSON, filled up with white space. */
export function encodePayload(mode: Mode, payload: PairPayload | SessionPayload): Bytes {
  const checked = (mode === 'pair' ? PairPayload : SessionPayload).safeParse(payload);
  if (!checked.success) {
    throw new ChannelError('misuse', `this is no valid ${mode} payload: ${z.prettifyError(checked.error)}`);
  }
  const bytes = utf8(JSON.stringify(checked.data));
  const padded = new Uint8Array(Math.max(PADDED_LENGTHS[mode], bytes.length)).fill(0x20);
  padded.set(bytes);
  return padded;
}

/** Length, then UTF-8, then JSON, then schema. Throws ChannelError `refused`. */
export function decodePayload<T>(schema: z.ZodType<T>, bytes: Uint8Array): T {
  if (bytes.length > MAX_PAYLOAD) throw new ChannelError('refused', 'the third message is too long');
  try {
    return schema.parse(JSON.parse(fromUtf8(bytes)));
  } catch (cause) {
    throw new ChannelError('refused', 'the third message holds no valid payload', cause);
  }
}
