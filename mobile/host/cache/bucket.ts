/**
 * Sizes that a record can have on disk: whoever holds the storage learns no more than one of seven classes. What is
 * larger than the last one is not kept.
 */
const BUCKETS = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304] as const;
const LENGTH_BYTES = 4;

/** The bytes with their length in front and zeros behind, up to the next size; undefined when there is none. */
export function pad(bytes: Uint8Array): Uint8Array | undefined {
  const size = BUCKETS.find((bucket) => bucket >= bytes.length + LENGTH_BYTES);
  if (size === undefined) return undefined;
  const padded = new Uint8Array(size);
  new DataView(padded.buffer).setUint32(0, bytes.length);
  padded.set(bytes, LENGTH_BYTES);
  return padded;
}

/** The reverse of `pad`; undefined when it is no padded text. */
export function unpad(padded: Uint8Array): Uint8Array | undefined {
  if (padded.length < LENGTH_BYTES) return undefined;
  const length = new DataView(padded.buffer, padded.byteOffset, padded.byteLength).getUint32(0);
  if (length > padded.length - LENGTH_BYTES) return undefined;
  return padded.slice(LENGTH_BYTES, LENGTH_BYTES + length);
}
