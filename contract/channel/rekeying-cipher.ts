import type { Bytes } from './bytes.ts';
import type { CipherState } from './cipher-state.ts';

/** Frames, or bytes on the wire, after which a direction's key steps forward. Both sides count alike. */
export const REKEY_FRAMES = 2 ** 14;
export const REKEY_BYTES = 64 * 1024 * 1024;

const NO_DATA = new Uint8Array(0);

/** One direction of a channel: a CipherState that rekeys itself (sections 4.2 and 11.3), unsignalled. */
export interface RekeyingCipher {
  seal(plaintext: Uint8Array): Bytes;
  open(ciphertext: Uint8Array): Bytes;
  destroy(): void;
}

export function createRekeyingCipher(cipher: CipherState): RekeyingCipher {
  let frames = 0;
  let bytes = 0;
  const count = (frameLength: number): void => {
    frames += 1;
    bytes += frameLength;
    if (frames < REKEY_FRAMES && bytes < REKEY_BYTES) return;
    cipher.rekey();
    frames = 0;
    bytes = 0;
  };
  return {
    seal(plaintext) {
      const ciphertext = cipher.encrypt(NO_DATA, plaintext);
      count(ciphertext.length);
      return ciphertext;
    },
    open(ciphertext) {
      const plaintext = cipher.decrypt(NO_DATA, ciphertext);
      count(ciphertext.length);
      return plaintext;
    },
    destroy: () => {
      cipher.destroy();
    },
  };
}
