/** Where sealed records lie. A folder is one pairing; nothing in a name or a value can be read without its key. */
export interface SealedRows {
  get(folder: string, name: string): Promise<Uint8Array | undefined>;
  put(folder: string, name: string, bytes: Uint8Array): Promise<void>;
  /** Removes every record of the pairing. Nothing to remove is not an error. */
  clear(folder: string): Promise<void>;
}

/** Keys of the caches, one for each pairing. Without its key a cache is noise. */
export interface CacheKeys {
  /** Whether half of each key lies on the host, so that nothing opens before the host was heard. */
  readonly needsShare: boolean;
  /** The 32 bytes for a pairing, made at the first use. `share`: the host's half, where one is needed. */
  key(keyId: string, share: Uint8Array | undefined): Promise<Uint8Array | undefined>;
  /** Makes everything that was sealed unreadable. */
  forget(keyId: string): Promise<void>;
}
