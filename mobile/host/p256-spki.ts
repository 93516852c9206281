/** DER of SubjectPublicKeyInfo { id-ecPublicKey, prime256v1 } up to the point itself (RFC 5480). */
const HEADER = Uint8Array.from([
  0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
  0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
]);

/**
 * Wraps an uncompressed P-256 point (65 bytes, starting with 4) as SubjectPublicKeyInfo (91 bytes).
 *
 * @throws Error when the point has another form
 */
export function spkiFromPoint(point: Uint8Array): Uint8Array {
  if (point.length !== 65 || point[0] !== 4)
    throw new Error('P-256: expected an uncompressed point of 65 bytes.');
  const spki = new Uint8Array(HEADER.length + point.length);
  spki.set(HEADER);
  spki.set(point, HEADER.length);
  return spki;
}
