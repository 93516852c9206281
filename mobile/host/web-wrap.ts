import { utf8 } from '../../contract/channel/bytes.ts';
import type { Table } from './indexed-db.ts';
import type { DrawBytes } from './random.ts';

const NONCE = 12;
const NAME = 'wrap';

/** Seals small secrets of this browser under a key that no script can read out, so that no secret lies there in clear. */
export interface WebWrap {
  /** nonce(12) ‖ AES-256-GCM. `place`: what it is and whose; it opens nowhere else. */
  wrap(place: string, secret: Uint8Array): Promise<Uint8Array>;
  /** Rejects when the bytes are not what was wrapped at this place. */
  unwrap(place: string, wrapped: Uint8Array): Promise<Uint8Array>;
}

/** `keys`: the table that holds the wrapping key, made at the first use. */
export function createWebWrap(subtle: SubtleCrypto, keys: Table<CryptoKey>, draw: DrawBytes): WebWrap {
  let making: Promise<CryptoKey> | undefined;

  async function made(): Promise<CryptoKey> {
    const known = await keys.get(NAME);
    if (known) return known;
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    await keys.put(NAME, key);
    // Another tab may have written meanwhile: what is stored now is the one key of all.
    return (await keys.get(NAME)) ?? key;
  }
  const key = (): Promise<CryptoKey> => (making ??= made());
  const how = (place: string, iv: Uint8Array) => ({
    name: 'AES-GCM',
    iv: Uint8Array.from(iv),
    additionalData: utf8(`signalbox/wrap/v1\n${place}`),
  });

  return {
    async wrap(place, secret) {
      const nonce = draw(NONCE);
      const sealed = new Uint8Array(
        await subtle.encrypt(how(place, nonce), await key(), Uint8Array.from(secret)),
      );
      const bytes = new Uint8Array(NONCE + sealed.length);
      bytes.set(nonce);
      bytes.set(sealed, NONCE);
      return bytes;
    },
    async unwrap(place, wrapped) {
      const nonce = wrapped.slice(0, NONCE);
      return new Uint8Array(await subtle.decrypt(how(place, nonce), await key(), wrapped.slice(NONCE)));
    },
  };
}
