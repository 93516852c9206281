import { DH_LENGTH, memoryDhKey } from '../../contract/channel/dh-key.ts';
import { KeyError } from './key-types.ts';
import type { DhKey } from './key-types.ts';
import type { DrawBytes } from './random.ts';
import type { WebWrap } from './web-wrap.ts';

/** An X25519 key as it lies in the browser: one that it never shows, or, where it knows no X25519, a wrapped one. */
export type StoredDhKey =
  | { readonly kind: 'pair'; readonly pair: CryptoKeyPair }
  | { readonly kind: 'wrapped'; readonly wrapped: Uint8Array };

export interface WebDhKeys {
  /** A new key, and how it is stored under `name`. */
  create(name: string): Promise<{ readonly key: DhKey; readonly stored: StoredDhKey }>;
  open(name: string, stored: StoredDhKey): Promise<DhKey>;
}

const ALGORITHM = { name: 'X25519' };

export function createWebDhKeys(subtle: SubtleCrypto, wrap: WebWrap, draw: DrawBytes): WebDhKeys {
  function checked(remotePublic: Uint8Array): Uint8Array<ArrayBuffer> {
    if (remotePublic.length !== DH_LENGTH)
      throw new KeyError('bad-public-key', 'X25519: a public key has 32 bytes.');
    return Uint8Array.from(remotePublic);
  }

  /** Some implementations return zeros for a low-order point instead of refusing it. */
  function usable(secret: Uint8Array): Uint8Array {
    if (secret.every((byte) => byte === 0))
      throw new KeyError('bad-public-key', 'X25519: low-order public key.');
    return secret;
  }

  async function ofPair(pair: CryptoKeyPair): Promise<DhKey> {
    return {
      publicKey: new Uint8Array(await subtle.exportKey('raw', pair.publicKey)),
      async dh(remotePublic) {
        const remote = await subtle.importKey('raw', checked(remotePublic), ALGORITHM, false, []);
        return usable(
          new Uint8Array(await subtle.deriveBits({ ...ALGORITHM, public: remote }, pair.privateKey, 256)),
        );
      },
    };
  }

  /** The secret is unwrapped for one agreement at a time and wiped after it. */
  async function ofWrapped(name: string, wrapped: Uint8Array): Promise<DhKey> {
    async function use<Result>(
      act: (key: ReturnType<typeof memoryDhKey>) => Promise<Result>,
    ): Promise<Result> {
      const secret = await wrap.unwrap(name, wrapped);
      const key = memoryDhKey(secret);
      secret.fill(0);
      try {
        return await act(key);
      } finally {
        key.destroy();
      }
    }
    return {
      publicKey: await use((key) => Promise.resolve(key.publicKey)),
      async dh(remotePublic) {
        const remote = checked(remotePublic);
        return usable(await use((key) => key.dh(remote)));
      },
    };
  }

  async function generated(): Promise<CryptoKeyPair | undefined> {
    try {
      const made = await subtle.generateKey(ALGORITHM, false, ['deriveBits']);
      return 'privateKey' in made ? made : undefined;
    } catch {
      // The browser's WebCrypto is older than X25519.
      return undefined;
    }
  }

  return {
    async create(name) {
      const pair = await generated();
      if (pair) return { key: await ofPair(pair), stored: { kind: 'pair', pair } };
      const secret = draw(DH_LENGTH);
      const wrapped = await wrap.wrap(name, secret);
      secret.fill(0);
      return { key: await ofWrapped(name, wrapped), stored: { kind: 'wrapped', wrapped } };
    },
    open: (name, stored) => (stored.kind === 'pair' ? ofPair(stored.pair) : ofWrapped(name, stored.wrapped)),
  };
}
