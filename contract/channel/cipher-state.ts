import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import type { Bytes } from './bytes.ts';
import { ChannelError } from './channel-error.ts';

/** Longest Noise message, handshake or transport (section 3: "less than or equal to 65535 bytes"). */
export const MAX_NOISE_MESSAGE = 65535;
export const KEY_LENGTH = 32;
export const TAG_LENGTH = 16;

/**
 * Messages that one CipherState may protect. The specification would allow 2^64-1 (section 5.1); we stop far
 * earlier, where a counter is still exact and a full new handshake is long overdue.
 */
export const MAX_NONCE = 2 ** 32;

const EMPTY = new Uint8Array(0);

/** A key and its message counter (section 5.1). Without a key, data passes through unchanged. */
export interface CipherState {
  hasKey(): boolean;
  /** InitializeKey: copies the key and starts counting at 0. */
  initializeKey(key: Uint8Array): void;
  /** SetNonce: the number of the next message. Only for tests and for transports that lose messages. */
  setNonce(nonce: number): void;
  /** EncryptWithAd. Throws ChannelError `exhausted` at the nonce limit, `misuse` above 65,535 bytes. */
  encrypt(associated: Uint8Array, plaintext: Uint8Array): Bytes;
  /** DecryptWithAd. Throws ChannelError `refused`; the counter then does not move. */
  decrypt(associated: Uint8Array, ciphertext: Uint8Array): Bytes;
  /** Rekey (section 4.2's REKEY, used as in 11.3): a one-way step of the key; the counter runs on. */
  rekey(): void;
  /** Wipes the key. Every later use throws ChannelError `closed`. */
  destroy(): void;
}

/** Writes 32 zero bits, then the counter as 64 bits little-endian (section 12.3, ChaChaPoly). */
function createNonce(): (low: number, high: number) => Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  return (low, high) => {
    view.setUint32(4, low, true);
    view.setUint32(8, high, true);
    return bytes;
  };
}

export function createCipherState(): CipherState {
  let key: Uint8Array | undefined;
  let nonce = 0;
  let destroyed = false;
  const nonceBytes = createNonce();

  const nextNonce = (): Uint8Array => {
    if (nonce >= MAX_NONCE) throw new ChannelError('exhausted', 'this key has protected its last message');
    return nonceBytes(nonce, 0);
  };
  const assertLive = (): void => {
    if (destroyed) throw new ChannelError('closed', 'this key was destroyed');
  };

  return {
    hasKey: () => key !== undefined,
    initializeKey(next) {
      assertLive();
      key?.fill(0);
      key = Uint8Array.from(next);
      nonce = 0;
    },
    setNonce(next) {
      nonce = next;
    },
    encrypt(associated, plaintext) {
      assertLive();
      if (plaintext.length + (key === undefined ? 0 : TAG_LENGTH) > MAX_NOISE_MESSAGE) {
        throw new ChannelError('misuse', 'a Noise message holds at most 65,535 bytes');
      }
      if (key === undefined) return Uint8Array.from(plaintext);
      const ciphertext = chacha20poly1305(key, nextNonce(), associated).encrypt(plaintext);
      nonce += 1;
      return ciphertext;
    },
    decrypt(associated, ciphertext) {
      assertLive();
      if (ciphertext.length > MAX_NOISE_MESSAGE) {
        throw new ChannelError('refused', 'the message is longer than 65,535 bytes');
      }
      if (key === undefined) return Uint8Array.from(ciphertext);
      const plaintext = open(key, nextNonce(), associated, ciphertext);
      nonce += 1;
      return plaintext;
    },
    rekey() {
      assertLive();
      if (key === undefined) throw new ChannelError('misuse', 'there is no key to step forward');
      // ENCRYPT(k, maxnonce, zerolen, zeros), first 32 bytes
      const next = chacha20poly1305(key, nonceBytes(0xffffffff, 0xffffffff), EMPTY).encrypt(
        new Uint8Array(KEY_LENGTH),
      );
      key.set(next.subarray(0, KEY_LENGTH));
      next.fill(0);
    },
    destroy() {
      destroyed = true;
      key?.fill(0);
      key = undefined;
    },
  };
}

function open(key: Uint8Array, nonce: Uint8Array, associated: Uint8Array, ciphertext: Uint8Array): Bytes {
  if (ciphertext.length < TAG_LENGTH)
    throw new ChannelError('refused', 'the message has no room for its tag');
  try {
    return chacha20poly1305(key, nonce, associated).decrypt(ciphertext);
  } catch (cause) {
    throw new ChannelError('refused', 'the message failed authentication', cause);
  }
}
