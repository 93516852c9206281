import { getRandomValues } from 'expo-crypto';

/** Returns `length` unpredictable bytes. Called when the bytes are needed, never while a module loads. */
export type DrawBytes = (length: number) => Uint8Array;

/** Bytes drawn beside the wanted ones, only to notice a generator that does not work. */
const WITNESS = 16;

/**
 * Wraps the platform's generator. Some Android builds have returned zeros when asked too early, so every draw carries
 * two witnesses of 16 bytes: all zero, or equal to each other, means that the generator is broken.
 *
 * @throws Error when the generator is broken or `length` is not a whole number from 1 to 65,000
 */
export function createDrawBytes(fill: (bytes: Uint8Array) => void): DrawBytes {
  return (length) => {
    if (!Number.isInteger(length) || length < 1 || length > 65_000) {
      throw new Error(`Random bytes: length must be a whole number from 1 to 65000, got ${String(length)}.`);
    }
    const drawn = new Uint8Array(length + 2 * WITNESS);
    fill(drawn);
    const first = drawn.subarray(length, length + WITNESS);
    const second = drawn.subarray(length + WITNESS);
    const dead = first.every((byte) => byte === 0) || second.every((byte) => byte === 0);
    if (dead || first.every((byte, index) => byte === second[index])) {
      throw new Error(
        'This device returned no random bytes. No key was made; restart the app and try again.',
      );
    }
    const wanted = drawn.slice(0, length);
    drawn.fill(0);
    return wanted;
  };
}

/** The platform's secure generator: `SecRandomCopyBytes`, `SecureRandom`, or `crypto.getRandomValues` on the web. */
export const drawBytes: DrawBytes = createDrawBytes((bytes) => {
  getRandomValues(bytes);
});
