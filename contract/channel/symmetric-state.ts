import { hkdf } from '@noble/hashes/hkdf.js';
import type { CHash } from '@noble/hashes/utils.js';
import { concat, utf8, type Bytes } from './bytes.ts';
import { createCipherState, KEY_LENGTH, type CipherState } from './cipher-state.ts';

/** The transport keys that a finished handshake leaves behind (section 5.2, Split). */
export interface SplitKeys {
  readonly initiatorToResponder: CipherState;
  readonly responderToInitiator: CipherState;
}

/** The chaining key, the running hash and the current cipher of a handshake (section 5.2). */
export interface SymmetricState {
  mixKey(input: Uint8Array): void;
  mixHash(data: Uint8Array): void;
  mixKeyAndHash(input: Uint8Array): void;
  handshakeHash(): Bytes;
  hasKey(): boolean;
  encryptAndHash(plaintext: Uint8Array): Bytes;
  decryptAndHash(ciphertext: Uint8Array): Bytes;
  split(): SplitKeys;
  destroy(): void;
}

/**
 * InitializeSymmetric. `hash` is a noble hash (HASHLEN 32 or 64); `protocolName` becomes the first hash value,
 * padded with zeros if it fits and hashed otherwise.
 */
export function createSymmetricState(hash: CHash, protocolName: string): SymmetricState {
  const hashLength = hash.outputLen;
  const cipher = createCipherState();
  const name = utf8(protocolName);
  let runningHash: Uint8Array = new Uint8Array(hashLength);
  if (name.length <= hashLength) runningHash.set(name);
  else runningHash = hash(name);
  const chainingKey = Uint8Array.from(runningHash);

  // HKDF of section 4.3 is RFC 5869 with the chaining key as salt and no info
  const derive = (input: Uint8Array, outputs: number): Uint8Array[] => {
    const material = hkdf(hash, input, chainingKey, undefined, outputs * hashLength);
    return Array.from({ length: outputs }, (_, i) => material.subarray(i * hashLength, (i + 1) * hashLength));
  };
  const mixHash = (data: Uint8Array): void => {
    runningHash = hash(concat(runningHash, data));
  };
  /** Takes the first output as the new chaining key and the last, cut to 32 bytes, as the new cipher key. */
  const advance = (outputs: readonly Uint8Array[]): void => {
    const [first, last] = [outputs[0], outputs.at(-1)];
    if (first === undefined || last === undefined) return;
    chainingKey.set(first);
    cipher.initializeKey(last.subarray(0, KEY_LENGTH));
    for (const output of outputs) output.fill(0);
  };

  return {
    mixHash,
    mixKey(input) {
      advance(derive(input, 2));
    },
    mixKeyAndHash(input) {
      const outputs = derive(input, 3);
      if (outputs[1] !== undefined) mixHash(outputs[1]);
      advance(outputs);
    },
    handshakeHash: () => Uint8Array.from(runningHash),
    hasKey: () => cipher.hasKey(),
    encryptAndHash(plaintext) {
      const ciphertext = cipher.encrypt(runningHash, plaintext);
      mixHash(ciphertext);
      return ciphertext;
    },
    decryptAndHash(ciphertext) {
      const plaintext = cipher.decrypt(runningHash, ciphertext);
      mixHash(ciphertext);
      return plaintext;
    },
    split() {
      const [first, second] = derive(new Uint8Array(0), 2).map((key) => {
        const state = createCipherState();
        state.initializeKey(key.subarray(0, KEY_LENGTH));
        key.fill(0);
        return state;
      }) as [CipherState, CipherState];
      return { initiatorToResponder: first, responderToInitiator: second };
    },
    destroy() {
      cipher.destroy();
      chainingKey.fill(0);
      runningHash.fill(0);
    },
  };
}
