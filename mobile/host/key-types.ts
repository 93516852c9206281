/** An X25519 key that can agree on a secret without showing its private part (non-extractable on the web). */
export interface DhKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The shared secret with `remotePublic` (32 bytes). Rejects for a low-order point. */
  dh(remotePublic: Uint8Array): Promise<Uint8Array>;
}

/** The key that signs decisions. On a phone every use asks for the person (Face ID, fingerprint). */
export interface ApprovalKey {
  /** SubjectPublicKeyInfo in DER, 91 bytes, for P-256. */
  readonly publicKey: Uint8Array;
  /**
   * ECDSA P-256 over SHA-256 of each message; 64 bytes each, r then s. The person is asked once for all of them.
   * Rejects when the person does not confirm.
   */
  sign(messages: readonly Uint8Array[]): Promise<Uint8Array[]>;
}

/** Keys of this device, one pair per host, so that two hosts cannot recognise the same phone. */
export interface KeyStore {
  /** Makes and keeps a new X25519 key; an older one under the same id is replaced. */
  createDhKey(hostId: string): Promise<DhKey>;
  dhKey(hostId: string): Promise<DhKey | undefined>;
  /** Makes and keeps a new approval key. Rejects with `KeyError` where the device cannot protect it. */
  createApprovalKey(hostId: string): Promise<ApprovalKey>;
  approvalKey(hostId: string): Promise<ApprovalKey | undefined>;
  /** Removes every key of the host. Nothing to remove is not an error. */
  forget(hostId: string): Promise<void>;
}

export type KeyErrorCode = 'no-screen-lock' | 'bad-host-id' | 'damaged' | 'bad-public-key';

/** A key could not be made, read or used. `code` says which remedy to offer. */
export class KeyError extends Error {
  readonly code: KeyErrorCode;

  constructor(code: KeyErrorCode, message: string) {
    super(message);
    this.name = 'KeyError';
    this.code = code;
  }
}

/** Host ids become names in the keychain: letters, digits, `-` and `_`, 1 to 128 of them. */
export function assertHostId(hostId: string): void {
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(hostId)) {
    throw new KeyError('bad-host-id', 'A host id has 1 to 128 letters, digits, "-" or "_".');
  }
}
