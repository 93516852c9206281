import { xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { canonicalJson } from '../../../contract/canonical-json.ts';
import { utf8 } from '../../../contract/channel/bytes.ts';
import { toBase64url } from '../base64url.ts';
import type { DrawBytes } from '../random.ts';
import { pad, unpad } from './bucket.ts';

const NONCE = 24;
const FORMAT = 1;
/** Grows when the meaning of the records changes: older ones are then not read, but fetched anew. */
export const SCHEMA_VERSION = 1;

/** Whose records they are: a record of one device or host opens for no other. */
export interface CacheOwner {
  readonly hostId: string;
  readonly deviceId: string;
}

/** Seals records one by one. What it makes says neither what nor whose it is, and fits in no other place. */
export interface Sealer {
  /** Under which a record is kept: an HMAC, so that the names of records stay secret too. */
  nameOf(store: string, recordId: string): string;
  /** format(1) ‖ nonce(24) ‖ XChaCha20-Poly1305 of the padded text; undefined when the text is too long to keep. */
  seal(store: string, recordId: string, text: Uint8Array): Uint8Array | undefined;
  /** The text, or undefined when the bytes are not this very record under this very key. */
  open(store: string, recordId: string, sealed: Uint8Array): Uint8Array | undefined;
}

/** `key`: 32 secret bytes. Names and contents get keys of their own from it (HKDF-SHA-256). */
export function createSealer(key: Uint8Array, owner: CacheOwner, random: DrawBytes): Sealer {
  if (key.length !== 32) throw new Error('The key of a cache has 32 bytes.');
  const sealKey = hkdf(sha256, key, undefined, utf8('signalbox/cache/seal/v1'), 32);
  const nameKey = hkdf(sha256, key, undefined, utf8('signalbox/cache/name/v1'), 32);
  const place = (store: string, recordId: string): Uint8Array =>
    utf8(canonicalJson([owner.hostId, owner.deviceId, store, recordId, SCHEMA_VERSION]));
  return {
    nameOf: (store, recordId) => toBase64url(hmac(sha256, nameKey, place(store, recordId))),
    seal(store, recordId, text) {
      const padded = pad(text);
      if (!padded) return undefined;
      const nonce = random(NONCE);
      const sealed = xchacha20poly1305(sealKey, nonce, place(store, recordId)).encrypt(padded);
      const bytes = new Uint8Array(1 + NONCE + sealed.length);
      bytes[0] = FORMAT;
      bytes.set(nonce, 1);
      bytes.set(sealed, 1 + NONCE);
      return bytes;
    },
    open(store, recordId, sealed) {
      if (sealed[0] !== FORMAT || sealed.length <= 1 + NONCE) return undefined;
      const nonce = sealed.slice(1, 1 + NONCE);
      try {
        const padded = xchacha20poly1305(sealKey, nonce, place(store, recordId)).decrypt(
          sealed.slice(1 + NONCE),
        );
        return unpad(padded);
      } catch {
        return undefined;
      }
    },
  };
}
