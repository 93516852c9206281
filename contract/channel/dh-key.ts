import { scalarMult, scalarMultBase } from '@stablelib/x25519';
import { isZero, type Bytes, type Random } from './bytes.ts';
import { ChannelError } from './channel-error.ts';

/** Length of X25519 keys and shared secrets: DHLEN in the Noise specification, section 12.1. */
export const DH_LENGTH = 32;

/**
 * One X25519 key pair that can do Diffie-Hellman. The secret half stays behind `dh`, so that a browser can
 * hold it as a CryptoKey which cannot be exported. `dh` gives the 32 shared bytes.
 */
export interface DhKey {
  readonly publicKey: Uint8Array;
  dh(remotePublic: Bytes): Promise<Uint8Array>;
}

/** A DhKey in plain memory that can be wiped; after `destroy` it refuses to work. */
export interface OwnedDhKey extends DhKey {
  destroy(): void;
}

/**
 * Wraps 32 secret bytes. The bytes are copied: wiping yours does not disturb the key. The multiplication counts in
 * floating-point limbs, in the same steps for every secret; big integers would be slower, most of all on a phone.
 */
export function memoryDhKey(secret: Uint8Array): OwnedDhKey {
  const own = Uint8Array.from(secret);
  const publicKey = scalarMultBase(own);
  let destroyed = false;
  return {
    publicKey,
    // async, so that a refused point rejects instead of throwing in the caller's face
    dh: async (remotePublic) => {
      if (destroyed) throw new ChannelError('misuse', 'this key was destroyed');
      return Promise.resolve(scalarMult(own, remotePublic));
    },
    destroy: () => {
      destroyed = true;
      own.fill(0);
    },
  };
}

/** Makes a key pair from fresh randomness: GENERATE_KEYPAIR() of section 4.1. */
export function generateDhKey(random: Random): OwnedDhKey {
  const secret = random(DH_LENGTH);
  if (secret.length !== DH_LENGTH || isZero(secret)) {
    throw new ChannelError('misuse', 'the source of randomness returned nothing usable');
  }
  try {
    return memoryDhKey(secret);
  } finally {
    secret.fill(0);
  }
}

/**
 * DH() of section 4.1 with the check that section 12.1 permits: a result of all zeros means that the remote
 * point has low order, and the "secret" would be known to everybody. Refused, whoever computed it.
 */
export async function sharedSecret(key: DhKey, remotePublic: Uint8Array): Promise<Uint8Array> {
  const shared = await key.dh(Uint8Array.from(remotePublic));
  if (shared.length !== DH_LENGTH || isZero(shared)) {
    throw new ChannelError('refused', 'Diffie-Hellman gave no usable secret (low-order public key)');
  }
  return shared;
}
