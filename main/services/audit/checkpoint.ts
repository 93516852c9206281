import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';

/** Ed25519 private key in PKCS#8 is this prefix and the 32-byte seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_PREFIX_BYTES = 12;

export interface CheckpointSigner {
  readonly publicKey: Uint8Array;
  /** A signed checkpoint: C2SP tlog-checkpoint in a C2SP signed-note. */
  checkpoint(size: number, root: Uint8Array): string;
  /** base64 of the signature over a text that is no checkpoint: it must begin with a tag of its own. */
  seal(text: string): string;
}

export function createCheckpointSigner(origin: string, seed: Uint8Array): CheckpointSigner {
  const key: KeyObject = createPrivateKey({
    key: Buffer.concat([PKCS8_PREFIX, seed]),
    format: 'der',
    type: 'pkcs8',
  });
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX_BYTES);
  return {
    publicKey,
    checkpoint(size, root) {
      const text = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
      const signature = sign(null, Buffer.from(text), key);
      const blob = Buffer.concat([keyId(origin, publicKey), signature]).toString('base64');
      return `${text}\n\u2014 ${origin} ${blob}\n`;
    },
    seal: (text) => sign(null, Buffer.from(text), key).toString('base64'),
  };
}

/** C2SP signed-note: the first 4 bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ public key); 0x01 says Ed25519. */
export function keyId(name: string, publicKey: Uint8Array): Buffer {
  return createHash('sha256')
    .update(name)
    .update(Uint8Array.of(0x0a, 0x01))
    .update(publicKey)
    .digest()
    .subarray(0, 4);
}
